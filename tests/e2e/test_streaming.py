"""An answer that grows while it is read, and the Stop button: with a model on loopback that takes its time."""

import pytest

from rag.settings import LLMSettings
from sandbox.client import Message, Sandbox
from tests.e2e.waiting import eventually
from tests.scripted_llm import ScriptedLLM
from workers.answering_job import STOPPED
from workers.replies import STATUS

SECONDS = 30
QUESTION = "@footnote how many days of annual leave do I have?"


@pytest.fixture(scope="module")
def language_model(llm: ScriptedLLM) -> LLMSettings:
    return LLMSettings(base_url=llm.base_url, model="scripted", timeout_seconds=10)


def replies(bot: Sandbox, ts: str) -> list[Message]:
    return [message for message in bot.thread("general", ts) if message.from_app]


def streaming(bot: Sandbox, ts: str) -> bool:
    return any(message.raw.get("streaming_state") == "in_progress" for message in replies(bot, ts))


def test_a_status_then_growing_text_then_the_answer_in_its_place(bot: Sandbox, llm: ScriptedLLM) -> None:
    llm.enqueue([1.0, "You have 25 days of annual leave a year [1]. ", "Up to five ", 1.5, "days can be carried over [1]. ", 1.5, "Ask."])  # fmt: skip
    ts = bot.post("marco", QUESTION, channel="general")
    eventually(lambda: (bot.status("general", ts) or {}).get("status") == STATUS)
    assert replies(bot, ts) == []
    eventually(lambda: streaming(bot, ts))
    (first,) = replies(bot, ts)
    assert "25 days" in first.as_text()
    assert "carried over" not in first.as_text()
    assert bot.status("general", ts) is None
    eventually(lambda: "carried over" in replies(bot, ts)[0].as_text())
    eventually(lambda: not streaming(bot, ts) and replies(bot, ts)[0].buttons())
    (final,) = replies(bot, ts)
    assert final.ts == first.ts
    assert "[1] <https://handbook.example/leave.md" in final.as_text()


def test_stop_ends_the_model_and_the_answer(bot: Sandbox, llm: ScriptedLLM) -> None:
    long = [piece for number in range(60) for piece in (f"You have 25 days of annual leave, that is {number} [1]. ", 0.2)]  # fmt: skip
    llm.enqueue(["You have 25 days of annual leave a year [1]. You ", *long])
    ts = bot.post("marco", QUESTION, channel="general")
    eventually(lambda: streaming(bot, ts))
    bot.stop("marco", channel="general", thread_ts=ts)
    eventually(lambda: "Stopped here" in replies(bot, ts)[0].as_text(), 5)
    (final,) = replies(bot, ts)
    assert "25 days" in final.as_text()
    eventually(lambda: llm.hung_up == 1, 5)


def test_stop_before_the_first_word(bot: Sandbox, llm: ScriptedLLM) -> None:
    llm.enqueue([4.0, "You have 25 days of annual leave a year [1]. You "])
    ts = bot.post("marco", QUESTION, channel="general")
    eventually(lambda: len(llm.requests) and bot.status("general", ts) is not None)
    bot.stop("marco", channel="general", thread_ts=ts)
    eventually(lambda: [message.text for message in replies(bot, ts)] == [STOPPED], 3)


def test_what_the_model_makes_up_is_never_seen(bot: Sandbox, llm: ScriptedLLM) -> None:
    llm.enqueue(["You have 25 days of annual leave a year [1]. You get a car [1]. And ", 1.5, "[a link](https://evil.example) [1]. You ", 1.5, "have 25 days [1]."])  # fmt: skip
    ts = bot.post("marco", QUESTION, channel="general")
    seen: set[str] = set()

    def done() -> bool:
        seen.update(message.as_text() for message in replies(bot, ts))
        return any(message.buttons() for message in replies(bot, ts))

    eventually(done, SECONDS)
    assert any("25 days" in text for text in seen)
    assert not any("car" in text.partition("----")[0] or "evil" in text for text in seen)


def test_in_direct_messages_there_are_prompts_and_a_name_for_what_was_asked(
    bot: Sandbox, llm: ScriptedLLM
) -> None:
    bot.open_home("marco", tab="messages")
    eventually(lambda: bot.workspace()["suggested_prompts"])
    (offered,) = bot.workspace()["suggested_prompts"].values()
    assert 1 <= len(offered["prompts"]) <= 4
    llm.enqueue("You have 25 days of annual leave a year [1].")
    channel, ts = bot.direct("marco", "how many days of annual leave do I have?")
    bot.wait_for_reply(channel, ts, SECONDS)
    titles = [session.get("title") for session in bot.workspace()["sessions"]]
    assert "how many days of annual leave do I have?" in titles
