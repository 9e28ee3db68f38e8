"""A question back, where what was asked names no subject, or one that several pages share, and the pages found are about
different things.

Asking back is a nuisance where it was not needed, so that it takes all of this: at most one word that names a subject (not what
is asked about it, as "days" or "deadline" do), no code, no conversation to lean on, several documents found that are nearly
equally good, and none among them that the question names by its title. With a language model those few questions are put to it,
which may find them clear; cf. Lee et al. 2023, "Asking Clarification Questions to Handle Ambiguity in Open-Domain QA" (CAMBIGNQ).
"""

from collections.abc import Sequence

from pydantic import BaseModel

from rag.budget import CountTokens, estimated_tokens
from rag.citing import citations_of
from rag.domain import Answer, Language, Outcome, Passage
from rag.particulars import UNIT_WORDS, particulars, subject
from rag.ports import LLM
from rag.prompting import clarifying_prompt
from rag.retrieval import Found

_LOOKED_AT = 8  # candidates
_LEVEL = 0.85  # share of the best score from which on a passage is nearly as good
_ANY = 0.5  # …where the question names no subject at all
_LEAST, _MOST = 2, 4  # options
_ASKED_ABOUT_IT = UNIT_WORDS | subject(
    "cost price amount rate rates form deadline date apply approve approval policy rule limit maximum minimum process "
    "procedure take takes question information info details page document link number ask happen mean start end"
)
"""Words that say what one wants to know of a subject, and name none."""


class Clarification(BaseModel):
    """Whether a question is clear, or else what to ask back."""

    clear: bool
    question: str = ""
    options: list[str] = []


def clarification(question: str, found: Found) -> Answer | None:
    """What to ask back, or None where the question can be answered as it stands."""
    if particulars(question).codes:
        return None
    words = subject(question)
    core = words - _ASKED_ABOUT_IT
    if not words or len(core) > 1:
        return None
    options = _equally_good(words, found.candidates[:_LOOKED_AT], _LEVEL if core else _ANY)
    if len(options) < _LEAST or _named(core, options):
        return None
    return _asking(f"Do you mean {_listed([it.chunk.title for it in options])}?", options)


def confirmed(
    asking: Answer,
    question: str,
    llm: LLM,
    *,
    context_tokens: int,
    count_tokens: CountTokens = estimated_tokens,
    language: Language | None = None,
) -> Answer | None:
    """What the model would ask back, in the question's language where none is given, or None where it finds the question clear; `asking` is what is asked without it."""
    prompt = clarifying_prompt(
        question,
        asking.passages,
        context_tokens=context_tokens,
        count_tokens=count_tokens,
        language=language,
    )
    reply = llm.parse(prompt, Clarification)
    options = tuple(dict.fromkeys(filter(None, (" ".join(option.split()) for option in reply.options))))
    if reply.clear or not reply.question.strip() or len(options) < _LEAST:
        return None
    return _asking(" ".join(reply.question.split()), asking.passages, options[:_MOST])


def _asking(text: str, passages: Sequence[Passage], options: Sequence[str] = ()) -> Answer:
    """The question back with the pages that it is about: offered, and not claimed."""
    named = tuple(options) or tuple(passage.chunk.title for passage in passages)
    return Answer(text, Outcome.NEEDS_CLARIFICATION, citations_of(passages), tuple(passages), options=named)


def _equally_good(words: frozenset[str], candidates: Sequence[Passage], level: float) -> list[Passage]:
    """The best passage of each document that holds the words and is nearly as good as the best; one of each title, whatever
    its year.
    """
    if not candidates or candidates[0].score <= 0:
        return []
    by_title: dict[frozenset[str], Passage] = {}
    for passage in candidates:
        if passage.score >= level * candidates[0].score and words <= subject(passage.chunk.indexed_text):
            title = frozenset(word for word in subject(passage.chunk.title) if not word.isdecimal())
            by_title.setdefault(title, passage)
    return [*by_title.values()][:_MOST]


def _named(core: frozenset[str], options: Sequence[Passage]) -> bool:
    """Whether the question names one of the documents, and only one."""
    return bool(core) and sum(core <= subject(passage.chunk.title) for passage in options) == 1


def _listed(titles: Sequence[str]) -> str:
    *first, last = [f"“{title}”" for title in titles]
    return f"{', '.join(first)} or {last}"
