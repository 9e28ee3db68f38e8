"""The form of a verified answer: as Slack takes it, read back as it was filled in, faults told where they are."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.answer_form import (
    ANSWER,
    DELETE,
    OWNER,
    QUESTION,
    REVIEW,
    Filled,
    answer_form,
    filled_in,
    place_of,
    told,
)
from sandbox.block_kit import check_view
from workers.saving import MOST_CHARS, Draft, Place

TODAY = date(2026, 11, 27)
DRAFT = Draft(Place("C1", "2.2", "1.1"), "Where?", "There.", "U1", date(2027, 5, 28), "Only you.")


def submitted(**entered: Any) -> dict[str, Any]:
    usual = {
        QUESTION: {"value": "Where?"},
        ANSWER: {"value": "There."},
        OWNER: {"selected_user": "U1"},
        REVIEW: {"selected_date": "2027-05-28"},
    }
    return {"state": {"values": {name: {name: value} for name, value in (usual | entered).items()}}}


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        replace(DRAFT, is_saved=True),
        replace(DRAFT, question="", answer=""),
        replace(DRAFT, question="q" * MOST_CHARS, answer="a" * MOST_CHARS),
    ],
)
def test_slack_takes_the_form(draft: Draft) -> None:
    assert check_view(answer_form(draft)) == []
    assert check_view(told("Saved.")) == []
    assert place_of(answer_form(draft)) == draft.place
    assert (DELETE in str(answer_form(draft)["blocks"])) == draft.is_saved, (
        "what is not saved cannot be deleted"
    )


def test_a_form_is_read_back() -> None:
    filled = filled_in(submitted())
    assert filled == Filled("Where?", "There.", "U1", date(2027, 5, 28), delete=False)
    assert filled.problems(TODAY) == {}


@pytest.mark.parametrize(
    ("entered", "wrong"),
    [
        ({QUESTION: {"value": "  \n "}}, {QUESTION}),
        ({ANSWER: {"value": None}}, {ANSWER}),
        ({OWNER: {"selected_user": None}}, {OWNER}),
        ({REVIEW: {"selected_date": None}}, {REVIEW}),
        ({REVIEW: {"selected_date": "2026-11-27"}}, {REVIEW}),
        ({QUESTION: {"value": ""}, ANSWER: {"value": ""}}, {QUESTION, ANSWER}),
    ],
)
def test_what_is_missing_is_told_where_it_is_missing(entered: dict[str, Any], wrong: set[str]) -> None:
    assert filled_in(submitted(**entered)).problems(TODAY).keys() == wrong


def test_to_delete_takes_nothing_else() -> None:
    filled = filled_in(
        submitted(**{QUESTION: {"value": ""}, DELETE: {"selected_options": [{"value": DELETE}]}})
    )
    assert filled.delete
    assert filled.problems(TODAY) == {}
