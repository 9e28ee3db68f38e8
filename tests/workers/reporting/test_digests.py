"""The digest: once a week whatever dies in between, where an admin asks for it, and nothing in it that not all admins may see."""

from dataclasses import replace

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, select, update

from ingestion.catalogue import Catalogue
from rag.database import now, transaction
from rag.domain import Answer, Citation, Outcome
from rag.errors import SlackUnavailable
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from tests.fakes import WordEmbedder
from workers.access import SlackAccess
from workers.admin.admin_sight import AdminSight
from workers.asked import Incoming
from workers.feedback import Feedback, Vote
from workers.ledger import Ledger
from workers.reporting.digest import DigestReader
from workers.reporting.digest_words import ADD_SOURCE, NOTHING, WRITE_ANSWER
from workers.reporting.digests import Digests, want_digest
from workers.reporting.report_book import ReportBook, reports
from workers.reporting.report_posting import ReportPosting
from workers.reporting.reports import Reports, Standings
from workers.reporting.usage import Usage
from workers.reporting.weekly import Weekly
from workers.tables import feedback, questions

ADMIN, DAY = "C01ADMIN", 86_400
LOST = Answer("I did not find it.", Outcome.NOT_FOUND)


class Week:
    """A week of questions; the time of the digest was an hour ago."""

    def __init__(self, server: SandboxServer, sandbox: Sandbox, engine: Engine) -> None:
        self.sandbox, self.engine = sandbox, engine
        self.client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
        self.book, self.catalogue = ReportBook(engine, "T"), Catalogue(engine, "T")
        self.ledger, self.feedback = Ledger(engine), Feedback(engine)
        with transaction(engine) as connection:
            self.at = float(connection.execute(select(now())).scalar_one())
        self.weekly = Weekly(0)
        self.due(self.at - 3600)
        self.number = 0

    def due(self, at: float) -> None:
        self.weekly = Weekly(int((at - 4 * DAY) % (7 * DAY)))

    def ask(self, text: str, answer: Answer = LOST, *, channel: str = "C01GENERAL", **more: str) -> str:
        self.number += 1
        ts = more.pop("ts", f"{self.number}.5")
        asked = Incoming("T01FERNWAY", channel, ts, more.pop("thread_ts", ts), "U01MARCO", text)
        id_ = self.ledger.accept(replace(asked, **more), answer).question_id  # type: ignore[arg-type]
        with transaction(self.engine) as connection:
            one = questions.c.id == id_
            connection.execute(update(questions).where(one).values(accepted_at=now() - 2 * DAY + self.number))
        return id_

    def rate(self, question_id: str, rating: int, **why: str) -> None:
        self.feedback.rate(Vote(question_id, "U01PRIYA", "T01FERNWAY", "C01GENERAL"), rating)  # type: ignore[arg-type]
        if why:
            self.feedback.explain(question_id, "U01PRIYA", reason=why["reason"], comment=why["comment"])
        with transaction(self.engine) as connection:
            connection.execute(update(feedback).values(rated_at=now() - 2 * DAY))

    def sweep(self, times: int = 1, channel: str = ADMIN, *, weekly: bool = True) -> None:
        """By as many processes."""
        for _ in range(times):
            posting = ReportPosting(self.book, self.client, channel)
            standings, usage = Standings(self.engine, self.catalogue), Usage(self.engine, "T")
            Reports(posting, standings, usage, frozenset, self.engine).sweep()
            sight = AdminSight(self.client, SlackAccess(self.client, team_id="T"), channel)
            reader = DigestReader(self.engine, self.catalogue, sight, WordEmbedder().embed_passages)
            Digests(posting, reader.read, self.weekly if weekly else None, self.engine).sweep()

    def earlier(self, seconds: float, column: str = "told_at") -> None:
        with transaction(self.engine) as connection:
            connection.execute(update(reports).values({column: reports.c[column] - seconds}))

    def told(self) -> list[Message]:
        return [one for one in self.sandbox.channel("footnote-admin") if one.from_app]

    def digest(self) -> str:
        self.sweep(2)
        [only] = self.told()
        return only.as_text()


@pytest.fixture
def week(server: SandboxServer, sandbox: Sandbox, engine: Engine) -> Week:
    return Week(server, sandbox, engine)


def test_a_week_in_numbers_with_what_is_missing_and_what_was_not_liked(week: Week) -> None:
    good = week.ask("how many days?", Answer("25", Outcome.ANSWERED))
    bad = week.ask("how much per day?", Answer("5", Outcome.ANSWERED))
    for text in ("per diem for tokyo", "what is the per diem for tokyo", "who runs the chess club"):
        week.ask(text)
    week.rate(good, 1)
    week.rate(bad, -1, reason="outdated", comment="it is 6 <!channel> now")
    text = week.digest()
    for expected in (
        *("5 questions", "40% answered", "3 not in the documents", "1 found helpful, 1 not"),
        *("what is the per diem for tokyo", "2 times", "who runs the chess club"),
        *("how much per day?", "It is out of date: “it is 6 <!channel> now”"),
    ):
        assert expected in text
    assert "how many days?" not in text
    [message] = week.told()
    assert message.pings() == []
    assert [one["action_id"] for one in message.buttons()] == [ADD_SOURCE, WRITE_ANSWER] * 2
    assert any("archives/C01GENERAL/p" in url for _, url in message.links())


def test_it_is_posted_once_a_week_though_the_setting_changes(week: Week) -> None:
    week.ask("who runs the chess club")
    week.sweep(3)
    assert len(week.told()) == 1
    week.due(week.at - 1800 - DAY / 2)
    week.sweep(2)
    assert len(week.told()) == 1
    week.earlier(6 * DAY)
    week.due(week.at - 60)
    with transaction(week.engine) as connection:
        connection.execute(update(reports).values(subject="digest-of:2020-01-06"))
    week.sweep(2)
    assert len(week.told()) == 2


@pytest.mark.parametrize("stands", [True, False])
def test_whoever_dies_while_posting_posts_nothing_twice(week: Week, stands: bool) -> None:
    week.ask("who runs the chess club")
    fault = {"kind": "drop_reply"} if stands else {"kind": "error", "error": "internal_error"}
    week.sandbox.fault(**fault, method="chat.postMessage")
    week.sweep()
    week.sandbox.clear_faults()
    week.sweep(2)
    assert len(week.told()) == stands
    week.earlier(61, "take_after")
    week.sweep(3)
    assert len(week.told()) == 1


def test_a_quiet_week_is_passed_over(week: Week) -> None:
    week.sweep(2)
    week.ask("asked after that")
    week.sweep(2)
    assert week.told() == []


def test_a_time_that_nobody_was_there_for_is_passed_over(week: Week) -> None:
    week.ask("who runs the chess club")
    week.due(week.at - 2 * DAY)
    week.sweep(2)
    week.sweep(2, weekly=False)
    week.sweep(2, channel="")
    assert week.told() == []


def test_what_was_asked_in_private_is_counted_and_not_told(week: Week) -> None:
    week.ask("in a private channel", channel="C01PEOPLE")
    week.ask("in private by command", response_url="https://hooks.example/1", ts="1:2")
    week.ask("in direct messages", channel=week.sandbox.direct("priya", "hello")[0])
    secret = week.ask("rated in private", Answer("5", Outcome.ANSWERED), channel="C01PEOPLE")
    week.feedback.rate(Vote(secret, "U01PRIYA", "T01FERNWAY", "C01PEOPLE"), -1)
    week.rate(secret, -1, reason="wrong", comment="a secret comment")
    week.ask("who runs the chess club")
    week.ask("asked by admins themselves", channel=ADMIN)
    text = week.digest()
    assert "who runs the chess club" in text
    assert "asked by admins themselves" in text
    assert "3 questions asked in private" in text
    assert "1 answer given in private" in text
    for words in ("in a private channel", "by command", "in direct messages", "rated in", "secret comment"):
        assert words not in text


@pytest.mark.parametrize("how", ["guest", "unknown"])
def test_where_not_all_admins_may_see_a_channel_its_questions_are_not_told(week: Week, how: str) -> None:
    week.ask("who runs the chess club", channel="C01GENERAL" if how == "guest" else "C0NOWHERE")
    week.ask("asked by admins themselves", channel=ADMIN)
    if how == "guest":
        week.sandbox.join("tom", "footnote-admin")
    text = week.digest()
    assert "asked by admins themselves" in text
    assert "chess" not in text


@pytest.mark.parametrize("readers", ["members", "channel:C01PEOPLE"])
def test_the_closest_page_is_one_that_all_admins_may_read(week: Week, readers: str) -> None:
    place = {"kind": "web", "location": "https://w.example", "every_seconds": None}
    source = week.catalogue.add_source("wiki", readers={readers}, **place)  # type: ignore[arg-type]
    near = Citation(1, "d", "Clubs", (), "https://w.example/clubs", source_id=source.id)
    week.ask("who runs the chess club", replace(LOST, citations=(near,)))
    assert ("closest page: Clubs" in week.digest()) == (readers == "members")


def test_what_was_withdrawn_or_not_asked_of_us_is_not_in_it(week: Week) -> None:
    week.ask("who runs the chess club")
    gone = week.ledger.asked(week.ask("deleted words"))
    assert gone is not None
    week.ledger.withdraw(gone.team_id, gone.channel_id, gone.ts)
    week.ask("overheard words", unasked=True)  # type: ignore[arg-type]
    text = week.digest()
    assert "1 question  ·" in text
    assert "words" not in text


def test_who_asks_for_it_gets_it_in_their_thread_once(week: Week) -> None:
    asked = week.sandbox.post("ines", "digest", channel="footnote-admin")
    for _ in range(2):
        want_digest(week.book, asked_ts=asked, thread_ts=asked)
    week.sweep(3, weekly=False)
    [told] = [one for one in week.sandbox.thread("footnote-admin", asked) if one.from_app]
    assert NOTHING in told.as_text()
    assert week.told() == [] or [one.ts for one in week.told()] == [told.ts]


def test_slack_away_leaves_it_to_the_next_sweep(week: Week) -> None:
    week.ask("who runs the chess club")
    week.sandbox.fault("error", "conversations.info", error="internal_error")
    with pytest.raises(SlackUnavailable):
        week.sweep()
    week.sandbox.clear_faults()
    week.sweep(2)
    assert len(week.told()) == 1
