"""What may not differ between two statements that say the same."""

import pytest

from rag.particulars import Quantity, asked_for, contradict, particulars, subject


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("25 days of leave", {("25", "day")}),
        ("twenty-five", set()),
        ("two weeks", {("2", "week")}),
        ("40 working days a calendar year", {("40", "day")}),
        ("€25, £0.45 a mile and 1,000 km", {("25", "eur"), ("0.45", "gbp"), ("1000", "km")}),
        ("15% of it", {("15", "percent")}),
        ("at 4 pm", {("16:00", "")}),
        ("at 12:30 a.m. sharp", {("0:30", "")}),
        ("16:00", {("16:00", "")}),
        ("€22.50", {("22.5", "eur")}),
        ("form FW-11", set()),
    ],
)
def test_quantities(text: str, quantities: set[tuple[str, str]]) -> None:
    assert particulars(text).quantities == {Quantity(*it) for it in quantities}


def test_codes() -> None:
    assert particulars("Use form FW-11, not v2.3 of WR-4107").codes == {"fw-11", "v2.3", "wr-4107"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("You may delete messages.", "You may not delete messages.", True),
        ("You can delete messages.", "Users are prohibited from deleting a message.", True),
        ("You can't delete messages.", "Users are prohibited from deleting a message.", False),
        ("Users are not prohibited from deleting.", "Users are prohibited from deleting.", True),
        ("Tell them before noon.", "Tell them after noon.", True),
        ("Tell them before noon.", "Tell them before noon, not after lunch.", False),
        ("At least two people.", "At most two people.", True),
        ("We pay for your own phone.", "If you have no company phone, we pay for your own phone.", False),
        ("These days cost a leave.", "These days cost you no leave.", True),
        ("Cats sleep.", "Dogs do not bark.", False),
    ],
)
def test_contradictions(one: str, other: str, expected: bool) -> None:
    assert contradict(particulars(one), particulars(other)) is expected
    assert contradict(particulars(other), particulars(one)) is expected


def test_a_statement_does_not_contradict_itself() -> None:
    text = "Never before noon, but not after; at least ten, at most twelve; allowed, not forbidden."
    assert not contradict(particulars(text), particulars(text))


def test_one_word_has_one_stem() -> None:
    assert subject("message") == subject("messages")
    assert subject("delete") == subject("deleting") == subject("deleted")


def test_what_is_asked() -> None:
    assert asked_for("how many days?") != asked_for("why days?")
    assert asked_for("from Leeds to London") != asked_for("from London to Leeds")
    assert asked_for("days of leave") == asked_for("leave: days")
