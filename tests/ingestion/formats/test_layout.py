"""Headings are what stands out from the text: not every large print."""

import pytest

from ingestion.formats.layout import Cell, Line, Page, text_of_pages

BODY = [(12, f"This is the text of the page, line {number}, which goes on and on.") for number in range(8)]


def page(*lines: tuple[float, str]) -> Page:
    """Lines of these sizes below each other, with a gap around larger ones."""
    placed, bottom = [], 780.0
    for size, text in lines:
        bottom -= 3 * size if size > 12 else 14
        placed.append(Line((Cell(text, 50, 50 + len(text) * size / 2),), bottom, size, bottom))
    return Page(tuple(placed), 1000)


def headings(*pages: Page) -> list[str]:
    return [block for text in text_of_pages(pages) for block in text.split("\n\n") if block.startswith("#")]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param([(24, "Travel"), *BODY], ["# Travel"], id="a heading"),
        pytest.param([(24, "Travel"), (18, "By train"), *BODY], ["# Travel", "## By train"], id="two levels"),
        pytest.param([(24, "Chapter 1"), (24, "Travel"), *BODY], ["# Travel"], id="two of a size"),
        pytest.param([*BODY, (18, "By train")], ["# By train"], id="at the page's end"),
        pytest.param([(24, "Travel")], ["# Travel"], id="alone on its page"),
        pytest.param([(18, "Bring a badge"), (18, "Sign the list"), (18, "Wait here")], [], id="large print"),
        pytest.param([*BODY, (18, "Bring a badge"), (18, "Sign here")], [], id="large print below text"),
        pytest.param([(18, "All trains run late today."), *BODY], [], id="a sentence"),
        pytest.param([(18, "Trains run late " * 12), *BODY], [], id="long"),
        pytest.param([(18, "and so on"), *BODY], [], id="in the middle of a sentence"),
    ],
)
def test_a_heading_stands_out(lines: list[tuple[float, str]], found: list[str]) -> None:
    assert headings(page(*lines), page(*BODY), page(*BODY)) == found
