"""`python -m bot audit`: what admins did and what was refused, for people, and as CSV for their spreadsheets.

A spreadsheet computes what looks like a formula, and some of what stands here (the name of a source) was typed by somebody. So
nothing that could begin a cell begins like one: neither a cell of ours, nor what a spreadsheet that separates by something else would
take for one. Cf. OWASP, "CSV Injection".
"""

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.database import open_database
from rag.settings import Settings
from workers.admin.audit import Audit, Entry, State, chain_in_words

COLUMNS = ("at", "who", "where", "action", "subject", "outcome", "before", "after", "hash")

_SHOWN = 50
_BEGINS_A_FORMULA = re.compile(
    r'(^|[,;|"])( *)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])'
)  # the last four are full-width


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be said after `python -m bot audit`."""
    command.add_argument("--csv", action="store_true", help="for spreadsheets")
    command.add_argument(
        "--limit", type=_number, metavar="N", help=f"so many, the latest ({_SHOWN}; with --csv all)"
    )


def show_audit(settings: Settings, arguments: argparse.Namespace) -> None:
    """Print it, the latest first. Raises ConfigError, DatabaseUnavailable."""
    engine = open_database(settings.storage.database_url)
    try:
        limit = arguments.limit or (None if arguments.csv else _SHOWN)
        audit = Audit(engine, settings.storage.team_id)
        entries, chain = audit.latest(limit), audit.checked()
    finally:
        engine.dispose()
    if arguments.csv:
        sys.stdout.write(csv_of(entries))
    else:
        Console().print(table(entries))
        Console().print(chain_in_words(chain), highlight=False)


def csv_of(entries: Iterable[Entry]) -> str:
    """The entries, in the order given, as RFC 4180 has it: a line of `COLUMNS`, then one each. Times are UTC, states JSON."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([cell(text) for text in _texts(entry)] for entry in entries)
    return written.getvalue()


def cell(text: str) -> str:
    """The text on one line, with an apostrophe before what a spreadsheet would compute."""
    return _BEGINS_A_FORMULA.sub(r"\1\2'", _on_one_line(text))


def table(entries: Sequence[Entry]) -> Table:
    """For people."""
    shown = Table(*COLUMNS[:-1])
    for entry in entries:
        shown.add_row(*(Text(_on_one_line(text)) for text in _texts(entry)[:-1]))
    return shown


def _texts(entry: Entry) -> tuple[str, ...]:
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.user_id,
        entry.channel_id,
        entry.action,
        entry.subject,
        entry.outcome,
        _state(entry.before),
        _state(entry.after),
        entry.hash,
    )


def _state(state: State | None) -> str:
    return "" if state is None else json.dumps(dict(state), ensure_ascii=False, sort_keys=True, default=str)


def _on_one_line(text: str) -> str:
    """Without what moves a cursor, or is not to be seen."""
    return "".join(char if char.isprintable() else " " for char in text)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on, not {text}")
    return int(text)
