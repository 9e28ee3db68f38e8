"""The words that block_kit.py describes blocks with: small checks that combine, each naming what is wrong.

A check gets a value and its JSON pointer, and adds to the problems in Slack's own wording, for example
"must be less than 3001 characters [json-pointer:/blocks/0/text/text]".
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shapes import Json

Check = Callable[[Any, str, "Problems"], None]


class Problems:
    """What is wrong with a payload, in order of finding."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, problem: str, pointer: str) -> None:
        self.found.append(f"{problem} [json-pointer:{pointer}]")


def string(maximum: int, minimum: int = 1) -> Check:
    """Text of so many characters."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add("must be a string", pointer)
        elif len(value) < minimum:
            problems.add(f"must be more than {minimum - 1} characters", pointer)
        elif len(value) > maximum:
            problems.add(f"must be less than {maximum + 1} characters", pointer)

    return check


def flag(value: Any, pointer: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.add("must be a boolean", pointer)


def number(minimum: float, maximum: float) -> Check:
    """A number between two others, both included."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
            problems.add(f"must be a number from {minimum} to {maximum}", pointer)

    return check


def anything(value: Any, pointer: str, problems: Problems) -> None:
    """Whatever it is, it is right."""


def one_of(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if value not in allowed:
            problems.add(f"must be a valid enum value: {', '.join(allowed)}", pointer)

    return check


def items(each: Check, maximum: int, minimum: int = 1) -> Check:
    """A list of so many items, each of them checked."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add("must be an array", pointer)
            return
        if len(value) < minimum:
            problems.add(f"no fewer than {minimum} items allowed", pointer)
        if len(value) > maximum:
            problems.add(f"no more than {maximum} items allowed", pointer)
        for index, item in enumerate(value):
            each(item, f"{pointer}/{index}", problems)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    fields = {**(optional or {}), **required}

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add("must be an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                problems.add(f"missing required field: {name}", pointer)
        for name, given in value.items():
            if name not in fields and name != "type":
                problems.add(f"invalid additional property: {name}", pointer)
            elif name in fields and given is not None:
                fields[name](given, f"{pointer}/{name}", problems)

    return check


def by_type(table: Callable[[], Mapping[str, Check]]) -> Check:
    """An object whose `type` chooses the check. The table is looked up late: tables refer to each other."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        known = table().get(kind) if isinstance(kind, str) else None
        if known is None:
            problems.add(f"unsupported type: {kind}", pointer)
        else:
            known(value, pointer, problems)

    return check


def at_least_one(*names: str, of: Check) -> Check:
    """A shape in which one of several fields must be there."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not any(value.get(name) for name in names):
            problems.add(f"missing required field: {' or '.join(names)}", pointer)
        of(value, pointer, problems)

    return check


def unique(name: str, of: Check) -> Check:
    """A list of objects in which a field never has the same value twice."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        of(value, pointer, problems)
        seen: set[str] = set()
        for index, item in enumerate(value if isinstance(value, list) else []):
            given = item.get(name) if isinstance(item, dict) else None
            if given and given in seen:
                problems.add(f"`{name}` {given} already exists", f"{pointer}/{index}/{name}")
            seen.add(str(given))

    return check


def text(maximum: int, *kinds: str, minimum: int = 1) -> Check:
    """A text object of one of the kinds plain_text and mrkdwn; both where none is named."""
    content = {"text": string(maximum, minimum)}
    plain = shape(content, {"emoji": flag})
    mrkdwn = shape(content, {"verbatim": flag})
    table: Json = {"plain_text": plain, "mrkdwn": mrkdwn}
    return by_type(lambda: {kind: table[kind] for kind in kinds or table})
