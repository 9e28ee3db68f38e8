"""What was asked and what came of it. On both databases."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rich.console import Console
from sqlalchemy import Engine, update

from bot.commands.insights import tables
from rag.database import now, transaction
from rag.domain import Answer, Citation, Embedding, Outcome
from tests.fakes import WordEmbedder
from workers.admin.insights import Complaint, Gap, Ground, Seen, gaps, insights
from workers.asked import Incoming
from workers.feedback import Feedback, Vote
from workers.ledger import Ledger
from workers.tables import questions

ASKED = Incoming("T1", "C1", "1.0", "1.0", "U1", "how many days?")
LEAVE = Citation(1, "leave.md", "Leave", (), "https://x.test/leave#days", source_id="s1")
PAY = Citation(2, "pay.md", "Pay", (), "https://x.test/pay", source_id="s2")


def embed(texts: Sequence[str]) -> Sequence[Embedding]:
    return WordEmbedder().embed_passages(texts)


@pytest.fixture
def asked(engine: Engine) -> Ledger:
    ledger, feedback = Ledger(engine), Feedback(engine)
    number = iter(range(100))

    def ask(text: str, answer: Answer | None, *ratings: int, **changed: str) -> str:
        ts = f"{next(number)}.5"
        incoming = replace(ASKED, **({"ts": ts, "thread_ts": ts, "text": text} | changed))  # type: ignore[arg-type]
        question_id = ledger.accept(incoming, answer).question_id
        for user, rating in enumerate(ratings):
            feedback.rate(Vote(question_id, f"U{user}", "T1", "C1"), rating)  # type: ignore[arg-type]
        return question_id

    ask("how many days?", Answer("25 [1]", Outcome.ANSWERED, (LEAVE,)), 1, 1)
    bad = ask("how much?", Answer("5 [1][2]", Outcome.ANSWERED, (LEAVE, PAY)), -1)
    feedback.explain(bad, "U0", reason="outdated", comment="it is 6 now")
    ask("per diem for tokyo", Answer("no", Outcome.NOT_FOUND))
    ask("what is the per diem for tokyo", Answer("no", Outcome.NOT_FOUND))
    ask("who runs the chess club", Answer("no", Outcome.NOT_FOUND))
    ask("waiting", None)
    ask("shared", Answer("25", Outcome.ANSWERED, (LEAVE,)), thread_ts="")
    gone = ask("deleted", Answer("25", Outcome.ANSWERED, (LEAVE,)))
    incoming = ledger.asked(gone)
    assert incoming is not None
    ledger.withdraw("T1", "C1", incoming.ts)
    return ledger


def test_numbers_gaps_grounds_and_complaints(engine: Engine, asked: Ledger) -> None:
    found = insights(engine, days=7, embed=embed)
    assert found.asked == 6
    assert found.outcomes == {"answered": 2, "not_found": 3, "waiting": 1}
    assert (found.good, found.bad) == (2, 1)
    assert found.gaps == [Gap("what is the per diem for tokyo", 2), Gap("who runs the chess club", 1)]
    assert found.grounds == [
        Ground("Leave", "https://x.test/leave", 2, 1),
        Ground("Pay", "https://x.test/pay", 1, 1),
    ]
    assert found.complaints == [Complaint("how much?", "outdated", "it is 6 now")]
    console = Console(record=True, width=120)
    for table in tables(found):
        console.print(table)
    shown = console.export_text()
    for expected in ("per diem", "Leave", "It is out of date", "it is 6 now", "not found"):
        assert expected in shown


def test_what_is_not_to_be_seen_is_counted_and_not_told(engine: Engine, asked: Ledger) -> None:
    seen = Seen(question=lambda row: "chess" in row.text, source=lambda source_id: source_id == PAY.source_id)
    found = insights(engine, days=7, embed=embed, seen=seen)
    assert (found.asked, found.bad) == (6, 1)
    assert found.gaps == [Gap("who runs the chess club", 1)]
    assert found.complaints == []
    assert found.hidden == 3
    assert [ground.title for ground in found.grounds] == ["Pay"]


def test_only_the_days_asked_for_count(engine: Engine, asked: Ledger) -> None:
    with transaction(engine) as connection:
        connection.execute(update(questions).values(accepted_at=now() - 10 * 86_400))
    found = insights(engine, days=7, embed=embed)
    assert (found.asked, found.gaps, found.grounds) == (0, [], [])


def test_an_empty_ledger_loads_no_model(engine: Engine) -> None:
    def never(texts: Sequence[str]) -> Sequence[Embedding]:
        raise AssertionError(texts)

    assert insights(engine, days=7, embed=never).asked == 0


def test_the_same_words_are_one_gap() -> None:
    assert gaps(["annual leave days"] * 3 + ["chess club"], embed) == [
        Gap("annual leave days", 3),
        Gap("chess club", 1),
    ]
