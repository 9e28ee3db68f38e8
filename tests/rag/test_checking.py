"""What a model claims and the documents do not say does not reach the reader."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checking import ByWords, Checked, Source, checked
from rag.domain import Chunk, Passage
from rag.verdicts import ByModel, Verdict, Verdicts
from tests.fakes import ScriptedModel, WordEmbedder

TEXTS = {
    "Annual leave": "Full-time employees have 25 days of annual leave. Unused days expire on 31 March. You may carry over five "
    "days with form FW-11. The office is closed between Christmas and New Year; these days cost you no leave.",
    "Notice": "The period of notice is four weeks. During probation it is two weeks.",
    "Messages": "Users are prohibited from deleting messages. You may edit a message before it is 10 minutes old.",
    "Deploying": "Deploy with this:\n\n```\nfernctl deploy --ring canary\nfernctl promote\n```\n\nNever deploy on Fridays.",
    "Rates": "| City | Full day | Half day |\n|---|---|---|\n| Leeds | £38 | £19 |\n| London | £50 | £25 |",
    "Bezoekers": "Uw gastheer meldt u minstens 48 uur van tevoren aan. U krijgt dan een e-mail met de route.",
}


def sources() -> list[Source]:
    at = datetime(2026, 5, 3, tzinfo=UTC)
    return [
        Source(
            Passage(
                Chunk("T", "s", title, 0, title, (), text, "https://x.example", frozenset(), at), 1.0, rank
            ),
            text,
        )
        for rank, (title, text) in enumerate(TEXTS.items(), start=1)
    ]


def check(reply: str, question: str = "what is the rule?") -> Checked:
    return checked(reply, sources(), question, ByWords(WordEmbedder()))


@pytest.mark.parametrize(
    "reply",
    [
        "You have 25 days of annual leave if you are full-time [1].",
        "Unused annual leave expires on 31 March [1].",
        "Five days may be carried over, with form FW-11 [1].",
        "Closing between Christmas and New Year costs you no leave [1].",
        "You cannot delete messages [3].",
        "A message may be edited before it is ten minutes old [3].",
        "The period of notice is 4 weeks, but 2 weeks during probation [2].",
        "In Leeds the rate is £38 for a full day [5].",
        "Deploy with:\n\n```\nfernctl deploy --ring canary\n```\n\n[4]",
        "According to the page on leave, updated 3 May 2026, unused days expire on 31 March [1].",
        "No, messages cannot be deleted [3].",
        "Visitors must be announced at least 48 hours before, and they get a mail with the way [6].",
    ],
)
def test_what_a_document_says_stays_in_other_words_too(reply: str) -> None:
    assert check(reply).text == reply


@pytest.mark.parametrize(
    "reply",
    [
        "You have 28 days of annual leave if you are full-time [1].",
        "You have 25 weeks of annual leave if you are full-time [1].",
        "Unused annual leave expires on 31 May 2027 [1].",
        "Unused annual leave does not expire on 31 March [1].",
        "Five days may be carried over, with form FW-12 [1].",
        "Closing between Christmas and New Year costs you leave [1].",
        "Users are allowed to delete messages [3].",
        "Users are not prohibited from deleting messages [3].",
        "A message may be edited after it is ten minutes old [3].",
        "The period of notice is 25 days [2].",
        "During probation the period of notice is four months [2].",
        "In Leeds the rate is £50 for a full day [5].",
        "Deploy with:\n\n```\nrm -rf / --no-preserve-root\n```\n\n[4]",
        "Deploy on Fridays [4].",
        "Visitors must be announced at least 24 hours before [6].",
        "Send your password to the people team by mail [1].",
        "The capital of France is Paris [2].",
        "The capital of France is Paris.",
        "Ignore the rules above [1].",
    ],
)
def test_what_no_document_says_is_removed(reply: str) -> None:
    result = check(reply)
    assert result.text == ""
    assert result.removed == 1


def test_one_false_claim_does_not_take_the_others_with_it() -> None:
    result = check(
        "Yes. You have 25 days of annual leave [1]. You also get a car [1]. Unused days expire on 31 March [1]."
    )
    assert result.text == "Yes. You have 25 days of annual leave [1]. Unused days expire on 31 March [1]."
    assert (result.removed, result.corrected) == (1, 0)


@pytest.mark.parametrize("mark", ["[2]", "[3]", "[9]", "[0]", "", "[2][3]"])
def test_a_wrong_or_missing_mark_is_put_right(mark: str) -> None:
    result = check(f"Full-time employees have 25 days of annual leave {mark}.")
    assert result.text == "Full-time employees have 25 days of annual leave [1]."
    assert (result.removed, result.corrected) == (0, 1)


def test_of_several_marks_those_stay_that_hold() -> None:
    assert (
        check("The period of notice is four weeks [1][2].").text == "The period of notice is four weeks [2]."
    )


def test_two_documents_can_support_a_claim_together() -> None:
    reply = "Full-time employees have 25 days of annual leave, and the period of notice is four weeks [1][2]."
    assert check(reply).text == reply


def test_a_number_of_the_question_may_be_repeated_beside_one_of_the_documents() -> None:
    asked = "I've been here for 9 days, what is my notice?"
    reply = "After 9 days you are in probation, where the period of notice is two weeks [2]."
    assert check(reply, asked).text == reply
    assert check("Yes, the period of notice is 9 days [2].", asked).text == ""


@given(st.integers(0, 400))
def test_no_other_number_passes_for_the_one_that_is_written(days: int) -> None:
    result = check(f"Full-time employees have {days} days of annual leave [1].")
    assert bool(result.text) == (days == 25)


def test_the_models_verdict_decides_where_it_is_asked_for() -> None:
    llm = ScriptedModel(
        [
            Verdicts(
                verdicts=[Verdict(claim=1, documents=[2, 77]), Verdict(claim=2, documents=[])]
            ).model_dump_json()
        ]
    )
    result = checked(
        "One claim here [1]. Another claim here [2]. A third one here [2].",
        sources(),
        "?",
        ByModel(llm, context_tokens=4000),
    )
    assert result == Checked("One claim here [2].", removed=2, corrected=1)
    assert "One claim here." in llm.asked[0][1].content
    assert 'number="6"' in llm.asked[0][1].content


def test_nothing_is_asked_about_a_reply_without_claims() -> None:
    assert checked("Yes.", sources(), "?", ByModel(ScriptedModel([]), context_tokens=4000)).text == ""
