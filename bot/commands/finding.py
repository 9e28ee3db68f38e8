"""What a check of `bot.commands.doctor` found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what is, `remedy` what to do, in sentences; no secret is in them."""

    name: str
    state: State
    text: str
    remedy: str = ""


def fine(name: str, text: str) -> Finding:
    return Finding(name, "ok", text)


def warning(name: str, text: str, remedy: str = "") -> Finding:
    """It works, and something is missing or not as it is meant."""
    return Finding(name, "warning", text, remedy)


def failed(name: str, text: str, remedy: str = "") -> Finding:
    return Finding(name, "failed", text, remedy)
