"""Pages as the usual programs make them: all that people came for is kept, little of what stands around it, nothing hidden.

Each page in `pages/` carries marks: WANTED-1, WANTED-2 … in what people came for, NOISE-1 … in what stands around it,
HIDDEN-1 … in what they do not see.
"""

import re
from pathlib import Path
from time import monotonic

import pytest

from ingestion.formats.html import parse

PAGES = Path(__file__).parent / "pages"

NOISE = {
    "blog": 0,
    "confluence": 0,
    "docusaurus": 0,
    "help_centre": 1,  # the author's line
    "intranet": 2,  # a table's first and last row: nothing tells them from its content
    "list_of_links": 0,
    "mediawiki": 1,  # a notice of the day
    "mkdocs": 0,
    "notion_export": 0,
    "repository": 0,
    "sphinx": 0,
    "without_marks": 2,  # two links below
}
"""How many marks of noise each page lets through."""


def marks(kind: str, text: str) -> set[str]:
    return set(re.findall(rf"\b{kind}-\d+\b", text))


def read(name: str) -> tuple[str, str]:
    """The page, and the text that is read out of it."""
    page = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    # highlighters cut words into pieces
    return re.sub(r"</?span[^>]*>", "", page), parse(page, f"{name}.html").text


def test_every_page_is_looked_at() -> None:
    assert {page.stem for page in PAGES.iterdir()} == NOISE.keys()


@pytest.mark.parametrize("name", NOISE)
def test_a_page_gives_what_people_came_for(name: str) -> None:
    page, text = read(name)
    assert len(marks("WANTED", page)) >= 8
    assert marks("WANTED", page) - marks("WANTED", text) == set()
    assert len(marks("NOISE", text)) == NOISE[name], marks("NOISE", text)
    assert not marks("HIDDEN", text)


LIST = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(8))


@pytest.mark.parametrize(
    ("around", "is_kept"),
    [
        pytest.param(f"<ul>{LIST}</ul>", False, id="all links"),
        pytest.param(f"<div><b>Sections</b><div>{LIST}</div></div>", False, id="nearly all links"),
        pytest.param(f"<ul>{LIST.replace('7</a>', '7</a> and more')}</ul>", False, id="a word beside them"),
        pytest.param(f"<ul>{LIST}<li>{'words ' * 20}</li></ul>", True, id="words beside them"),
        pytest.param(f"<ul>{LIST.replace('href', 'name')}</ul>", True, id="places, not links"),
        pytest.param(f"<section>{LIST}</section>", True, id="a section"),
        pytest.param(f"<ul>{LIST * 9}</ul>", True, id="most of the page"),
        pytest.param(f"<ul>{LIST}</ul><p></p>" * 9, True, id="together most of the page"),
    ],
)
def test_a_menu_that_nothing_marks_as_such(around: str, is_kept: bool) -> None:
    page = f"<html><body>{around}<div><p>{'The story goes on. ' * 10}</p></div></body></html>"
    text = parse(page, "a.html").text
    assert ("Section 3" in text) is is_kept
    assert "The story goes on." in text


def test_menus_stay_where_a_main_part_is_marked() -> None:
    page = f"<html><body><main><p>{'The story goes on. ' * 10}</p><ul>{LIST}</ul></main></body></html>"
    assert "Section 3" in parse(page, "a.html").text


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<nav>",
        "<main>",
        "<main><article>",
        '<div style="display:none">',
        "<ul><li><a href=x>words</a>",
        "<div class=cookies id=menu>",
    ],
)
def test_depth_costs_nothing(piece: str) -> None:
    page = "<html><body><p>words</p>" + piece * 20_000
    began = monotonic()
    assert "words" in parse(page, "a.html").text
    assert monotonic() - began < 10  # on a busy machine; each takes a second
