"""One person is forgotten, the others are not. On both databases."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ingestion.catalogue import Catalogue
from ingestion.remembering import Memory
from ingestion.runs import Runs
from ingestion.sources.slack_notes import Notes
from ingestion.verified import Verified, VerifiedAnswers
from rag.database import metadata, now, transaction
from rag.domain import Answer, Citation, Outcome
from rag.errors import ConfigError
from tests.fakes import EverybodyReads, RecordingReplies, ScriptedAnswerer
from workers.admin.audit import Audit
from workers.answering_job import AnsweringJob
from workers.asked import Claimed, File, Incoming
from workers.channels import Channels, ChannelSettings
from workers.feedback import Feedback, Vote
from workers.following import Following
from workers.ledger import Ledger
from workers.privacy.erasing import SOMEBODY, Erased, Erasing, person_of
from workers.privacy.retention import Retention
from workers.tables import answers, feedback, questions

INES, MARCO = "U0INES", "U0MARCO"
ANSWER = Answer("25 days.", Outcome.ANSWERED)
NUMBERS = iter(range(1, 10_000))


def asked(user_id: str, text: str = "how many days?", **more: Any) -> Incoming:
    ts = f"{next(NUMBERS)}.5"
    return Incoming("T1", "C1", ts, more.pop("thread_ts", ts), user_id, text, **more)


def answered(engine: Engine, user_id: str, answer: Answer = ANSWER, *, days_ago: float = 0) -> str:
    ledger = Ledger(engine)
    question_id = ledger.accept(asked(user_id, files=(File("F1", f"{user_id}.pdf"),)), answer).question_id
    claimed = ledger.claim(question_id, lease_seconds=30)
    assert claimed is not None
    assert ledger.finish(claimed, "9.9")
    with transaction(engine) as connection:
        one = update(questions).where(questions.c.id == question_id)
        connection.execute(one.values(accepted_at=now() - days_ago * 86_400))
    return question_id


def everything(engine: Engine) -> str:
    """All that the database holds but the audit, as text."""
    with transaction(engine) as connection:
        return "\n".join(
            repr(tuple(row))
            for table in metadata.sorted_tables
            if table.name != "audit"
            for row in connection.execute(select(table))
        )


def rows(engine: Engine, table: Any) -> int:
    with transaction(engine) as connection:
        return len(connection.execute(select(table)).all())


@pytest.fixture
def erasing(engine: Engine) -> Erasing:
    return Erasing(engine, "T")


def test_questions_and_ratings_of_one_person_go_and_nobody_elses(engine: Engine, erasing: Erasing) -> None:
    old, new = answered(engine, INES, days_ago=3), answered(engine, INES)
    others = answered(engine, MARCO, days_ago=3)
    votes = Feedback(engine)
    for question_id in (old, new, others):
        assert votes.rate(Vote(question_id, INES, "T1", "C1"), -1)
        assert votes.rate(Vote(question_id, MARCO, "T1", "C1"), 1)
    assert votes.explain(others, INES, reason="wrong", comment="I, Ines, know better")
    assert erasing.count(INES) == Erased(questions=2, ratings=3)
    assert erasing.erase(INES, by="U0ADMIN") == Erased(questions=2, ratings=3)
    assert INES not in everything(engine)
    assert "Ines" not in everything(engine)
    assert Ledger(engine).asked(others) is not None
    assert (rows(engine, answers), rows(engine, feedback)) == (1, 1)
    assert erasing.count(INES).is_nothing
    assert erasing.erase(INES, by="U0ADMIN").is_nothing


def test_the_audit_tells_who_wanted_it_and_how_much_it_was(engine: Engine, erasing: Erasing) -> None:
    answered(engine, INES)
    erasing.erase(INES, by="U0ADMIN", channel_id="C0ADMIN")
    (entry,) = Audit(engine, "T").latest()
    assert (entry.user_id, entry.action, entry.subject, entry.channel_id) == (
        *("U0ADMIN", "erase"),
        *(INES, "C0ADMIN"),
    )
    assert entry.after == {"questions": 1, "ratings": 0, "verified_answers": 0, "names": 0}


def job(engine: Engine, replies: RecordingReplies) -> AnsweringJob:
    return AnsweringJob(
        Ledger(engine),
        replies,
        EverybodyReads(),
        ScriptedAnswerer([ANSWER]),
        attempts=3,
        lease_seconds=5,
        budget_seconds=20,
    )


@pytest.mark.parametrize("response_url", [None, "https://hooks.example/secret"])
@pytest.mark.parametrize("step", ["accepted", "claimed", "stored"])
def test_what_is_being_answered_ends_as_withdrawn_and_does_not_come_back(
    engine: Engine, erasing: Erasing, step: str, response_url: str | None
) -> None:
    ledger, replies = Ledger(engine), RecordingReplies()
    incoming = asked(INES, response_url=response_url)
    question_id = ledger.accept(incoming).question_id
    claimed: Claimed | None = None
    if step != "accepted":
        claimed = ledger.claim(question_id, lease_seconds=30)
        assert claimed is not None
        ts = replies.begin(claimed)
        assert ts is not None
        assert ledger.remember_placeholder(claimed, ts)
        if step == "stored":
            assert ledger.store_answer(claimed, ANSWER)
    assert erasing.erase(INES, by="test").questions == 1
    assert INES not in everything(engine)
    assert "hooks.example" not in everything(engine)
    if claimed is not None:
        assert ledger.standing(claimed) == "lost"
        assert not ledger.store_answer(claimed, ANSWER)
        assert not ledger.finish(claimed, "1.0")
        assert ledger.is_withdrawn(question_id), "so whoever posts at the last moment takes it away again"
    assert ledger.due(quiet_seconds=10, limit=10) == [question_id]
    job(engine, replies).run(question_id)
    assert replies.texts == []
    assert ledger.counts() == {"finished": 1}
    assert not ledger.accept(incoming).new, "Slack delivers it again"
    assert ledger.reword("T1", "C1", incoming.ts, "edited") is None
    assert ledger.due(quiet_seconds=0, limit=10) == []
    assert INES not in everything(engine)


def test_a_worker_in_the_middle_of_it_leaves_nothing(engine: Engine, erasing: Erasing) -> None:
    class ErasedMeanwhile(RecordingReplies):
        def finish(self, claimed: Claimed, ts: str | None, message: Any) -> str | None:
            erasing.erase(INES, by="test")
            return super().finish(claimed, ts, message)

    replies = ErasedMeanwhile()
    question_id = Ledger(engine).accept(asked(INES)).question_id
    job(engine, replies).run(question_id)
    assert replies.texts == []
    job(engine, replies).run(question_id)
    assert (replies.texts, Ledger(engine).counts()) == ([], {"finished": 1})


def test_what_is_left_of_it_goes_a_day_later_even_where_questions_are_kept_for_ever(
    engine: Engine, erasing: Erasing
) -> None:
    answered(engine, INES, days_ago=0.9)
    others = answered(engine, MARCO, days_ago=2)
    erasing.erase(INES, by="test")
    assert Retention(engine, 0).sweep() == 0
    with transaction(engine) as connection:
        connection.execute(update(questions).values(accepted_at=questions.c.accepted_at - 86_400))
    assert Retention(engine, 0).sweep() == 1
    assert Ledger(engine).asked(others) is not None
    assert rows(engine, questions) == 1


def test_a_thread_that_was_told_to_be_quiet_stays_quiet(engine: Engine, erasing: Erasing) -> None:
    ledger = Ledger(engine)
    first = asked(MARCO)
    ledger.accept(first, ANSWER)
    following = Following(engine, "always", hours=24)
    reply = replace(asked("U0OTHER"), thread_ts=first.ts)
    assert following.is_for_us(reply)
    ledger.accept(replace(asked(INES, "stop"), thread_ts=first.ts), ANSWER)
    assert not following.is_for_us(reply)
    erasing.erase(INES, by="test")
    assert not following.is_for_us(reply)


def test_verified_answers_stay_and_name_nobody(engine: Engine, erasing: Erasing) -> None:
    catalogue, kept, runs = Catalogue(engine, "T"), VerifiedAnswers(engine), Runs(engine, "T")
    source = catalogue.add_source("a", kind="answers", location="C1", readers=["members"])
    verified = Verified("who?", "25", "https://x.test", INES, "Ines", date(2099, 1, 1), MARCO)
    kept.save(source.id, "1.5", verified)
    kept.save(source.id, "2.5", replace(verified, owner=MARCO, owner_name="Marco", saved_by=INES))
    first, second = kept.of_source(source.id)
    cited = Citation(1, first.id, "Who", (), "https://x.test", author="Ines", source_id=source.id)
    other = replace(cited, number=2, document_id=second.id, author="Marco")
    question_id = answered(engine, MARCO, replace(ANSWER, citations=(cited, other)))
    assert erasing.count(INES).verified_answers == 2
    assert erasing.erase(INES, by="test").verified_answers == 2
    after, untouched = kept.of_source(source.id)
    assert after.verified == replace(verified, owner="", owner_name=SOMEBODY)
    assert untouched.verified == replace(verified, owner=MARCO, owner_name="Marco", saved_by="")
    assert after.saved_at > first.saved_at, "another version: the next sync writes it into the index anew"
    assert untouched.saved_at == second.saved_at
    (change,) = Notes(Memory(engine, source.id)).changes()
    assert change.thread_ts == "1.5"
    assert runs.latest()[source.id].action == "sync"
    answer = Ledger(engine).answer(question_id, team_id="T1", channel_id="C1", user_id=MARCO)
    assert answer is not None
    assert [citation.author for citation in answer.citations] == [SOMEBODY, "Marco"]
    assert erasing.count(INES).is_nothing


def test_where_a_person_is_named_otherwise(engine: Engine, erasing: Erasing) -> None:
    source = Catalogue(engine, "T").add_source("a", kind="slack_channel", location="C1", readers=["members"])
    Runs(engine, "T").request(source.id, "sync", INES)
    Memory(engine, source.id).put({f"name:{INES}": "Ines", f"name:{MARCO}": "Marco"})
    Channels(engine, "T").put("C1", ChannelSettings(auto_answer=0.5), by=INES)
    assert erasing.count(INES).names == 3
    assert Erasing(engine, "T2").erase(INES, by="test").is_nothing, "that is another tenant's"
    assert erasing.erase(INES, by="test").names == 3
    assert Runs(engine, "T").latest()[source.id].requested_by == SOMEBODY
    assert Channels(engine, "T").all()["C1"].by == SOMEBODY
    assert Memory(engine, source.id).all() == {f"name:{MARCO}": "Marco"}


def test_many_questions_of_one_person(engine: Engine, erasing: Erasing) -> None:
    answered(engine, INES)
    with transaction(engine) as connection:
        row = connection.execute(select(questions)).one()._asdict()
        copies = [row | {"id": f"q{number}", "ts": f"copy{number}"} for number in range(1200)]
        connection.execute(questions.insert(), copies)
    assert erasing.erase(INES, by="test").questions == 1201
    assert INES not in everything(engine)


@pytest.mark.parametrize("text", ["U0INES", " U0INES ", "<@U0INES>", "<@U0INES|ines>"])
def test_who_is_meant(text: str) -> None:
    assert person_of(text) == "U0INES"


@pytest.mark.parametrize("text", ["", "ines", "@ines", "C0123", "U0INES U0MARCO", "%"])
def test_nobody_is_meant_by_a_name(text: str) -> None:
    with pytest.raises(ConfigError, match="no person's id"):
        person_of(text)
