"""What admins did, as CSV: whatever was typed, no spreadsheet computes it."""

import argparse
import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from bot.commands.audit_log import COLUMNS, add_arguments, cell, csv_of, show_audit, table
from rag.database import open_database
from rag.settings import Settings, StorageSettings
from workers.admin.audit import Audit, Entry

AT = datetime(2026, 11, 27, 21, 30, 5, tzinfo=UTC)
FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
FORMULA = tuple("=+-@\t\r\n" + FULL_WIDTH)
# Whatever a spreadsheet may separate cells by, and what it may skip at the beginning of one.
NASTY = st.text(st.sampled_from("=+-@\t\r\n \u00a0,;|\"'a[]\u200b\x00\x1b" + FULL_WIDTH)) | st.text()


def entry(subject: str = "wiki", **changed: object) -> Entry:
    given = {
        "at": AT,
        "user_id": "U1",
        "channel_id": "C1",
        "action": "audience",
        "subject": subject,
        "outcome": "done",
        "before": None,
        "after": None,
    }
    return Entry(**(given | changed))  # type: ignore[arg-type]


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@given(NASTY, NASTY, NASTY)
@example("=cmd|' /C calc'!A0", "@SUM(1)", "\t=1")
@example('x;"=1', "=1", "a\n=1")
def test_no_cell_begins_like_a_formula(subject: str, user_id: str, value: str) -> None:
    exported = csv_of([entry(subject, user_id=user_id, before={value: [value, -1]}, after={"x": value})] * 2)
    assert len(cells(exported)) == 3
    assert {len(row) for row in cells(exported)} == {len(COLUMNS)}
    for delimiter in ",;\t|":
        for row in cells(exported, delimiter):
            for one in row:
                assert not one.startswith(FORMULA)
                assert not one.strip().strip('"').strip().startswith(FORMULA)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        *((f"{sign}1", f"'{sign}1") for sign in FULL_WIDTH),
        ("  =1", "  '=1"),
        ("\t=1", " '=1"),
        ("a;=1", "a;'=1"),
        ("team-wiki (a+b)", "team-wiki (a+b)"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_what_begins_like_one_is_changed(text: str, safe: str) -> None:
    assert cell(text) == safe


def test_what_stands_in_it() -> None:
    exported = csv_of([entry('the "wiki", old', before={"readers": ["public"]}, after={"readers": []})])
    assert cells(exported) == [
        [*COLUMNS],
        [
            *("2026-11-27 21:30:05", "U1", "C1", "audience", 'the "wiki", old', "done"),
            *('{"readers": ["public"]}', '{"readers": []}', ""),
        ],
    ]
    assert csv_of([]) == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


def test_for_people_nothing_is_markup_and_nothing_moves_the_cursor() -> None:
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    console.print(table([entry("[red]wiki[/nothing]\x1b[2J")]))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[red]wiki[/nothing]" in shown
    assert "\x1b" not in shown


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(storage=StorageSettings(data_dir=tmp_path, database_url="", team_id="T"))
    engine = open_database(settings.storage.database_url)
    for number in range(60):
        Audit(engine, "T").note(f"U{number}", "add", "wiki")
    engine.dispose()
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    show_audit(settings, parser.parse_args(["--csv"]))
    assert len(cells(capsys.readouterr().out)) == 61
    show_audit(settings, parser.parse_args(["--csv", "--limit", "2"]))
    assert [row[1] for row in cells(capsys.readouterr().out)] == ["who", "U59", "U58"]
    show_audit(settings, parser.parse_args([]))
    shown = capsys.readouterr().out
    assert shown.count("wiki") == 50
    assert "60 entries, all as written" in shown
    with pytest.raises(SystemExit):
        parser.parse_args(["--limit", "0"])
