"""Slack-like identifiers and timestamps: unique within one sandbox, timestamps increasing."""

import itertools
import time

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MICROSECONDS = 1_000_000


class Ids:
    """Hands out ids such as C0000000A1: a kind's letter and a number that never repeats."""

    def __init__(self) -> None:
        self._numbers = itertools.count(361)

    def new(self, kind: str) -> str:
        """The next id of a kind: "C", "D", "F", "V", "Ev"."""
        return f"{kind}0{_base36(next(self._numbers)):0>8}"


class Clock:
    """The time, in seconds since 1970, and message timestamps made of it."""

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> float:
        return time.time()

    def ts(self) -> str:
        """A timestamp that names a message: "1763700000.000100", later than every one before."""
        self._last = max(int(time.time() * _MICROSECONDS), self._last + 100)
        seconds, fraction = divmod(self._last, _MICROSECONDS)
        return f"{seconds}.{fraction:06d}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits
