"""What we say ourselves, in the language of the question."""

import pytest

from rag.answering import NOT_FOUND, NOT_FOUND_BUT_NEAR, NOTHING_TO_READ
from rag.domain import Answer, Outcome
from rag.errors import FootnoteError, Permanent, Transient
from workers.answering_job import STOPPED
from workers.intake import TOO_LONG
from workers.languages import language_of, sayer, sentences
from workers.rendering import UNASKED, render
from workers.replies import LOADING, STATUS

GERMAN = "Wie viele Urlaubstage habe ich im Jahr?"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how many days of leave do I have?", "en"),
        ("what was the budget in 2025?", "en"),
        ("can a contractor work from la Paz?", "en"),
        ("who leads the team in Den Haag?", "en"),
        (GERMAN, "de"),
        ("was ist WR-4107?", "de"),
        ("wer genehmigt Reisen nach Porto", "de"),
        ("Combien de jours de congé ai-je ?", "fr"),
        ("où est la politique de télétravail", "fr"),
        ("Qui valide les notes de frais ?", "fr"),
        ("¿Cuántos días de vacaciones tengo?", "es"),
        ("quién aprueba los gastos de viaje", "es"),
        ("dónde está el manual", "es"),
        ("WR-4107", "en"),
        ("", "en"),
        ("多久？", "en"),
    ],
)
def test_the_language_of_a_question(question: str, language: str) -> None:
    assert language_of(question) == language


def errors(kind: type[FootnoteError]) -> set[str]:
    """What is said of errors of this kind."""
    return {str(getattr(kind, "user_message", ""))}.union(*(errors(sub) for sub in kind.__subclasses__()))


def test_every_sentence_that_ends_a_question_is_there_in_every_language() -> None:
    said = {NOT_FOUND, NOT_FOUND_BUT_NEAR, NOTHING_TO_READ, TOO_LONG, UNASKED, STOPPED, STATUS, *LOADING}
    assert said | errors(Transient) | errors(Permanent) <= sentences().keys()
    for sentence, translations in sentences().items():
        assert translations.keys() == {"de", "fr", "es"}, sentence
        assert all("stop" in text for text in translations.values()) or sentence != UNASKED


def test_slack_takes_what_is_said_while_we_look() -> None:
    for sentence in LOADING:
        assert all(len(text) <= 50 for text in (sentence, *sentences()[sentence].values()))


def test_nothing_found_is_said_with_its_button() -> None:
    answer = Answer(NOT_FOUND, Outcome.NOT_FOUND)
    message = render(answer, question_id="q", people=True, say=sayer(GERMAN))
    assert message.text.startswith("Dazu habe ich")
    assert "Dazu habe ich" in str(message.blocks)
    assert "Einen Menschen fragen" in str(message.blocks)


def test_what_documents_say_is_left_as_it_is() -> None:
    quoted = Answer("Helpful", Outcome.ANSWERED)
    assert render(quoted, say=sayer(GERMAN)).text == "Helpful"
    assert sayer(GERMAN)("25 days.") == "25 days."


def test_a_channel_s_language_goes_before_that_of_the_question() -> None:
    assert sayer(GERMAN, "es")("Helpful") == "Útil"
    assert sayer("how many days?", "de")("Helpful") == "Hilfreich"
    assert sayer(GERMAN, "en")("Helpful") == "Helpful"
