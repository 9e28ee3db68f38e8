"""docs/privacy.md tells of every table and of every column that says who somebody is, or what they wrote."""

import re
from pathlib import Path

from tests.test_migrations import DECLARED

TEXT = (Path(__file__).parent.parent / "docs/privacy.md").read_text()
PERSONAL = re.compile(
    r"user|owner|_by$|name$|^(text|comment|reason|rating|question|answer|files|response_url)$"
)
HARMLESS = {
    ("runs", "source_name"),  # what an admin called a source
    ("sources", "name"),
    ("attempts", "owner"),  # of a lease
    ("questions", "lease_owner"),
    ("runs", "lease_owner"),
}


def listed() -> dict[str, set[str]]:
    """The columns that are named, by table."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", TEXT, re.MULTILINE)
    return {table: set(re.findall(r"`(\w+)`", columns)) for table, columns in rows}


def test_every_table_is_told_of_and_no_other() -> None:
    assert listed().keys() == {table.name for table in DECLARED}


def test_every_column_about_people_is_told_of_and_what_is_told_of_exists() -> None:
    for table in DECLARED:
        columns = set(table.columns.keys())
        about_people = {
            name for name in columns if PERSONAL.search(name) and (table.name, name) not in HARMLESS
        }
        assert about_people <= listed()[table.name], table.name
        assert listed()[table.name] <= columns, table.name


def test_it_tells_of_every_way_to_forget() -> None:
    for word in ("RETENTION_DAYS", "python -m bot erase", "uninstalled", "ANSWER_CACHE_SECONDS"):
        assert word in TEXT
