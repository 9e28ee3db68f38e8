"""What changes the meaning of a statement however little of its text it is: numbers, codes, denials, directions. Pure.

Two statements about the same thing that differ in one of these do not say the same, whatever their embeddings look like:
"25 days" and "20 days", "before noon" and "after noon", "is allowed" and "is not allowed". Here they are read out of a text, so
that `rag.checking`, `rag.conflicts` and `rag.answer_cache` all mean the same by it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.extracting import content_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMERALS = {word: str(number) for number, word in enumerate(_SMALL, start=2)} | {
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "half": "0.5", "once": "1",
    "twice": "2",
}  # fmt: skip
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_UNITS = {
    "€": "eur", "eur": "eur", "euro": "eur", "$": "usd", "usd": "usd", "dollar": "usd", "£": "gbp", "gbp": "gbp", "pound": "gbp",
    "%": "percent", "percent": "percent", "second": "second", "sec": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "day": "day", "week": "week", "month": "month", "year": "year", "night": "night",
    "time": "time", "km": "km", "kilometre": "km", "kilometer": "km", "mile": "mile", "kg": "kg", "gb": "gb", "mb": "mb",
    "people": "people", "person": "people", "character": "character",
} | {month: month for month in _MONTHS}  # fmt: skip
_BETWEEN = _words("working calendar business full paid more consecutive extra further whole of")
_DENIALS = _words(
    "not no never without cannot nor neither none nobody nothing prohibited prohibit forbidden forbid banned "
    "nicht kein keine keinen nie ohne pas jamais sans niet geen nooit zonder nunca sin"
)
_OPPOSITES = (
    ("before", "after"), ("minimum", "maximum"), ("least", "most"), ("above", "below"), ("over", "under"), ("allowed", "forbidden"),
    ("required", "optional"), ("enable", "disable"), ("include", "exclude"), ("accept", "reject"), ("always", "never"),
    ("earliest", "latest"), ("open", "closed"), ("more", "less"), ("before", "since"),
)  # fmt: skip
_DIRECTIONS = _words(
    "from to than before after by without since until over under between into against versus vs nach von vor"
)
_ASKING = _words(
    "who whom whose what when where which why how many much long often far was wann wo wer wie qui quand où combien"
)
_YEAR = 4  # digits
_REACH = 3  # words with content that a denial reaches
_TOKEN = re.compile(
    r"[€$£]|\d+(?:[.,:]\d+)*(?!\w*[-/.]?\w*[a-z]{2}\d)|\w+(?:[-'’./]\w+)*|%|[.;:!?(),]", re.IGNORECASE
)
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[\w./-]{3,}")
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?m\b\.?", re.IGNORECASE)
_STOPS = frozenset(".,;:!?(")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, and what is counted where that is said ("day", "eur"), else an empty unit."""

    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Particulars:
    """`denied` and `asserted`: the stems of words that stand within, and outside of, the reach of a denial; a word can
    be both. `denials`: how many there are, but for a "No," that answers a question. `directed`: the words that have an
    opposite.
    """

    quantities: frozenset[Quantity]
    codes: frozenset[str]
    denied: frozenset[str]
    asserted: frozenset[str]
    denials: int
    directed: frozenset[str]

    @property
    def values(self) -> Mapping[str, frozenset[str]]:
        """The numbers by their unit."""
        units = {quantity.unit for quantity in self.quantities}
        return {unit: frozenset(q.value for q in self.quantities if q.unit == unit) for unit in units}


def subject(text: str) -> frozenset[str]:
    """The words that say what a text is about, stemmed so that "message", "messages" and "messaging" are one."""
    words = content_words(text.replace("’", "'")) - _DENIALS
    return frozenset(
        word.removesuffix("e") if len(word) > _REACH else word for word in words if not word.endswith("n't")
    )


UNIT_WORDS = subject(" ".join(word for word in _UNITS if word.isalpha()))
"""What things are counted in, stemmed."""

COUNTING_WORDS = UNIT_WORDS | subject(" ".join(_BETWEEN))
"""…and what stands between a number and its unit."""


@lru_cache(maxsize=4096)
def particulars(text: str) -> Particulars:
    """What the text says that nothing like it may replace."""
    tokens = _TOKEN.findall(_with_plain_clock(text.replace("’", "'").replace("n't", " not")))
    words = [token.lower() for token in tokens]
    denied, asserted = _reached(words)
    return Particulars(
        frozenset(_quantities(words)),
        frozenset(word for word in words if _CODE.fullmatch(word)),
        denied,
        asserted,
        sum(word in _DENIALS for word in words) - (words[:1] == ["no"] and words[1:2] == [","]),
        frozenset(word for word in words if any(word in pair for pair in _OPPOSITES)),
    )


def contradict(one: Particulars, other: Particulars) -> bool:
    """Whether one denies what the other asserts, or one points the other way, as far as they speak of the same."""
    if one.denied & other.denied:
        return False
    flipped = (one.denied - one.asserted) & (other.asserted - other.denied)
    flipped |= (other.denied - other.asserted) & (one.asserted - one.denied)
    return bool(flipped) or _opposed(one.directed, other.directed)


def asked_for(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What a question asks, as opposed to what about, and its words in order where the order means something."""
    words = re.findall(r"\w+(?:[-'’./]\w+)*", text.lower())
    asking = frozenset(word for word in words if word in _ASKING or word in _DENIALS or word in _DIRECTIONS)
    ordered = any(word in _DIRECTIONS for word in words)
    return asking, tuple(
        word for word in words if content_words(word) or word in _DIRECTIONS
    ) if ordered else ()


def _opposed(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(
        (a in one and b in other and a not in other and b not in one)
        or (b in one and a in other and b not in other and a not in one)
        for a, b in _OPPOSITES
    )


def _with_plain_clock(text: str) -> str:
    """4 pm, 4:00 p.m. and 16:00 are the same."""

    def plain(match: re.Match[str]) -> str:
        hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0)
        return f"{hour}:{match[2] or '00'}"

    return _CLOCK.sub(plain, text)


def _quantities(words: list[str]) -> Iterator[Quantity]:
    for place, word in enumerate(words):
        value = _value(word)
        if value is None:
            continue
        ahead = words[place - 1] if place else ""
        names = ahead in "€$£" if len(value) >= _YEAR else ahead in {"€", "$", "£", *_MONTHS}
        before = _UNITS.get(ahead, "") if names else ""
        yield Quantity(value, before or _unit_after(words[place + 1 : place + 4]))


def _unit_after(following: list[str]) -> str:
    for word in following:
        unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
        if unit:
            return unit
        if word not in _BETWEEN:
            break
    return ""


def _value(word: str) -> str | None:
    if word in _NUMERALS:
        return _NUMERALS[word]
    if not re.fullmatch(r"\d+(?:[.,:]\d+)*", word):
        return None
    if ":" in word:
        return re.sub(r"^0(?=\d)", "", word)
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", word).replace(",", ".")
    try:
        return f"{float(plain):.10g}"
    except ValueError:
        return plain


def _reached(words: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    denied: set[str] = set()
    asserted: set[str] = set()
    left = 0
    for before, word in pairwise(["", *words]):
        if word in _DENIALS:
            left = 0 if before in _DENIALS else _REACH  # "not prohibited"
        elif word in _STOPS or word == "but":
            left = 0
        elif stems := {stem for stem in subject(word) if not stem[0].isdigit()}:
            (denied if left else asserted).update(stems)
            left = max(0, left - 1)
    return frozenset(denied), frozenset(asserted)
