"""A question back only where it is needed."""

import pytest

from rag.clarifying import Clarification, clarification, confirmed
from rag.domain import Chunk, Outcome, Passage
from rag.ports import Hits
from rag.retrieval import Found
from tests.fakes import ScriptedModel

LEAVE = {
    "Annual leave": "Full-time employees have 25 days of leave.",
    "Parental leave": "The other parent has 10 weeks of leave, 50 days.",
    "Sick leave": "Leave begins on the first day.",
}
OFFICES = {
    "Leeds office": "Visitors use the tablet.",
    "Porto office": "Visitors ring; tell Rui about visitors a day before.",
}


def found(pages: dict[str, str], *scores: float) -> Found:
    scores = scores or tuple(1.0 - 0.01 * n for n in range(len(pages)))
    passages = tuple(
        Passage(
            Chunk("T", "s", f"{title}.md", 0, title, (), text, f"https://x.example/{n}", frozenset()),
            score,
            n + 1,
        )
        for n, ((title, text), score) in enumerate(zip(pages.items(), scores, strict=True))
    )
    return Found([], Hits((), ()), passages, passages)


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ("leave?", LEAVE),
        ("how much leave do I get", LEAVE),
        ("how many days?", LEAVE),
        ("what about visitors?", OFFICES),
        ("how do I tell visitors?", OFFICES),
    ],
)
def test_a_question_that_several_pages_answer_is_asked_back(question: str, pages: dict[str, str]) -> None:
    answer = clarification(question, found(pages))
    assert answer is not None
    assert answer.outcome is Outcome.NEEDS_CLARIFICATION
    assert 2 <= len(answer.options) <= 4
    assert all(f"“{option}”" in answer.text for option in answer.options)
    assert {citation.title for citation in answer.citations} == set(answer.options) <= set(pages)
    assert answer.text.endswith("?")


def test_the_options_are_listed() -> None:
    answer = clarification("leave?", found(LEAVE))
    assert answer is not None
    assert answer.text == "Do you mean “Annual leave”, “Parental leave” or “Sick leave”?"


@pytest.mark.parametrize(
    ("question", "pages", "scores"),
    [
        ("how many days of annual leave?", LEAVE, ()),  # two words that name a subject
        ("parental?", LEAVE, ()),  # the title of one page
        ("leave?", LEAVE, (1.0, 0.5, 0.4)),  # one page stands out
        ("how many days?", LEAVE, (1.0, 0.4, 0.3)),
        ("FW-11", {"Forms": "FW-11", "Leave": "FW-11"}, ()),  # a code
        ("vacation?", LEAVE, ()),  # a word of none of them
        ("hello", LEAVE, ()),
        ("thanks!", LEAVE, ()),
        ("", LEAVE, ()),
        ("rates?", {"Per diem rates": "The rates.", "Per diem rates 2023": "The rates."}, ()),  # one subject
        ("leave?", {"Annual leave": "leave"}, ()),
        ("leave?", {}, ()),
        ("leave?", LEAVE, (0.0, 0.0, 0.0)),
        ("leave?", LEAVE, (-1.0, -1.1, -1.2)),
    ],
)
def test_any_other_is_answered(question: str, pages: dict[str, str], scores: tuple[float, ...]) -> None:
    assert clarification(question, found(pages, *scores)) is None


def test_a_model_can_find_it_clear_or_ask_better() -> None:
    asking = clarification("leave?", found(LEAVE))
    assert asking is not None
    clear = ScriptedModel([Clarification(clear=True).model_dump_json()])
    assert confirmed(asking, "leave?", clear, context_tokens=2000) is None
    better = Clarification(
        clear=False, question="Which\nleave?", options=["yearly", "for parents", "yearly", ""]
    )
    answer = confirmed(asking, "leave?", ScriptedModel([better.model_dump_json()]), context_tokens=2000)
    assert answer is not None
    assert (answer.text, answer.options) == ("Which leave?", ("yearly", "for parents"))
    assert answer.citations == asking.citations


def test_a_question_back_without_options_is_none() -> None:
    asking = clarification("leave?", found(LEAVE))
    assert asking is not None
    vague = Clarification(clear=False, question="What do you mean?", options=["leave"])
    assert confirmed(asking, "leave?", ScriptedModel([vague.model_dump_json()]), context_tokens=2000) is None
