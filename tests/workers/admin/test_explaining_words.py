"""What is said of a search, on one screen."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from rag.domain import Answer, Chunk, Outcome, Passage
from rag.explaining import Candidate, Explanation, Fate
from sandbox.block_kit import check_blocks
from sandbox.reading import message_text
from workers.admin.explaining_words import NOTHING, chunk_meant, chunk_shown, explained
from workers.elements import text_element
from workers.rendering import Rendered

MEMBERS = frozenset({"members"})
PASSAGE = Passage(Chunk("T", "s", "a", 0, "A", (), "a", "https://x", MEMBERS), 1.0, 1)


def one(number: int, fate: Fate = "used", **more: Any) -> Candidate:
    chunk = Chunk(
        "T", "s", f"{number}.md", 0, f"Page {number}", ("Part",), "text", f"https://x.example/{number}", MEMBERS
    )  # fmt: skip
    scores = {"rank": number, "score": 1.2, "fused": 1.1, "meaning": 0.5, "meaning_rank": number}
    return Candidate(chunk, fate, **{**scores, "readers": MEMBERS, **more})


def explanation(*candidates: Candidate, outcome: Outcome = Outcome.ANSWERED, **more: Any) -> Explanation:
    answer = Answer("", outcome, passages=(PASSAGE,), confidence=more.pop("confidence", 0.8))
    given = {"searches": 1, "steps": (), "threshold": 0.3, **more}
    return Explanation("days", candidates, given["searches"], given["steps"], answer, given["threshold"])


def shown(told: Explanation) -> str:
    message = explained("t", "how many days", told, reader=[text_element("Ines")], seen_by=MEMBERS, best=6)
    return checked(message)


def checked(message: Rendered) -> str:
    assert check_blocks(message.blocks) == []
    return message_text(message.text, message.blocks)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (explanation(one(1)), "I would answer: the confidence 0.80 is at least the threshold 0.30."),
        (
            explanation(one(1), outcome=Outcome.NOT_FOUND, confidence=0.1),
            "I would say that I found no answer: the confidence 0.10 is below the threshold 0.30.",
        ),
        (explanation(one(1), threshold=None), "the language model found one in the passages"),
        (
            explanation(one(1), threshold=None, outcome=Outcome.NOT_FOUND),
            "the language model found none in the passages",
        ),
        (explanation(one(1), outcome=Outcome.NEEDS_CLARIFICATION), "I would ask back"),
        (
            explanation(one(1), searches=2, steps=("Spelling", "Recency")),
            "Searched for “days”, in 2 searches, then changed by Spelling, Recency.",
        ),
    ],
)
def test_the_decision_and_how(told: Explanation, said: str) -> None:
    assert said in shown(told)


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (one(7, "below"), "dropped: not among the best 6"),
        (one(7, "copy"), "dropped: the same text as a better one"),
        (one(7, "left out"), "dropped by a later step"),
        (one(7, "not for them", readers=frozenset()), "not for them"),
        (one(7, "not searched"), "not searched there"),
    ],
)
def test_what_was_dropped_says_why(candidate: Candidate, said: str) -> None:
    assert said in shown(explanation(one(1), candidate))


def test_the_scores_are_a_table() -> None:
    text = shown(explanation(one(1, words=8.25, words_rank=2), one(2, "copy", score=None, meaning_rank=None)))
    assert "0.50 #1  8.25 #2   1.10   1.20" in text
    assert "   0.50        –   1.10      –" in text


def test_it_fits_on_one_screen_however_much_was_found() -> None:
    fates: list[Fate] = ["used"] * 50 + ["below"] * 100 + ["copy"] * 500
    many = explanation(*(one(number, fate) for number, fate in enumerate(fates, start=1)))
    message = explained("t", "x" * 4000, many, reader=[text_element("Ines")], seen_by=MEMBERS)
    assert "And 634 more that were dropped." in checked(message)
    assert len(str(message.blocks)) < 12_000
    assert len(message.blocks[-1]["elements"]) == 16


def test_nothing_found() -> None:
    told = explanation(outcome=Outcome.NOT_FOUND)
    assert NOTHING in shown(told)
    assert "nothing was found to answer from" in shown(
        replace(told, answer=replace(told.answer, passages=()))
    )


def test_a_chunk_is_shown_whole_or_says_that_it_is_not() -> None:
    chunk = Chunk(
        "T", "s", "a", 2, "Leave", ("Annual",), "25 <!channel> days", "https://x.example/a",
        frozenset({"members", "channel:C9"}), datetime(2026, 1, 1, tzinfo=UTC), context="In the handbook",
    )  # fmt: skip
    text = checked(chunk_shown(chunk))
    assert "Leave\nAnnual\nIn the handbook\n25 <!channel> days" in text
    assert "its beginning" not in text
    assert "its beginning" in checked(chunk_shown(replace(chunk, text="x" * 30_000)))


def test_a_button_names_trial_and_chunk() -> None:
    message = explained("t1", "days", explanation(one(1)), reader=[], seen_by=MEMBERS)
    [button] = message.blocks[-1]["elements"]
    assert chunk_meant(button["value"]) == ("t1", one(1).chunk.point_id)


def test_what_not_all_who_see_it_may_read_has_no_title_and_no_link() -> None:
    message = explained("t", "days", explanation(one(1)), reader=[], seen_by=frozenset({"public"}))
    text = checked(message)
    assert "a passage that not everybody in this channel may read" in text
    assert "Page 1" not in str(message)
    assert "x.example" not in str(message)
    assert "0.50 #1" in text
