"""Keys, tokens and passwords out of a document's text, before it is embedded or stored. Pure.

A page that says how to log in is worth finding; the password on it is not. What goes is told by
    private_keys  blocks that say what they are
    shapes        tokens that their maker gave a form of their own
    addresses     passwords inside web and database addresses
    naming        values that stand beside a name such as `password` or `API_KEY`
and what only looks like a secret (`<your-api-key>`, `changeme`, `AKIAIOSFODNN7EXAMPLE`) stays: see placeholders.

Each rule names the words without which it cannot match; they are looked for first, since most text holds none of them.
No pattern can be made to take longer than linear time in the text, whatever the text is.
"""

from collections import Counter

from ingestion.masking.addresses import ADDRESSES
from ingestion.masking.naming import NAMING
from ingestion.masking.private_keys import PRIVATE_KEYS
from ingestion.masking.rules import Rule
from ingestion.masking.shapes import SHAPES

MASKING = 1
"""Raised when the rules change, so that documents are read again."""

RULES: tuple[Rule, ...] = (*PRIVATE_KEYS, *SHAPES, *ADDRESSES, *NAMING)

_WORDS = tuple((word, number) for number, rule in enumerate(RULES) for word in rule.words)


def mask(text: str) -> tuple[str, Counter[str]]:
    """The text with `[removed: GitHub token]` for every secret, and how many of each kind were removed.

    Lines stay where they are: a secret of several lines leaves as many. Masking what is masked changes nothing.
    """
    removed: Counter[str] = Counter()
    lowered = text.lower().replace("\\_", "_")
    for number in sorted({number for word, number in _WORDS if word in lowered}):
        text = RULES[number].applied(text, removed)
    return text, removed
