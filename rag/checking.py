"""Does an answer say what its documents say? Every claim is held against the passages it names; what none supports goes.

After Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations" (ALCE): a statement must follow from
the passages cited for it. There a language model for inference decides; here, without another call, the words do and the
meaning, and above all what may not differ (see `rag.particulars`): a number, a code or a denial of the claim that the
passage does not have makes it false however similar the rest. `rag.verdicts` asks the model instead.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rag.claims import Claim, taken_apart
from rag.domain import Passage
from rag.particulars import Particulars, Quantity, contradict, particulars, subject
from rag.ports import Embedder
from rag.quotable import quotables

_WORDS_ALONE = (
    0.8  # share of a claim's words that one neighbourhood of the passage holds: nothing more is asked
)
_WORDS, _MEANING = 0.45, 0.45  # share of the words and cosine that are enough together
_FEW_WORDS, _SAME_MEANING = 0.2, 0.6  # …said in other words
_NEAR = 0.3  # share of the words that must stand around a number of the claim
_NEAREST = 0.5  # …and of the words in the piece that has the most of them
_AS_PLAIN = 0.9  # share of the most words in one piece that a passage not named must have in one
_PLAIN = 0.6  # …and one that is named, unless no other supports the claim
_SAME_WORDS = (
    0.85  # of all words of two sentences, the share in both, from which on they are told by their denials
)
_COMPARED = 4  # pieces of a passage whose meaning is compared with a claim
_CODE_LINES = 0.8  # share of the lines of a block of code that must stand in the passage


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTION_WORDS = {
    "en": _words("the and of to is are you your for with that this it not can must from be by"),
    "de": _words("der die das und ist sind nicht mit für sie ihr ein eine den zu von auf werden wird"),
    "nl": _words("de het een en van is niet met voor u uw zijn wordt worden bij dat je op"),
    "fr": _words("le la les des et est une un pour dans vous votre avec ne pas sur du que qui"),
    "es": _words("el la los las y es una un para con por no en que se su del al"),
    "pt": _words("o a os as e é uma um para com por não em que se do da no na"),
}

_REPORTING = subject(
    "according document documents page section says states mentions lists describes disagree differ conflict contradict "
    "whereas while however newer newest older oldest recent updated current latest version"
)
"""Words with which an answer speaks of its documents, and says nothing of what they are about."""


@dataclass(frozen=True)
class Source:
    """What the model was shown under a number: the passage, and the text around it."""

    passage: Passage
    text: str

    @cached_property
    def about(self) -> str:
        """Title, headings and date: said of every sentence of it."""
        chunk = self.passage.chunk
        dated = f"{chunk.updated_at:%Y-%m-%d} {chunk.updated_at:%d %B %Y}" if chunk.updated_at else ""
        return "\n".join((chunk.title, *chunk.heading_path, dated))

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Its sentences, items, rows, each alone."""
        return tuple(dict.fromkeys(piece.plain for piece in quotables(self.text))) or (self.text,)

    @cached_property
    def neighbourhoods(self) -> tuple[frozenset[str], ...]:
        """For each piece the words in it, in the ones before and after it, and in the headings."""
        own = [subject(piece) for piece in self.pieces]
        headings = subject(self.about)
        return tuple(headings.union(*own[max(0, place - 1) : place + 2]) for place in range(len(own)))

    def distinct(self, words: frozenset[str]) -> list[frozenset[str]]:
        """For each piece those of the words in it that tell it from most others: not the headers of a table's columns."""
        own = [words & subject(piece) - subject(self.about) for piece in self.pieces]
        common = {word for word in words if 2 * sum(word in it for it in own) > max(len(own), 2)}
        return [it - common for it in own] if any(it - common for it in own) else own

    @cached_property
    def words(self) -> frozenset[str]:
        return subject(f"{self.about}\n{self.text}")

    def holds(self, wanted: Quantity) -> bool:
        """Whether it has this number, of this unit or of none; in headings and date of exactly this."""
        return wanted in particulars(self.about).quantities or _among(
            wanted, particulars(self.text).quantities
        )


Check = Callable[[Sequence[Claim], Sequence[Source], str], list[tuple[int, ...]]]
"""For each claim the numbers (from 1) of the sources that support it, those that it names itself first; the last argument
is the question. Raises the errors of `rag.errors`.
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """The reply with what stands. `removed` claims had no support, `corrected` ones were given another mark."""

    text: str
    removed: int
    corrected: int


def checked(reply: str, sources: Sequence[Source], question: str, check: Check) -> Checked:
    """The reply's supported claims, each with marks that hold; no text where nothing does. Marks stay ranks."""
    apart = taken_apart(reply)
    supports = check(apart.claims, sources, question)
    marks = {
        place: [n for n in claim.marks if n in found] or ([] if _is_lone_word(claim) else found[:1])
        for place, (claim, found) in enumerate(zip(apart.claims, supports, strict=True))
    }
    changed = (
        found and not set(claim.marks) & set(found)
        for claim, found in zip(apart.claims, supports, strict=True)
    )
    return Checked(apart.rebuilt(marks), sum(not found for found in supports), sum(map(bool, changed)))


def _is_lone_word(claim: Claim) -> bool:
    """Whether it is a word that names no document: that one has it, too, does not make it an answer."""
    lone = not claim.code and not claim.marks and len(subject(claim.said)) < 2  # noqa: PLR2004 - that is what lone means
    return lone and not particulars(claim.said).quantities


class ByWords:
    """A `Check` by words and meaning. Some milliseconds; no call to a model but the embedder."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __call__(
        self, claims: Sequence[Claim], sources: Sequence[Source], question: str
    ) -> list[tuple[int, ...]]:
        meaning = _Meaning(self._embedder)
        return [tuple(_supporting(claim, sources, question, meaning)) for claim in claims]


def _supporting(claim: Claim, sources: Sequence[Source], question: str, meaning: "_Meaning") -> Iterator[int]:
    """Numbers of supporting sources: the named ones if any of them is, each or together, else the first other one that
    speaks of it as plainly as any.
    """
    if not claim.code and _is_denied(claim, [piece for source in sources for piece in source.pieces]):
        return
    named = [number for number in claim.marks if 1 <= number <= len(sources)]
    holds = [number for number in named if _supports(claim, sources[number - 1], question, meaning)]
    if not holds and len(named) > 1:
        together = _together([sources[number - 1] for number in named])
        holds = named if _supports(claim, together, question, meaning) else []
    if not set(holds) & set(_speaking_of_it(claim, sources, _PLAIN)):
        others = (number for number in _speaking_of_it(claim, sources, _AS_PLAIN) if number not in named)
        holds = [n for n in others if _supports(claim, sources[n - 1], question, meaning)][:1] or holds
    yield from holds


def _speaking_of_it(claim: Claim, sources: Sequence[Source], share: float) -> list[int]:
    """The numbers of the sources with a piece that has this share of the most words of the claim that any piece has."""
    if claim.code:
        return [*range(1, len(sources) + 1)]
    words = _telling(claim)
    most = [
        0
        if _other_language(claim.said, source.text)
        else max(len(words & subject(piece)) for piece in source.pieces)
        for source in sources
    ]
    return [number for number, count in enumerate(most, start=1) if count and count >= share * max(most)]


def _telling(claim: Claim) -> frozenset[str]:
    """The claim's words without its numbers and what they count."""
    units = {quantity.unit for quantity in particulars(claim.said).quantities}
    return frozenset(word for word in subject(claim.said) if not word[0].isdigit()) - units


def _together(sources: Sequence[Source]) -> Source:
    return Source(sources[0].passage, "\n\n".join(f"{source.about}\n\n{source.text}" for source in sources))


def _supports(claim: Claim, source: Source, question: str, meaning: "_Meaning") -> bool:
    if claim.code:
        return _holds_code(claim.said, source.text)
    said = particulars(claim.said)
    if not _has_numbers(said, source, question) or not said.codes <= _codes(source, question):
        return False
    if _other_language(claim.said, source.text):
        # Its words cannot be compared, but for names; its numbers and codes were.
        return bool(said.quantities or subject(claim.said) & source.words)
    if _is_denied(claim, source.pieces) or not _particulars_are_near(claim, source, question):
        return False
    words = frozenset(word for word in subject(claim.said) if not word[0].isdigit())  # numbers were looked at
    words = words - _REPORTING or words
    shares = [len(words & around) / max(len(words), 1) for around in source.neighbourhoods]
    return max(shares) >= _WORDS_ALONE or meaning.agrees(claim.said, source, shares)


def _holds_code(code: str, text: str) -> bool:
    lines = [line.strip() for line in code.splitlines()[1:-1] if line.strip()]
    return bool(lines) and sum(line in text for line in lines) >= _CODE_LINES * len(lines)


def _codes(source: Source, question: str) -> frozenset[str]:
    return particulars(f"{source.about}\n{source.text}").codes | particulars(question).codes


def _has_numbers(said: Particulars, source: Source, question: str) -> bool:
    """Whether the source has all numbers; one that only the question has may stand beside one of the source's."""
    asked = particulars(question).quantities
    missing = [it for it in said.quantities if not source.holds(it)]
    return not missing or (len(missing) < len(said.quantities) and all(_among(it, asked) for it in missing))


def _among(wanted: Quantity, there: frozenset[Quantity]) -> bool:
    return any(
        it.value == wanted.value and (it.unit == wanted.unit or not it.unit or not wanted.unit)
        for it in there
    )


def _particulars_are_near(claim: Claim, source: Source, question: str) -> bool:
    """Whether numbers and codes stand where the source speaks of what the claim speaks of: 25 days of leave are no notice."""
    said, asked = particulars(claim.said), particulars(question)
    telling = _telling(claim)
    own = [len(words) for words in source.distinct(telling)]
    near = [len(telling & around) for around in source.neighbourhoods]

    def stands(wanted: Quantity | str) -> bool:
        places = [n for n, piece in enumerate(source.pieces) if _says(particulars(piece), wanted)]
        return any(near[n] >= _NEAR * len(telling) and own[n] >= _NEAREST * max(own) for n in places)

    elsewhere = particulars(source.about)
    numbers = said.quantities - elsewhere.quantities - asked.quantities
    return all(map(stands, numbers)) and all(map(stands, said.codes - elsewhere.codes - asked.codes))


def _says(said: Particulars, wanted: Quantity | str) -> bool:
    return wanted in said.codes if isinstance(wanted, str) else _among(wanted, said.quantities)


def _is_denied(claim: Claim, pieces: Sequence[str]) -> bool:
    """Whether what is said about it, where most of its words stand, is the opposite, or points the other way."""
    words = subject(claim.said)
    shares = [len(words & subject(piece)) for piece in pieces]
    best = max(shares, default=0)
    nearest = [piece for piece, share in zip(pieces, shares, strict=True) if share == best]
    return best > 0 and all(_denies(claim.said, words, piece) for piece in nearest)


def _denies(said: str, words: frozenset[str], piece: str) -> bool:
    """Whether the piece says the opposite: by what it denies, or, in the same words, by how often it denies."""
    others = subject(piece)
    first, second = particulars(said), particulars(piece)
    if len(words & others) >= _SAME_WORDS * len(words | others) and first.denials != second.denials:
        return True
    return contradict(first, second)


def _other_language(one: str, other: str) -> bool:
    first, second = _language(one), _language(other)
    return bool(first and second and first != second)


def _language(text: str) -> str:
    """The language whose function words are clearly the most; empty where that is open."""
    words = re.findall(r"\w+", text.lower())
    counts = sorted(((sum(word in known for word in words), name) for name, known in _FUNCTION_WORDS.items()))
    (second, _), (first, name) = counts[-2:]
    return name if first >= 2 and first > second else ""  # noqa: PLR2004 - one may be chance


class _Meaning:
    """Cosines of claims and pieces, each text embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Sequence[float]] = {}

    def agrees(self, claim: str, source: Source, shares: Sequence[float]) -> bool:
        best = max(shares)
        if best < _FEW_WORDS:
            return False
        nearest = sorted(range(len(shares)), key=lambda n: -shares[n])[:_COMPARED]
        texts = [source.pieces[n] for n in nearest]
        self._learn([claim, *texts])
        cosine = max(float(np.dot(self._vectors[claim], self._vectors[text])) for text in texts)
        return (best >= _WORDS and cosine >= _MEANING) or cosine >= _SAME_MEANING

    def _learn(self, texts: Sequence[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self._embedder.embed_passages(new) if new else [], strict=True))
