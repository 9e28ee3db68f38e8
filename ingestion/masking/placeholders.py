"""Tells what somebody wrote in place of a secret from a secret."""

import math
import re
from collections import Counter

_SAID = re.compile(
    r"example|your|change-?_?me|placeholder|dummy|redacted|\[removed:|x{4}|\*{3}|\.{3}|…|[<>]|\$[({]|\{\{|\{\w+\}|%\(",
    re.IGNORECASE,
)
_LEAST_ENTROPY = 2.5  # bits a character; `abcabcabcabc` has 1.6, a UUID about 3.5


def is_made_up(value: str) -> bool:
    """Whether the value says itself that it is none (`your-token`, `${TOKEN}`) or is too plain to be one (`xxxxxxxx`)."""
    return bool(_SAID.search(value)) or entropy(value) < _LEAST_ENTROPY


def says_so(value: str) -> bool:
    """Whether the value says itself that it is none, however plain it is: passwords are often plain."""
    return bool(_SAID.search(value))


def entropy(value: str) -> float:
    """Shannon entropy in bits a character: 0 for `aaaa`, 4 for sixteen different characters."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) if value else 0.0
