"""What the product answers to each question of a dataset, and how good that is. With a language model where one is set.

exact, f1     the answer against the nearest reference (Rajpurkar et al. 2016, SQuAD); rouge_l (Lin 2004) and bleu (Papineni et
              al. 2002) likewise. All computed by torchmetrics. An answer that quotes whole sentences cannot be exact
holds_answer  a reference stands in the answer, in any case and spacing, as whole words
in_context    a reference stands in the passages that the answer was made from
precision     of the statements' marks, the share whose cited document says what the statement says
recall        of the statements, the share that at least one of its marks supports (both as in Gao et al. 2023, ALCE)
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from torchmetrics.functional.text import bleu_score, rouge_score, squad

from evals.datasets.dataset import AUDIENCE, Dataset, DatasetUnusable, Query
from rag.answering import Answerer
from rag.conflicts import DISAGREE, SUPERSEDED
from rag.domain import Answer, Outcome, Question
from rag.extracting import content_words
from rag.quotable import plain_text, sentences

MEASURES = ("holds_answer", "in_context", "exact", "f1", "rouge_l", "bleu", "precision", "recall")

_MARK = re.compile(r"\[(\d{1,3})\]")
_MARKED = re.compile(r"(?P<said>(?:(?!\s*\[\d{1,3}\]).)+?)(?P<marks>(?:\s*\[\d{1,3}\])+)", re.DOTALL)
_OWN_WORDS = re.compile(
    rf"{re.escape(DISAGREE)}|{re.escape(SUPERSEDED)}|\(updated \d+ \w+ \d+\)"
)  # no document's, and true of themselves
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SUPPORTED = 0.8  # of a statement's content words, the share that its passage must hold
_SYNTAX = re.compile(r"[*_`~#>|]+|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE)


@dataclass(frozen=True)
class Answered:
    """One question, what was answered whatever its confidence, and how long that took."""

    query: Query
    answer: Answer
    seconds: float

    @property
    def text(self) -> str:
        """The answer without its marks, as a person reads it; empty where nothing was found."""
        return plain_text(_MARK.sub(" ", self.answer.text)) if self.answer.outcome is Outcome.ANSWERED else ""

    @cached_property
    def measures(self) -> dict[str, float]:
        """By name, 0..1. Without references only precision and recall, without statements not even those."""
        return {**_against(self.text, self.answer, self.query.answers), **_citations(self.answer)}


def answered(dataset: Dataset, answerer: Answerer) -> Iterator[Answered]:
    """Every query that has references, or of which the dataset says whether it can be answered. Raises DatasetUnusable."""
    queries = [query for query in dataset.queries if query.answers or query.answerable is not None]
    if not queries:
        raise DatasetUnusable(
            f"The dataset {dataset.name} has neither metadata.answers nor metadata.answerable."
        )
    for query in queries:
        began = time.perf_counter()
        answer = answerer.answer(Question(query.text, AUDIENCE, query.history))
        yield Answered(query, answer, time.perf_counter() - began)


def measured(answers: Sequence[Answered]) -> dict[str, dict[str, float]]:
    """Each measure's values by query id, over the answers for which it can be told."""
    found: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    for one in answers:
        if one.query.answerable is False:
            continue
        for name, value in one.measures.items():
            found[name][one.query.id] = value
    return found


def _against(text: str, answer: Answer, references: Sequence[str]) -> Mapping[str, float]:
    if not references:
        return {}
    context = _folded(" ".join(passage.chunk.text for passage in answer.passages))
    said = _folded(text)
    nearest = squad(
        {"prediction_text": text, "id": "0"},
        {"answers": {"text": [*references], "answer_start": [0] * len(references)}, "id": "0"},
    )
    return {
        "holds_answer": float(any(_occurs(_folded(plain_text(reference)), said) for reference in references)),
        "in_context": float(
            any(_occurs(_folded(plain_text(reference)), context) for reference in references)
        ),
        "exact": float(nearest["exact_match"]) / 100,
        "f1": float(nearest["f1"]) / 100,
        "rouge_l": max(_rouge(text, reference) for reference in references) if text else 0.0,
        "bleu": float(bleu_score([text], [[*references]], n_gram=2)) if text else 0.0,
    }


def _rouge(text: str, reference: str) -> float:
    return float(rouge_score(text, reference, rouge_keys="rougeL")["rougeL_fmeasure"])


def _citations(answer: Answer) -> Mapping[str, float]:
    """Precision and recall of the marks; nothing for an answer without statements."""
    if answer.outcome is not Outcome.ANSWERED:
        return {}
    sources = {citation.number: _source(answer, citation.document_id) for citation in answer.citations}
    right: list[bool] = []
    supported: list[bool] = []
    for said, marks in statements(_OWN_WORDS.sub(" ", answer.text)):
        verdicts = [supports(sources.get(mark, ""), said) for mark in marks]
        right += verdicts
        supported.append(any(verdicts))
    if not supported:
        return {}
    return {"precision": fmean(right) if right else 0.0, "recall": fmean(supported)}


def statements(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What is said and the numbers it is marked with; several sentences before one mark are statements of their own."""
    end = 0
    for match in _MARKED.finditer(text):
        end = match.end()
        marks = tuple(int(number) for number in _MARK.findall(match["marks"]))
        for sentence in sentences(_SYNTAX.sub(" ", match["said"])):
            if content_words(sentence):
                yield sentence, marks
    for sentence in sentences(_SYNTAX.sub(" ", text[end:])):
        if content_words(sentence):
            yield sentence, ()


def supports(source: str, said: str) -> bool:
    """Whether the source contains what is said, or at least its words, and all of its numbers."""
    plain = plain_text(said)
    if not source:
        return False
    if _letters(plain) in _letters(source):
        return True
    words = content_words(plain)
    held = len(words & content_words(source)) >= _SUPPORTED * len(words)
    return held and set(_NUMBER.findall(plain)) <= set(_NUMBER.findall(source))


def _source(answer: Answer, document_id: str) -> str:
    """All that was found of a document, headings too."""
    passages = (passage.chunk for passage in answer.passages if passage.chunk.document_id == document_id)
    return plain_text(" ".join(chunk.indexed_text for chunk in passages))


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _occurs(answer: str, text: str) -> bool:
    return bool(answer) and re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None
