"""Reports in the admin channel: each once, whatever dies in between, and never noise."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, select, update

from ingestion.catalogue import Catalogue, CataloguedDocument, sources
from ingestion.report import SyncReport
from ingestion.run_table import runs
from ingestion.runs import ATTEMPTS, Runs
from ingestion.stock import UNSETTLED
from rag.database import now, transaction
from rag.domain import Answer, Citation, Outcome
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.asked import Incoming
from workers.ledger import Ledger
from workers.reporting.report_book import ReportBook, reports
from workers.reporting.report_posting import EVENT_TYPE, ReportPosting
from workers.reporting.reports import Reports, Standings
from workers.reporting.usage import Usage
from workers.tables import answers

ADMIN, DAY = "C01ADMIN", 86_400


class Morning:
    """A source "wiki" that is synced every hour, and sweeps by any number of processes."""

    def __init__(self, server: SandboxServer, sandbox: Sandbox, engine: Engine) -> None:
        self.sandbox, self.engine = sandbox, engine
        self.readers: frozenset[str] = frozenset({"public", "members"})
        self.client = WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)
        self.book = ReportBook(engine, "T")
        self.catalogue, self.runs = Catalogue(engine, "T"), Runs(engine, "T")
        self.wiki = self.add("wiki")

    def add(self, name: str) -> str:
        source = self.catalogue.add_source(
            name, kind="web", location=f"https://{name}.example", readers={"members"}, every_seconds=3600
        )
        self.catalogue.synced(source.id)
        return source.id

    def sweep(self, times: int = 1, channel: str = ADMIN) -> None:
        for _ in range(times):
            posting = ReportPosting(self.book, self.client, channel)
            standings, usage = Standings(self.engine, self.catalogue), Usage(self.engine, "T")
            Reports(posting, standings, usage, lambda: self.readers, self.engine).sweep()

    def sync(self, source_id: str = "", *, error: str | None = None) -> None:
        run = self.runs.request(source_id or self.wiki, "sync", "test")
        assert self.runs.claim(run.id, owner="o", lease_seconds=30)
        self.runs.finish(run.id, owner="o", report=SyncReport(), error=error)
        if error is None:
            self.catalogue.synced(source_id or self.wiki)

    def failing(self, *ids: str, layout: str = "settled") -> None:
        for id_ in ids:
            document = CataloguedDocument(
                id_, id_, f"https://wiki.example/{id_}", "1", layout, 0, failure="is encrypted", failures=3
            )
            self.catalogue.record(self.wiki, document)

    def earlier(self, seconds: float = DAY, column: str = "told_at") -> None:
        """All that was told was told so long before."""
        with transaction(self.engine) as connection:
            connection.execute(update(reports).values({column: reports.c[column] - seconds}))

    def late(self, source_id: str = "") -> None:
        one = sources.c.id == (source_id or self.wiki)
        with transaction(self.engine) as connection:
            connection.execute(update(sources).where(one).values(synced_at=now() - 3 * 3600))

    def told(self) -> list[Message]:
        """All reports, those in threads too, in order."""
        channel = [one for one in self.sandbox.channel("footnote-admin") if one.from_app]
        heads = [one for one in channel if one.thread_ts in (None, one.ts)]
        threads = [one for head in heads for one in self.sandbox.thread("footnote-admin", head.ts)]
        return sorted({one.ts: one for one in (*heads, *threads)}.values(), key=lambda one: one.ts)

    def texts(self) -> list[str]:
        return [one.as_text() for one in self.told()]


@pytest.fixture
def morning(server: SandboxServer, sandbox: Sandbox, engine: Engine) -> Morning:
    return Morning(server, sandbox, engine)


def test_all_is_well_and_nobody_is_told(morning: Morning) -> None:
    morning.sync()
    morning.sweep(3)
    assert morning.told() == []


def test_without_an_admin_channel_nobody_is_told(morning: Morning) -> None:
    morning.sync(error="The site does not answer.")
    before = len(morning.sandbox.calls())
    morning.sweep(3, channel="")
    assert len(morning.sandbox.calls()) == before


def test_a_failure_is_told_once_and_that_it_works_again_in_its_thread(morning: Morning) -> None:
    morning.sync()
    morning.sync(error="The site asks for a password <!channel>")
    morning.sweep(3)
    morning.sync(error="The site asks for a password")
    morning.sweep(2)
    [failed] = morning.told()
    assert (
        "wiki could not be read: The site asks for a password <!channel>. I answer from" in failed.as_text()
    )
    assert failed.pings() == []
    morning.sync()
    morning.sweep(3)
    assert ["works again" in text for text in morning.texts()] == [False, True]
    assert morning.told()[1].thread_ts == failed.ts
    morning.sync(error="It comes and goes")
    morning.sweep(2)
    assert len(morning.sandbox.channel("footnote-admin")) == 1, "within a day in the thread alone"
    morning.sync()
    morning.sweep(2)
    morning.earlier(DAY + 1)
    morning.sync(error="Gone again")
    morning.sweep(3)
    again = morning.told()[4]
    assert "Gone again." in again.as_text()
    assert again.thread_ts == failed.ts
    assert again.ts in {one.ts for one in morning.sandbox.channel("footnote-admin")}, "seen in the channel"


def test_what_waits_for_another_try_is_told_when_that_goes_on(morning: Morning) -> None:
    run = morning.runs.request(morning.wiki, "sync", "test")
    for attempt in range(1, ATTEMPTS + 1):
        assert morning.runs.claim(run.id, owner="o", lease_seconds=30)
        morning.runs.put_off(run.id, owner="o", error="The site is away")
        with transaction(morning.engine) as connection:
            connection.execute(update(runs).values(finished_at=now() - DAY))
        morning.sweep()
        assert len(morning.told()) == (attempt == ATTEMPTS)
    assert morning.runs.claim(run.id, owner="o", lease_seconds=30)
    morning.sweep(2)
    assert len(morning.told()) == 1, "being tried again is not yet a success"
    morning.runs.finish(run.id, owner="o", report=SyncReport())
    morning.sweep(2)
    assert "works again" in morning.texts()[1]


def test_a_source_that_is_late_is_told_once_for_each_time(morning: Morning) -> None:
    morning.late()
    morning.sweep(3)
    [late] = morning.texts()
    assert "wiki is late: last read" in late
    assert "every 1 h" in late
    morning.catalogue.synced(morning.wiki)
    morning.sweep(2)
    morning.late()
    morning.sweep(2)
    assert ["works again" in text for text in morning.texts()] == [False, True, False]
    assert len({one.thread_ts or one.ts for one in morning.told()}) == 1


def test_the_end_of_a_failure_is_told_once_though_it_made_the_source_late(morning: Morning) -> None:
    morning.late()
    morning.sync(error="Away")
    morning.sweep(3)
    morning.sync()
    morning.sweep(3)
    assert ["works again" in text for text in morning.texts()] == [False, False, True]


def test_that_all_documents_can_be_read_again_is_told_once(morning: Morning) -> None:
    morning.failing("a.pdf")
    morning.sweep()
    morning.catalogue.record(
        morning.wiki, CataloguedDocument("a.pdf", "a", "https://wiki.example/a", "2", "settled", 1)
    )
    morning.sweep(3)
    assert ["all its documents can be read" in text for text in morning.texts()] == [False, True]


def test_who_knows_of_the_failure_is_not_called_again_for_the_delay(morning: Morning) -> None:
    morning.sync(error="Away")
    morning.sweep()
    morning.late()
    morning.sweep(2)
    late = morning.told()[1]
    assert "is late" in late.as_text()
    assert late.ts not in {one.ts for one in morning.sandbox.channel("footnote-admin")}


def test_what_is_paused_or_removed_is_not_told_of(morning: Morning) -> None:
    morning.sync(error="Away")
    morning.catalogue.pause(morning.wiki)
    morning.sweep(2)
    assert morning.told() == []
    morning.catalogue.resume(morning.wiki)
    morning.sweep()
    assert len(morning.book.all()) == 1
    morning.catalogue.drop(morning.wiki)
    morning.sweep()
    assert morning.book.all() == {}


def test_documents_that_stay_unread_are_told_once_with_reasons_and_once_a_day(morning: Morning) -> None:
    morning.failing(*(f"{number:02}.pdf" for number in range(12)))
    morning.failing("tried-again.pdf", layout=UNSETTLED)
    morning.sweep(2)
    [told] = morning.texts()
    assert "12 documents of wiki" in told
    assert "00.pdf is encrypted" in told
    assert "and 2 more: show wiki" in told
    assert "tried-again" not in told
    morning.failing("new.pdf")
    morning.sweep(2)
    assert len(morning.told()) == 1
    morning.earlier()
    morning.sweep(2)
    assert "a document of wiki" in morning.texts()[1]
    assert "new.pdf" in morning.texts()[1]
    morning.earlier()
    morning.sweep(2)
    assert len(morning.told()) == 2


def test_a_document_that_fails_again_is_told_of_again(morning: Morning) -> None:
    morning.failing("a.pdf", "b.pdf")
    morning.sweep()
    good = CataloguedDocument("a.pdf", "a", "https://wiki.example/a", "2", "settled", 1)
    morning.catalogue.record(morning.wiki, good)
    morning.failing("c.pdf")
    morning.earlier()
    morning.sweep()
    morning.failing("a.pdf")
    morning.earlier()
    morning.sweep(2)
    assert ["a.pdf" in text for text in morning.texts()] == [True, False, True]


def test_one_message_a_sweep_and_a_thread_for_each_source(morning: Morning) -> None:
    other = morning.add("docs")
    morning.sync(error="Away")
    morning.sync(other, error="Away")
    morning.failing("a.pdf")
    for expected in (1, 2, 3, 3):
        morning.sweep()
        assert len(morning.told()) == expected
    heads = [one for one in morning.told() if one.thread_ts in (None, one.ts)]
    assert len(heads) == 2


@pytest.mark.parametrize("stands", [True, False])
def test_whoever_dies_while_posting_tells_nothing_twice(morning: Morning, stands: bool) -> None:
    morning.sync(error="Away")
    fault = {"kind": "drop_reply"} if stands else {"kind": "error", "error": "internal_error"}
    morning.sandbox.fault(**fault, method="chat.postMessage")
    morning.sweep()
    morning.sandbox.clear_faults()
    morning.sweep(2)
    assert len(morning.told()) == stands
    morning.earlier(61, "take_after")
    morning.sweep(2)
    [message] = morning.told()
    [told] = morning.book.all().values()
    assert told.thread_ts == message.ts
    morning.sync()
    morning.sweep(2)
    assert "works again" in morning.texts()[1]


def test_what_others_write_as_our_mark_is_not_taken_for_a_report(
    morning: Morning, server: SandboxServer
) -> None:
    other = morning.sandbox.add_app("other")
    morning.sandbox.join("other", "footnote-admin")
    theirs = WebClient(token=other["bot_token"], base_url=server.api_url, retry_handlers=[], timeout=3)
    morning.sync(error="Away")
    morning.sandbox.fault("error", "chat.postMessage", error="internal_error")
    morning.sweep()
    [run] = morning.runs.latest().values()
    event = f"failed:{run.requested_at.timestamp():017.6f}"
    payload = {"subject": morning.wiki, "topic": "sync", "event": event}
    mark = {"event_type": EVENT_TYPE, "event_payload": payload}
    posted: Any = theirs.chat_postMessage(channel=ADMIN, text="hello", metadata=mark)
    morning.earlier(61, "take_after")
    morning.sweep(2)
    ours = [one for one in morning.told() if one.ts != posted["ts"]]
    assert len(ours) == 1


def test_a_thread_that_was_deleted_is_begun_anew(morning: Morning) -> None:
    morning.sync(error="Away")
    morning.sweep()
    [head] = morning.told()
    morning.client.chat_delete(channel=ADMIN, ts=head.ts)
    morning.sync()
    morning.sweep(2)
    morning.earlier(61, "take_after")
    morning.sweep(2)
    [again] = morning.told()
    assert "works again" in again.as_text()


def test_two_processes_tell_it_once(morning: Morning) -> None:
    morning.sync(error="Away")
    first, second = ReportBook(morning.engine, "T"), ReportBook(morning.engine, "T")
    morning.sweep()
    [key] = morning.book.all()
    with transaction(morning.engine) as connection:
        connection.execute(update(reports).values(event="", take_after=0.0))
    assert first.take(key, "failed:1", ()) is not None
    assert second.take(key, "failed:1", ()) is None


@pytest.fixture
def old(morning: Morning) -> Morning:
    """Five answers that rest on an old page, and on one of today."""
    with transaction(morning.engine) as connection:
        at = float(connection.execute(select(now())).scalar_one())
    ledger = Ledger(morning.engine)
    for id_, days in (("old", 500), ("new", 1)):
        document = CataloguedDocument(id_, f"The {id_} page", f"https://w.example/{id_}", "1", "x", 1)
        updated = replace(document, updated_at=datetime.fromtimestamp(at - days * DAY, UTC))
        morning.catalogue.record(morning.wiki, updated)
    cited = [
        Citation(number, id_, id_, (), f"https://w.example/{id_}#x", source_id=morning.wiki)
        for number, id_ in enumerate(("old", "new"), 1)
    ]
    for number in range(5):
        ts = f"{number}.5"
        asked = Incoming("T01FERNWAY", "C01GENERAL", ts, ts, "U01MARCO", "secret words?")
        ledger.accept(asked, Answer("So. [1][2]", Outcome.ANSWERED, tuple(cited)))
    with transaction(morning.engine) as connection:
        connection.execute(update(answers).values(stored_at=now() - 3600))
    return morning


def test_old_pages_that_many_answers_rest_on_are_told_once_and_once_a_week(old: Morning) -> None:
    old.sweep(3)
    [told] = old.texts()
    assert "The old page" in told
    assert "1 year ago" in told
    assert "5 answers this month" in told
    assert "The new page" not in told
    assert "secret" not in told
    old.earlier(8 * DAY)
    old.sweep(2)
    assert len(old.told()) == 1


def test_an_old_page_that_not_all_admins_may_read_is_not_told_of(old: Morning) -> None:
    old.readers = frozenset({"public"})
    old.sweep(2)
    assert old.told() == []


def test_how_much_each_source_is_used(old: Morning) -> None:
    used = Usage(old.engine, "T").of_sources()[old.wiki]
    assert (used.questions, used.old_documents) == (5, 1)


def test_nothing_of_it_is_logged_but_what_it_is_about(morning: Morning, caplog: Any) -> None:
    caplog.set_level("INFO")
    morning.sync(error="secret words")
    morning.sweep()
    assert "reported topic=sync" in caplog.text
    assert "secret" not in caplog.text
