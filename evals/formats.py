"""What becomes of files of many formats, real and hostile, by format and file: text, or the reason why not.

A folder holds `manifest.jsonl` and `hostile.jsonl`: one JSON object a line with `path`, and what is expected of it
(`expected_outcome`, `must_contain`, `must_not_contain`).
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from ingestion.formats import Parsed
from ingestion.parsing import DocumentEmpty, parse
from rag.errors import DocumentUnreadable

Read = Callable[[bytes, str], Parsed]

_LISTS = ("manifest.jsonl", "hostile.jsonl")
_ALLOWED = {
    "text": {"text"},
    "text_sanitised": {"text", "unreadable"},
    "error": {"unreadable"},
    "refuse": {"unreadable"},
    "empty": {"empty"},
    "error_or_text": {"unreadable", "text"},
    "error_or_empty": {"unreadable", "empty"},
}
_SIGNS = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)|[*_`|]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`became` is text, empty or unreadable; `reason` completes "this document …"; `held` says whether all expected came true."""

    path: str
    format: str
    became: str
    reason: str
    milliseconds: float
    held: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the folder of the lists and files"
    )


def run(options: argparse.Namespace) -> int:
    """Print the table; 1 when something did not come out as expected, 2 when there is nothing to read."""
    found = list(outcomes(options.data))
    print(table(found))  # noqa: T201  # a command's output
    return 2 if not found else int(not all(outcome.held for outcome in found))


def outcomes(folder: Path, read: Read = parse) -> Iterator[Outcome]:
    """What `read` makes of each file that the folder's lists name, in their order."""
    for name in _LISTS:
        listed = folder / name
        for line in listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else ():
            yield _outcome(folder, json.loads(line), read)


def _outcome(folder: Path, row: dict[str, Any], read: Read) -> Outcome:
    path = str(row["path"])
    data = (folder / path).read_bytes()
    began = perf_counter()
    text = reason = ""
    try:
        text = read(data, Path(path).name).text
        became = "text"
    except DocumentEmpty as error:
        became, reason = "empty", str(error)
    except DocumentUnreadable as error:
        became, reason = "unreadable", str(error)
    taken = 1000 * (perf_counter() - began)
    kind = str(row.get("format") or row.get("kind"))
    return Outcome(path, kind, became, reason, taken, _held(row, became, text))


def _held(row: dict[str, Any], became: str, text: str) -> bool:
    if became not in _ALLOWED[row.get("expected_outcome", "text")]:
        return False
    wanted, unwanted = row.get("must_contain"), row.get("must_not_contain")
    present = became != "text" or not wanted or wanted in text or _words(wanted) in _words(text)
    return present and not (unwanted and unwanted in text)


def _words(text: str) -> str:
    """A text without Markdown's signs."""
    return " ".join(_SIGNS.sub(lambda found: found[1] or "", text).split())


def table(found: list[Outcome]) -> str:
    """A Markdown table, in the order of the lists."""
    rows = [
        f"| {each.format} | {Path(each.path).name} | {each.became} | {each.reason} | {each.milliseconds:.0f} | {'yes' if each.held else 'NO'} |"
        for each in found
    ]
    held = sum(each.held for each in found)
    top = [
        "| format | file | outcome | reason | ms | as expected |",
        "| --- | --- | --- | --- | ---: | --- |",
    ]
    return "\n".join([*top, *rows, "", f"{held} of {len(found)} as expected."])
