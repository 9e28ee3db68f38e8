"""Faults, switched on from outside: what can go wrong between an app and Slack.

    delay         answer only after `seconds`
    error         answer {"ok": false, "error": NAME}; nothing was done
    http          answer with the HTTP status `status` and no JSON; nothing was done
    rate_limited  answer 429 with Retry-After `seconds`; nothing was done
    reset         break the connection; nothing was done
    drop_reply    do the work, then break the connection without a reply
    garbage       do the work, then reply with something that is no JSON

A fault concerns one method or "*", strikes `count` times (None: always) and, where a probability is
given, only that often, decided by a generator with a fixed seed.
"""

from dataclasses import dataclass, field
from random import Random

from sandbox.errors import ArgumentError
from sandbox.shapes import Json

KINDS = ("delay", "error", "http", "rate_limited", "reset", "drop_reply", "garbage")


@dataclass
class Fault:
    """One fault that is switched on."""

    kind: str
    method: str = "*"
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    error: str = "internal_error"
    status: int = 503
    struck: int = 0
    _random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ArgumentError(f"no fault named {self.kind}; there are {', '.join(KINDS)}")
        self._random = Random(self.seed)  # noqa: S311 - repeatable on purpose

    def strikes(self, method: str) -> bool:
        """Whether it strikes this call; counts if so."""
        if self.method not in ("*", method) or self.count == 0 or self._random.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        self.struck += 1
        return True

    def to_json(self) -> Json:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


class Faults:
    """All faults that are switched on."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def to_json(self) -> list[Json]:
        return [fault.to_json() for fault in self._faults]

    def striking(self, method: str) -> list[Fault]:
        """What strikes this call: delays, and of the others at most one."""
        strikes: list[Fault] = []
        for fault in self._faults:
            others = [earlier for earlier in strikes if earlier.kind != "delay"]
            if (fault.kind == "delay" or not others) and fault.strikes(method):
                strikes.append(fault)
        return strikes
