"""A time of the week, as a setting says it: `monday 09:00`. Pure; UTC."""

import re
from dataclasses import dataclass

from rag.errors import ConfigError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TEXT = re.compile(r"([a-z]{3,9})\s+([01]?\d|2[0-3])(?::([0-5]\d))?")
_OFF = frozenset({"", "off", "never", "none"})
_DAY, _WEEK = 86_400, 7 * 86_400
_FIRST_MONDAY = 4 * _DAY  # 1970-01-05, in seconds since 1970-01-01


@dataclass(frozen=True, slots=True)
class Weekly:
    """`offset`: seconds since Monday 00:00 UTC."""

    offset: int

    @classmethod
    def parse(cls, text: str) -> "Weekly | None":
        """None for `off`. Raises ConfigError."""
        said = text.strip().lower()
        if said in _OFF:
            return None
        found = _TEXT.fullmatch(said)
        day = next((n for n, name in enumerate(_DAYS) if found and name.startswith(found[1])), None)
        if found is None or day is None:
            raise ConfigError(
                f"ADMIN_DIGEST must be a day and a time such as monday 09:00, or off; it is {text!r}."
            )
        return cls(day * _DAY + int(found[2]) * 3600 + int(found[3] or 0) * 60)

    def latest(self, at: float) -> float:
        """When it was last that time, at `at`; both in seconds since 1970."""
        return at - (at - _FIRST_MONDAY - self.offset) % _WEEK
