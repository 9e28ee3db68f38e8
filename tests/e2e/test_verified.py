"""What people know, kept as answers: from a question that the documents do not answer to the next who asks it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine

from bot.answer_form import ANSWER, DELETE, OWNER, QUESTION, REVIEW
from ingestion.catalogue import Catalogue
from ingestion.registered import RegisteredSource
from rag.settings import AnswerSettings, Settings
from sandbox.client import Message, Sandbox
from tests.e2e.test_ask import whispers
from tests.e2e.test_embedded import SECONDS, ask, is_final
from tests.e2e.test_home import home
from tests.e2e.waiting import eventually
from workers.rendering import ASK_PEOPLE
from workers.saving import NOT_A_MEMBER, NOT_HERE, SHARED


@pytest.fixture(scope="module")
def answer_settings() -> AnswerSettings:
    return AnswerSettings(cache_seconds=0, people_channel="C01PEOPLE")


class Team:
    """What people do in the workspace, and which answers the bot keeps."""

    def __init__(self, bot: Sandbox, settings: Settings) -> None:
        self.bot = bot
        self.engine = create_engine(settings.storage.database_url)
        self.catalogue = Catalogue(self.engine, settings.storage.team_id)

    def form(self, user: str, channel: str, ts: str) -> dict[str, Any]:
        """The form that the shortcut opens."""
        self.bot.shortcut(user, "save_as_answer", channel=channel, ts=ts)
        eventually(lambda: self.bot.views(user))
        return self.bot.views(user)[-1]

    def save(self, user: str, channel: str, ts: str, **entered: Any) -> dict[str, Any]:
        answer = self.bot.submit(user, self.form(user, channel, ts)["id"], entered)
        self.bot.close_view(user, self.bot.views(user)[-1]["id"])
        return answer

    def refused(self, user: str, channel: str, ts: str, why: str) -> None:
        before = len(whispers(self.bot, user, channel))
        self.bot.shortcut(user, "save_as_answer", channel=channel, ts=ts)
        eventually(lambda: len(whispers(self.bot, user, channel)) > before)
        assert whispers(self.bot, user, channel)[-1].text == why
        assert self.bot.views(user) == []

    def direct(self, user: str, question: str) -> Message:
        """The answer that this person gets alone."""
        channel, ts = self.bot.direct(user, question)
        return self.bot.wait_for_reply(channel, ts, SECONDS, is_final)

    def source(self, channel: str) -> RegisteredSource:
        [found] = [it for it in self.catalogue.sources() if (it.kind, it.location) == ("answers", channel)]
        return found


@pytest.fixture
def team(bot: Sandbox, settings: Settings) -> Iterator[Team]:
    team = Team(bot, settings)
    yield team
    team.engine.dispose()


def prefilled(view: dict[str, Any]) -> dict[str, Any]:
    return {
        block["block_id"]: next(
            (value for name, value in block["element"].items() if name.startswith("initial_")), None
        )
        for block in view["blocks"]
        if block["type"] == "input"
    }


def test_from_a_question_nobody_wrote_down_to_an_answer_for_all(bot: Sandbox, team: Team) -> None:
    question = "who looks after the espresso machine?"
    lost = ask(bot, question)
    assert ASK_PEOPLE in str(lost.blocks)
    thread = str(lost.thread_ts)
    reply = bot.post(
        "priya",
        "Hanna from facilities, see https://x.example/desk.",
        channel="general",
        thread_ts=thread,
    )
    form = team.form("marco", "general", reply)
    entered = prefilled(form)
    assert entered[QUESTION] == question
    assert entered[ANSWER] == "Hanna from facilities, see https://x.example/desk."
    assert entered[OWNER] == "U01PRIYA"
    assert date.fromisoformat(entered[REVIEW]) > datetime.now(UTC).date() + timedelta(days=150)
    assert "All full members" in str(form["blocks"])
    empty = bot.submit("marco", form["id"], {ANSWER: "   "})
    assert empty["errors"] == {ANSWER: "Please write the answer."}
    assert bot.submit("marco", form["id"])["response_action"] == "update"
    assert "Saved" in str(bot.views("marco")[-1])
    bot.close_view("marco", bot.views("marco")[-1]["id"])

    eventually(
        lambda: "Hanna" in team.direct("ines", "Who takes care of the espresso machine?").as_text(), SECONDS
    )
    answer = team.direct("ines", question)
    assert "Hanna from facilities" in answer.as_text()
    assert f"[1] {question} <" in answer.as_text()
    assert "Verified by priya, today" in answer.as_text()
    assert answer.pings() == []
    links = {url for _, url in answer.links()}
    assert len(links) == 1, "an address in an answer is no link"
    assert f"archives/C01GENERAL/p{thread.replace('.', '')}" in links.pop()
    assert "Hanna" not in team.direct("tom", question).as_text(), "a guest who is not in the channel"
    home(bot, "ines", "Answers from #general")
    assert "Answers from #general" not in home(bot, "tom", "What I know that you may read")


def test_it_comes_before_a_document_on_the_same_and_not_before_one_on_another(
    bot: Sandbox, team: Team
) -> None:
    asked = bot.post("ines", "where do I park my bicycle?", channel="general")
    reply = bot.post("marco", "In the shed behind the bakery since June.", channel="general", thread_ts=asked)
    team.save("ines", "general", reply)
    eventually(lambda: "shed" in team.direct("priya", "where do I park my bicycle?").as_text(), SECONDS)
    answer = team.direct("priya", "where can I park my bicycle?").as_text()
    assert "In the shed behind the bakery since June." in answer
    assert "[1] where do I park my bicycle? <" in answer
    unrelated = team.direct("priya", "how many days of annual leave do I have?").as_text()
    assert "[1] Annual leave <" in unrelated
    assert "shed" not in unrelated


def test_what_is_saved_in_a_private_channel_is_read_by_its_members(bot: Sandbox, team: Team) -> None:
    asked = bot.post(
        "ines", "<@U01FOOTNOTE> what is the name of the merger project?", channel="people-private"
    )
    bot.wait_for_reply("people-private", asked, SECONDS, is_final)
    reply = bot.post(
        "ines", "The merger project is called Heliotrope.", channel="people-private", thread_ts=asked
    )
    form = team.form("ines", "people-private", reply)
    assert prefilled(form)[QUESTION] == "what is the name of the merger project?"
    assert "members of this private channel" in str(form["blocks"])
    bot.submit("ines", form["id"])
    bot.close_view("ines", bot.views("ines")[-1]["id"])
    question = "what is the name of the merger project?"
    eventually(lambda: "Heliotrope" in team.direct("priya", question).as_text(), SECONDS)
    for outsider in ("marco", "tom"):
        assert "Heliotrope" not in team.direct(outsider, question).as_text()
    assert "Heliotrope" not in ask(bot, question).as_text(), "in a channel where others read along"
    assert team.source("C01PEOPLE").readers == {"channel:C01PEOPLE"}


def test_the_question_that_was_handed_on_is_the_one_that_is_answered(bot: Sandbox, team: Team) -> None:
    question = "who repairs the sundial in Reykjavik?"
    lost = ask(bot, question)
    bot.click("marco", ASK_PEOPLE, channel="general", ts=lost.ts)

    def requests() -> list[Message]:
        return [it for it in bot.channel("people-private") if it.from_app and question in it.as_text()]

    eventually(requests)
    request = requests()[-1]
    reply = bot.post("priya", "The clockmaker, Jón.", channel="people-private", thread_ts=request.ts)
    assert prefilled(team.form("priya", "people-private", reply))[QUESTION] == question
    bot.close_view("priya", bot.views("priya")[-1]["id"])


def test_an_answer_of_the_bot_is_saved_without_its_marks(bot: Sandbox, team: Team) -> None:
    reply = ask(bot, "how many days of annual leave do I have?")
    entered = prefilled(team.form("priya", "general", reply.ts))
    assert entered[QUESTION] == "how many days of annual leave do I have?"
    assert "25 days of annual leave" in entered[ANSWER]
    assert "[1]" not in entered[ANSWER]
    assert entered[OWNER] == "U01PRIYA", "the bot answers for nothing"
    bot.close_view("priya", bot.views("priya")[-1]["id"])


def test_it_can_be_changed_and_deleted_by_the_same_message(bot: Sandbox, team: Team) -> None:
    question = "what is the word for the garden gate?"
    asked = bot.post("ines", question, channel="general")
    reply = bot.post("marco", "The word is Wisteria.", channel="general", thread_ts=asked)
    team.save("ines", "general", reply)
    eventually(lambda: "Wisteria" in team.direct("priya", question).as_text(), SECONDS)

    form = team.form("priya", "general", reply)
    assert prefilled(form)[ANSWER] == "The word is Wisteria."
    bot.submit("priya", form["id"], {ANSWER: "The word is Clematis.", OWNER: "U01INES", REVIEW: "2099-01-01"})
    bot.close_view("priya", bot.views("priya")[-1]["id"])
    eventually(lambda: "Clematis" in team.direct("priya", question).as_text(), SECONDS)
    changed = team.direct("priya", question).as_text()
    assert "Wisteria" not in changed
    assert "Verified by ines, today" in changed
    assert prefilled(team.form("priya", "general", reply))[REVIEW] == "2099-01-01"
    bot.close_view("priya", bot.views("priya")[-1]["id"])

    team.save("priya", "general", reply, **{DELETE: [DELETE]})
    eventually(lambda: "Clematis" not in team.direct("priya", question).as_text(), SECONDS)


def test_what_is_saved_in_a_direct_message_is_for_its_two(bot: Sandbox, team: Team) -> None:
    question = "which seat is mine in the reading room?"
    channel, ts = bot.direct("ines", question)
    bot.wait_for_reply(channel, ts, SECONDS, is_final)
    note = bot.post("ines", "The green armchair, number nine.", channel=channel, thread_ts=ts)
    team.save("ines", channel, note)
    assert team.source(channel).readers == {f"channel:{channel}"}
    eventually(lambda: "armchair" in team.direct("ines", question).as_text(), SECONDS)
    assert "armchair" not in team.direct("priya", question).as_text()
    assert "armchair" not in ask(bot, question, user="ines").as_text()


def test_who_may_not_is_told_so_alone(bot: Sandbox, team: Team) -> None:
    ts = bot.post("priya", "The kitchen closes at three.", channel="ask-footnote")
    team.refused("tom", "ask-footnote", ts, NOT_A_MEMBER)
    partners = bot.post("marco", "Deliveries come on Monday.", channel="partners")
    team.refused("dana", "partners", partners, NOT_A_MEMBER)
    team.refused("marco", "partners", partners, SHARED)
    hidden = bot.add_channel("cellar", members=["ines", "marco"], kind="private")
    whisper = bot.post("ines", "Nobody invited the bot.", channel=hidden)
    team.refused("marco", hidden, whisper, NOT_HERE)
    assert all(it.location not in {hidden, "C01PARTNERS"} for it in team.catalogue.sources())


def test_a_channel_made_private_takes_its_answers_with_it(bot: Sandbox, team: Team) -> None:
    channel = bot.add_channel("roof", members=["ines", "footnote"])
    question = "what grows on the roof of the boat house?"
    asked = bot.post("ines", question, channel=channel)
    reply = bot.post("ines", "Sedum and thyme.", channel=channel, thread_ts=asked)
    team.save("ines", channel, reply)
    eventually(lambda: "Sedum" in team.direct("priya", question).as_text(), SECONDS)
    bot.change_channel("roof", kind="private")
    second = bot.post("ines", "The ladder is in the shed.", channel=channel, thread_ts=asked)
    team.save("ines", channel, second, **{QUESTION: "where is the ladder?"})
    eventually(lambda: team.source(channel).readers == {f"channel:{channel}"}, SECONDS)
    eventually(lambda: "Sedum" not in team.direct("priya", question).as_text(), SECONDS)
    assert "Sedum" in ask(bot, question, channel=channel, user="ines").as_text()
