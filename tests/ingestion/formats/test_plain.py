"""Titles of plain texts."""

import pytest

from ingestion.formats.plain import parse


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("Release notes 2.4\n\nNew: dark mode.", "Release notes 2.4", id="a line alone"),
        pytest.param("Release notes\n=====\n\nNew.", "Release notes", id="underlined"),
        pytest.param("We shipped it.\n\nNew: dark mode.", "Notes", id="a sentence"),
        pytest.param("One line\nof a paragraph", "Notes", id="a paragraph"),
        pytest.param("word " * 40 + "\n\nmore", "Notes", id="long"),
        pytest.param("----\n\nmore", "Notes", id="a rule"),
        pytest.param("All there is", "Notes", id="nothing after it"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert parse(text, "notes.txt").title == title
