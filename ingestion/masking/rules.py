"""What a rule of masking is."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`words`, in lower case: text without any of them holds no match. What `pattern` finds is removed if `is_secret`
    says so: its group `secret` where it has one, else all of it.
    """

    kind: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    is_secret: Callable[[re.Match[str]], bool]

    def applied(self, text: str, removed: Counter[str]) -> str:
        """The text without the secrets of this rule; they are counted in `removed`."""

        def replaced(match: re.Match[str]) -> str:
            if not self.is_secret(match):
                return match[0]
            removed[self.kind] += 1
            start, end = match.span("secret" if "secret" in self.pattern.groupindex else 0)
            before, secret, after = text[match.start() : start], text[start:end], text[end : match.end()]
            return f"{before}[removed: {self.kind}]{_line_breaks(secret)}{after}"

        return self.pattern.sub(replaced, text)


def _line_breaks(secret: str) -> str:
    return "\n" * secret.count("\n")
