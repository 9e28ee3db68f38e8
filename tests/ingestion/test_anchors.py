"""Addresses that land where the passage is."""

import pytest

from ingestion.anchors import Slugs, at_heading, at_words


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Sick leave", "sick-leave"),
        ("What's new in 2.0?", "whats-new-in-20"),
        ("A & B -- C", "a--b----c"),
        ("snake_case", "snake_case"),
        ("Größe und Ämter", "größe-und-ämter"),
        ("日本語の見出し", "日本語の見出し"),
        ("🚀 Launch", "-launch"),
        ("foo()/bar", "foobar"),
    ],
)
def test_slugs_are_githubs(title: str, slug: str) -> None:
    assert Slugs().next(title) == slug


def test_equal_slugs_are_numbered_and_stay_unique() -> None:
    slugs = Slugs()
    assert [slugs.next(title) for title in ("A", "A", "A-1", "A")] == ["a", "a-1", "a-1-1", "a-2"]


def test_a_heading_is_an_anchor() -> None:
    assert at_heading("https://x.org/a", "größe") == "https://x.org/a#gr%C3%B6%C3%9Fe"
    assert at_heading("https://x.org/a", None) == "https://x.org/a"


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        pytest.param("Two words", "Two%20words", id="short"),
        pytest.param("a b c d e f g h i", "a%20b%20c%20d,f%20g%20h%20i", id="long"),
        pytest.param("## Head\n\n- **bold** [link](x.md), `a_b`", "Head,bold%20link%2C%20a_b", id="signs"),
        pytest.param("| Level | Days |\n| --- | --- |\n| Top | 3 |", "Level,Top", id="table"),
        pytest.param("```py\nx = 1\n```", "x%20%3D%201", id="code"),
        pytest.param("well-known, a&b", "well%2Dknown%2C%20a%26b", id="reserved"),
        pytest.param("same\n\nother\n\nsame", "same", id="equal ends"),
    ],
)
def test_words_are_a_fragment(text: str, fragment: str) -> None:
    assert at_words("https://x.org/a", text, markdown=True) == f"https://x.org/a#:~:text={fragment}"


def test_no_words_no_fragment() -> None:
    assert at_words("https://x.org/a", "| --- |", markdown=True) == "https://x.org/a"
