"""Answers without a language model: the sentences of the documents that answer best, each with its number.

A piece of text scores by its meaning (cosine with the question), by the question's words it holds, and by how good its
passage was; one that only points elsewhere, or asks, scores less. How likely they answer at all is judged in
`rag.confidence`.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.citing import citations_of, cite
from rag.confidence import NOTHING, Signals, confidence, signals
from rag.domain import Citation, Embedding, Passage
from rag.orders import is_order
from rag.ports import Embedder
from rag.quotable import Quotable, plain_text, quotables
from rag.retrieval import Found

_READ = 4  # passages that are read for sentences
_COMPARED = 8  # pieces whose meaning is compared; with 32 answers are no better, and take twice as long
_QUOTED = 3  # pieces in an answer
_CLOSE = 0.82  # a further piece must score at least this share of the best
_WORD = re.compile(r"\w+(?:[-'’./]\w+)*")
_SAID = 0.7  # of its score is left to a piece that was said before
_POINTED = 0.8  # of its score is left to a piece that only points elsewhere
_ASKED = 0.5  # to one that asks, since in a thread that is the question itself, word for word
_POINTER = re.compile(
    r"(?:also |please )?(?:see|refer to|ask in|read more)\b|for\b[^.;]{1,80}?(?<!to )\b(?:see|refer to)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:[^.!?]{1,80}\([^()]{1,40}\):\s*)?[^.!:]*\?\W*"
)  # in a thread, who asks when stands before it
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[\w./-]{4,}")
_OWN_MARK = re.compile(r"\[(\d{1,3})\]")
# fmt: off
_STOP_WORDS = frozenset((
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "anyone", "are", "as", "at", "be", "been", "before",
    "but", "by", "can", "could", "did", "do", "does", "doing", "don't", "for", "from", "get", "give", "go", "got", "had",
    "has", "have", "hello", "help", "hey", "hi", "how", "i", "i'm", "if", "in", "into", "is", "it", "it's", "its", "just",
    "know", "let", "long", "many", "may", "me", "more", "much", "must", "my", "need", "no", "not", "of", "off", "on", "one",
    "or", "our", "out", "please", "so", "some", "someone", "tell", "than", "thanks", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "too", "up", "us", "use", "want", "was", "we", "were", "what",
    "what's", "when", "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class Extract:
    """The best sentences as Markdown with `[n]` marks, their citations, and how likely they answer, 0..1, and from
    what that was judged (see `rag.confidence`).
    """

    text: str
    citations: tuple[Citation, ...]
    confidence: float
    signals: Signals
    nearest: float


@dataclass(frozen=True, slots=True)
class _Scored:
    piece: Quotable
    passage: Passage
    order: int
    score: float
    similarity: float
    headed: float
    """The share of the question's words that it holds together with its title and headings."""


def extract(query: str, found: Found, embedder: Embedder, *, said: Sequence[str] = ()) -> Extract:
    """Quote what answers `query` best from the passages found; without any there is no text, and no confidence.

    What stands in `said`, the answers given before in this conversation, is less likely to be quoted again.
    """
    words = content_words(query)
    rarity = _rarity(words, found.passages)
    scored = _scored(found.vector, words, rarity, found.passages[:_READ], embedder)
    if not scored:
        return Extract("", (), 0.0, NOTHING, 0.0)
    chosen = _chosen(_naming(words, _new(said, scored)))
    quotes: dict[int, list[str]] = {}
    for item in chosen:
        quotes.setdefault(item.passage.rank, []).append(item.piece.plain)
    text, _ = cite(_written(chosen), found.passages)
    citations = citations_of(dict.fromkeys(item.passage for item in chosen), quotes=quotes)
    dense = [passage.score for passage in found.hits.dense]
    nearest = max(dense, default=0.0)
    judged = signals(
        dense,
        [passage.score for passage in found.candidates],
        piece=max(item.similarity for item in scored),
        words=_known(words, found.candidates),
        cover=max(item.headed for item in scored),
    )
    likely = 0.0 if _asks_for_the_unknown(words, found.candidates) else confidence(judged, nearest)
    return Extract(text, citations, likely, judged, nearest)


def content_words(text: str) -> frozenset[str]:
    """The words that say what a text is about, folded and crudely stemmed."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS)


def worth(text: str) -> float:
    """The share of its score that is left to a piece: it may only point elsewhere ("See the page on leave."), or ask."""
    if _QUESTION.fullmatch(text):
        return _ASKED
    return _POINTED if _POINTER.match(text) else 1.0


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - a stem needs three letters
            return word.removesuffix(ending)
    return word


def _rarity(words: frozenset[str], passages: Sequence[Passage]) -> dict[str, float]:
    """How much each word tells among these passages: rare ones more."""
    seen = Counter(word for passage in passages for word in content_words(passage.chunk.indexed_text) & words)
    total = len(passages)
    return {word: math.log(1 + (total - seen[word] + 0.5) / (seen[word] + 0.5)) + 0.3 for word in words}


def _coverage(words: frozenset[str], rarity: dict[str, float], text: str) -> float:
    """The share of the question's words, weighted by rarity, that the text holds; 0..1."""
    total = sum(rarity.values())
    return sum(rarity[word] for word in content_words(text) & words) / total if total else 0.0


def _known(words: frozenset[str], candidates: Iterable[Passage]) -> float:
    """The share of the words that at least one of the candidates holds; 0..1."""
    missing = words
    for passage in candidates:
        if not missing:
            break
        missing -= content_words(passage.chunk.indexed_text)
    return 1 - len(missing) / len(words) if words else 0.0


def _scored(
    vector: Embedding,
    words: frozenset[str],
    rarity: dict[str, float],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> list[_Scored]:
    """Every piece with its score, best first; the meaning of at most `_COMPARED` pieces is looked at."""
    pieces = [(piece, passage) for passage in passages for piece in _pieces(passage)]
    covered = [_coverage(words, rarity, _meant(piece, passage)) for piece, passage in pieces]
    nearest = sorted(range(len(pieces)), key=lambda i: (-covered[i], pieces[i][1].rank, i))[:_COMPARED]
    vectors = embedder.embed_passages([pieces[i][0].plain for i in nearest])
    headings = {passage.rank: _headings(passage) for passage in passages}
    best_passage = max((passage.score for passage in passages), default=1.0) or 1.0
    found = []
    for i, piece_vector in zip(nearest, vectors, strict=True):
        piece, passage = pieces[i]
        similarity = sum(a * b for a, b in zip(vector, piece_vector, strict=True))
        if _is_the_answer(passage):
            similarity = max(similarity, passage.similarity or 0.0)
        score = 0.6 * similarity + 0.3 * covered[i] + 0.25 * passage.score / best_passage
        headed = _coverage(words, rarity, f"{headings[passage.rank]} {piece.plain}")
        found.append(_Scored(piece, passage, i, worth(piece.plain) * score, similarity, headed))
    return sorted(found, key=lambda item: -item.score)


def _is_the_answer(passage: Passage) -> bool:
    """Whether a person has verified this as the answer to its title, and nothing is nearer to what is asked."""
    return passage.rank == 1 and passage.chunk.review_at is not None


def _pieces(passage: Passage) -> Sequence[Quotable]:
    """What can be quoted of it; what was verified, whole."""
    if not _is_the_answer(passage):
        return [piece for piece in quotables(passage.chunk.text) if not is_order(piece.plain)]
    text = passage.chunk.text.strip()
    return [Quotable(text, plain_text(text), block="\n" in text)]


def _meant(piece: Quotable, passage: Passage) -> str:
    """What a piece says; of an answer, together with the question that it answers."""
    return f"{passage.chunk.title} {piece.plain}" if _is_the_answer(passage) else piece.plain


def _headings(passage: Passage) -> str:
    return " ".join((passage.chunk.title, *passage.chunk.heading_path))


def _new(said: Sequence[str], scored: list[_Scored]) -> list[_Scored]:
    """Best first again, with less weight on what was said before: asked once more, it rarely is what is meant."""
    before = [_letters(text) for text in said]
    weighed = (
        replace(item, score=item.score * _SAID)
        if any(_letters(item.piece.plain) in text for text in before)
        else item
        for item in scored
    )
    return sorted(weighed, key=lambda item: -item.score)


def _naming(words: frozenset[str], scored: list[_Scored]) -> list[_Scored]:
    """Where the question names a code (WR-4107) and pieces hold it, only those: its neighbours in a table look alike."""
    codes = {word for word in words if _CODE.fullmatch(word)}
    return [item for item in scored if codes and codes <= content_words(item.piece.plain)] or scored


def _asks_for_the_unknown(words: frozenset[str], candidates: Iterable[Passage]) -> bool:
    """Whether the question names a code that no candidate holds. The search finds codes whole, so nobody holds it."""
    codes = {word for word in words if _CODE.fullmatch(word)}
    return bool(codes) and not any(
        codes & content_words(passage.chunk.indexed_text) for passage in candidates
    )


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _chosen(scored: Sequence[_Scored]) -> list[_Scored]:
    """The best piece and those nearly as good, without repetition, in reading order."""
    best = scored[0]
    chosen = [best]
    said = content_words(best.piece.plain)
    for item in scored[1:]:
        if len(chosen) == _QUOTED or item.score < _CLOSE * best.score:
            break
        new = content_words(item.piece.plain)
        if len(new - said) >= max(2, len(new) // 3):
            chosen.append(item)
            said |= new
    return sorted(chosen, key=lambda item: (item.passage.rank, item.order))


def _written(chosen: Sequence[_Scored]) -> str:
    """The pieces as Markdown, each with a mark that names its passage by rank; marks of the documents' own defused."""
    written = ""
    previous: _Scored | None = None
    for item in chosen:
        markdown = _OWN_MARK.sub(r"(\1)", item.piece.markdown)
        quote = (
            f"{markdown}\n\n[{item.passage.rank}]"
            if item.piece.block
            else f"{markdown} [{item.passage.rank}]"
        )
        flows = (
            previous and not (previous.piece.block or item.piece.block) and previous.passage == item.passage
        )
        written += quote if not written else (" " if flows else "\n\n") + quote
        previous = item
    return written
