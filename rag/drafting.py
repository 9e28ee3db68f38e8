"""What of a reply that is still being written may be shown already: what will not change any more. Pure.

Whole sentences, lines and blocks of code. A mark may follow the full stop ("25 days. [1]"), so a sentence is whole when the
next one has begun.
"""

import re
from collections.abc import Callable

from rag.domain import Answer

Show = Callable[[Answer], None]
"""Takes the answer as far as it is written and its claims are checked; what it raises ends the writing."""

_SENTENCE_ENDS = re.compile(r"[.!?…。！？][\"'”’»)*_]*\s*(?:\[[\d,;\s]+\]\s*)*(?<=\s)(?=[^\s\[])")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)


def whole(reply: str) -> str:
    """The longest beginning of the reply that ends with a sentence, a line or a block of code; empty where none does."""
    settled = reply[: reply.rfind("\n") + 1]
    fences = list(_FENCE.finditer(settled))
    if len(fences) % 2:  # inside a block of code
        return settled[: fences[-1].start()]
    last_line = reply[len(settled) :]
    if _FENCE.match(last_line) or last_line.lstrip().startswith("|"):  # a fence begins, or a row of a table
        return settled
    ends = [match.end() for match in _SENTENCE_ENDS.finditer(last_line)]
    return settled + last_line[: ends[-1]] if ends else settled
