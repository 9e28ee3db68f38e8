"""The playground in a workspace: an admin tries a question for themselves, a guest and a channel, and looks at a chunk."""

from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask
from tests.e2e.waiting import eventually
from workers.admin.explaining_words import SHOW_CHUNK, TRYING

ADMIN = "footnote-admin"


def tried(bot: Sandbox, text: str) -> Message:
    """The result, when it stands in the place of the first message."""
    ts = bot.post("ines", f"@footnote test {text}", channel=ADMIN)
    bot.wait_for_reply(ADMIN, ts, SECONDS)

    def result() -> list[Message]:
        return [
            one
            for one in bot.thread(ADMIN, ts)
            if one.from_app and one.ephemeral is None and one.text != TRYING
        ]

    eventually(lambda: bool(result()), SECONDS)
    [one] = result()
    return one


def test_a_question_is_tried_for_several_readers_and_a_chunk_is_shown(bot: Sandbox) -> None:
    question = "how many days of annual leave do I have?"
    own = tried(bot, f'"{question}"')
    text = own.as_text()
    assert "Tried for Ines" in text or "Tried for ines" in text
    assert "I would answer: the confidence" in text
    for heading in ("meaning", "words", "fused", "final"):
        assert heading in text
    assert "read by members" in text
    cited = {url for _, url in ask(bot, question).links()}
    assert cited & {url for _, url in own.links()}, "what is answered from is among what was found"

    bot.click("ines", f"{SHOW_CHUNK}_1", channel=ADMIN, ts=own.ts)
    eventually(
        lambda: (
            any(one.ephemeral and "as indexed" in one.as_text() for one in bot.channel(ADMIN))
            or any(
                one.ephemeral and "as indexed" in one.as_text()
                for one in bot.thread(ADMIN, own.raw["thread_ts"])
            )
        ),
        SECONDS,
    )

    assert "[1]" in own.as_text()
    guest = tried(bot, f'"{question}" as @tom').as_text()
    assert "I would say that I found no answer" in guest
    assert "not for them: you may read it, they may not" in guest
    assert "[1]" not in guest

    assert "all of #C01GENERAL" in tried(bot, f'"{question}" in #general').as_text()
    trail = bot.wait_for_reply(ADMIN, bot.post("ines", "@footnote audit", channel=ADMIN), SECONDS).as_text()
    assert "ines: test U01TOM" in trail
    assert "ines: show chunk U01INES" in trail
