"""A workspace that took the app out is forgotten, others are not. On both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.database import metadata, transaction
from rag.domain import Answer, Outcome
from rag.errors import DatabaseUnavailable
from workers.admin.audit import Audit
from workers.asked import File, Incoming
from workers.channels import Channels, ChannelSettings
from workers.feedback import Feedback, Vote
from workers.ledger import Ledger
from workers.privacy.erasing import SOMEBODY
from workers.privacy.purging import Purging
from workers.privacy.retention import Retention
from workers.reporting.digests import want_digest
from workers.reporting.report_book import ReportBook
from workers.tables import questions

ANSWER = Answer("25 days.", Outcome.ANSWERED)


def ask(engine: Engine, ts: str, *, team: str = "T0GONE", answer: Answer | None = ANSWER) -> str:
    asked = Incoming(
        team, "C1", ts, ts, "U0INES", "secret?", "https://hooks.example/", files=(File("F1", "x"),)
    )
    question_id = Ledger(engine).accept(asked, answer).question_id
    Feedback(engine).rate(Vote(question_id, "U0INES", team, "C1"), 1)
    return question_id


def everything(engine: Engine) -> str:
    with transaction(engine) as connection:
        return "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


@pytest.fixture
def purging(engine: Engine) -> Purging:
    return Purging(engine, "T")


def test_nothing_of_it_is_left_at_once_and_no_row_after_the_sweep(engine: Engine, purging: Purging) -> None:
    for number in range(3):
        ask(engine, f"{number}.5")
    Channels(engine, "T").put("C1", ChannelSettings(auto_answer=0.5), by="U0INES")
    source = Catalogue(engine, "T").add_source("a", kind="folder", location="/", readers=["members"])
    Runs(engine, "T").request(source.id, "sync", "U0INES")
    want_digest(ReportBook(engine, "T"), asked_ts="9.5", thread_ts="9.5")
    assert purging.purge("T0GONE") == 3
    for trace in ("U0INES", "secret", "25 days", "hooks.example", "F1"):
        assert trace not in everything(engine)
    assert Runs(engine, "T").latest()[source.id].requested_by == SOMEBODY
    assert ReportBook(engine, "T").all() == {}
    assert purging.purge("T0GONE") == 0, "app_uninstalled and tokens_revoked come both"
    (entry,) = Audit(engine, "T").latest()
    assert (entry.user_id, entry.action, entry.subject) == ("slack", "purge", "T0GONE")
    assert entry.after == {"questions": 3, "channels": 1}
    assert Retention(engine, 0).sweep() == 3
    with transaction(engine) as connection:
        assert connection.execute(select(questions)).all() == []


def test_other_workspaces_and_who_asked_for_runs_without_being_in_slack_stay(
    engine: Engine, purging: Purging
) -> None:
    stays = ask(engine, "1.5", team="T0STAYS")
    Channels(engine, "T2").put("C1", ChannelSettings(auto_answer=0.5), by="U0INES")
    source = Catalogue(engine, "T").add_source("a", kind="folder", location="/", readers=["members"])
    Runs(engine, "T").request(source.id, "sync", "schedule")
    assert purging.purge("T0GONE") == 0
    assert Ledger(engine).asked(stays) is not None
    assert list(Channels(engine, "T2").all()) == ["C1"]
    assert Runs(engine, "T").latest()[source.id].requested_by == "schedule"
    assert Audit(engine, "T").latest() == []


def test_what_is_being_answered_is_lost_to_its_worker(engine: Engine, purging: Purging) -> None:
    ledger = Ledger(engine)
    claimed = ledger.claim(ask(engine, "1.5", answer=None), lease_seconds=30)
    assert claimed is not None
    purging.purge("T0GONE")
    assert ledger.standing(claimed) == "lost"
    assert not ledger.store_answer(claimed, ANSWER)
    assert not ledger.finish(claimed)
    assert ledger.due(quiet_seconds=0, limit=10) == []
    Retention(engine, 180).sweep()
    assert not ledger.store_answer(claimed, ANSWER)
    assert not ledger.finish(claimed)
    assert ledger.begin_answer(claimed) is None


def test_a_step_that_fails_leaves_all_to_be_done_again(engine: Engine, purging: Purging) -> None:
    question_id = ask(engine, "1.5")
    metadata.tables["runs"].drop(engine)
    with pytest.raises(DatabaseUnavailable):
        purging.purge("T0GONE")
    asked: Any = Ledger(engine).asked(question_id)
    assert asked.user_id == "U0INES"
    metadata.tables["runs"].create(engine)
    assert purging.purge("T0GONE") == 1
