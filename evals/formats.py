"""What becomes of files of many formats, real and hostile, by format and file: text, or the reason why not.

A folder holds `manifest.jsonl` and `hostile.jsonl`: one JSON object a line with `path`, and what is expected of it
(`expected_outcome`, `must_contain`, `must_not_contain`). The files are read as a sync reads them: in a process of its
own, within its limits.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from ingestion.confined import ConfinedReader
from ingestion.parsing import DocumentEmpty, parse
from ingestion.reading import Reader
from rag.adapters.model_files import BUNDLED, folder_of
from rag.adapters.token_counter import TokenCounter
from rag.errors import ConfigError, DocumentUnreadable

Read = Callable[[bytes, str], str]
"""The text of a file of these bytes and this name. Raises DocumentUnreadable."""

_MAX_TOKENS = 256
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
_SIGNS = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)|[*_`|]+|^#{1,6} ", re.MULTILINE)


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
    parser.add_argument(
        "--unconfined", action="store_true", help="only parse, in this process and without limits"
    )


def run(options: argparse.Namespace) -> int:
    """Print the table; 1 when something did not come out as expected, 2 when there is nothing to read."""
    if options.unconfined:
        found = list(outcomes(options.data, parsed_text))
    else:
        with closing(ConfinedReader(bundled_counter(), _MAX_TOKENS)) as reader:
            found = list(outcomes(options.data, text_by(reader)))
    print(table(found))  # noqa: T201  # a command's output
    return 2 if not found else int(not all(outcome.held for outcome in found))


def parsed_text(data: bytes, name: str) -> str:
    """What parsing alone makes of it, here and without limits."""
    return parse(data, name).text


def text_by(reader: Reader) -> Read:
    """What ends up in the chunks: each one's headings, and its text."""

    def read(data: bytes, name: str) -> str:
        slices = reader.read(data, name, url="https://files.example.com").slices
        return "\n".join("\n".join((part.title, *part.heading_path, part.text)) for part in slices)

    return read


def bundled_counter() -> TokenCounter:
    """The token counter of the model that is always there, without the model."""
    folder = folder_of(BUNDLED)
    if folder is None:
        raise ConfigError(f"The package that brings {BUNDLED} along is not installed.")
    return TokenCounter((folder / "tokenizer.json").read_text(encoding="utf-8"))


def outcomes(folder: Path, read: Read) -> Iterator[Outcome]:
    """What `read` makes of each file that the folder's lists name, in their order."""
    return (outcome(folder, row, read) for row in rows(folder))


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """What the folder's lists say of each file."""
    for name in _LISTS:
        listed = folder / name
        for line in listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else ():
            yield json.loads(line)


def outcome(folder: Path, row: dict[str, Any], read: Read) -> Outcome:
    """What `read` makes of the file of this row."""
    path = str(row["path"])
    data = (folder / path).read_bytes()
    began = perf_counter()
    text = reason = ""
    try:
        text = read(data, Path(path).name)
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
