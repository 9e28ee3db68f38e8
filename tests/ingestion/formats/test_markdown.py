"""Front matter and titles of Markdown pages."""

from datetime import UTC, datetime

import pytest

from ingestion.formats.markdown import parse


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("---\ntitle: Leave\n---\n# Other\n", "Leave", id="front matter"),
        pytest.param("---\ntitle: 2024\n---\n# Other\n", "2024", id="a number"),
        pytest.param("---\ntags: [a]\n---\n\nWords\n\n# Sick *leave*\n", "Sick leave", id="first heading"),
        pytest.param("```\n# code\n```\n\nTitle\n=====\n", "Title", id="underlined heading"),
        pytest.param("## Second level only\n", "Parental leave", id="name"),
        pytest.param("# [Link](x.md) and `code`\n", "Link and code", id="signs"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert parse(text, "hr/parental-leave.md").title == title


@pytest.mark.parametrize(
    ("name", "title"),
    [("hr/README.md", "Hr"), ("on-call/index.md", "On call"), ("README.md", "README"), ("-.md", "-.md")],
)
def test_titles_made_from_names(name: str, title: str) -> None:
    assert parse("words", name).title == title


@pytest.mark.parametrize(
    ("fields", "updated_at", "author"),
    [
        pytest.param("date: 2024-03-02\nowner: Ann", datetime(2024, 3, 2, tzinfo=UTC), "Ann", id="date"),
        pytest.param("updated: 2024-03-02 10:00:00", datetime(2024, 3, 2, 10, tzinfo=UTC), None, id="time"),
        pytest.param(
            'last_updated: "2024-03-02T10:00:00Z"\ndate: 2020-01-01\nauthors: [Ann, {name: Bob}]',
            datetime(2024, 3, 2, 10, tzinfo=UTC),
            "Ann, Bob",
            id="newest says it best",
        ),
        pytest.param("date: last spring\nauthor: {}", None, None, id="neither"),
    ],
)
def test_dates_and_authors(fields: str, updated_at: datetime | None, author: str | None) -> None:
    parsed = parse(f"---\n{fields}\n---\nwords", "a.md")
    assert (parsed.updated_at, parsed.author, parsed.text.strip()) == (updated_at, author, "words")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\ntitle: a: b\n---\nwords", id="no YAML"),
        pytest.param("---\njust words\n---\nwords", id="no mapping"),
        pytest.param("---\ndate: 2024-02-31\n---\nwords", id="no day"),
        pytest.param("---\n!!python/object/apply:os.system [ls]\n---\nwords", id="an attack"),
        pytest.param("---\n\nwords between rules\n\n---\n", id="a rule"),
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    assert parse(text, "a.md").text == text
