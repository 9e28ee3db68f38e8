"""Names alone decide which files are read, and each that is not has a reason."""

import pytest

from ingestion.sources.selection import Selection, is_hidden
from rag.errors import ConfigError

LEFT_OUT = "left out by include or exclude"


@pytest.mark.parametrize(
    ("include", "exclude", "read", "left_out"),
    [
        pytest.param("", "", ["a.md", "x/y/b.TXT"], [], id="all"),
        pytest.param("*.md", "", ["a.md", "x/b.md"], ["a.txt"], id="ending, anywhere"),
        pytest.param("docs/", "", ["docs/a.md", "x/docs/b.md"], ["a.md"], id="folder, anywhere"),
        pytest.param("/docs/", "", ["docs/a.md"], ["x/docs/b.md"], id="folder at the top"),
        pytest.param("docs/**/*.md", "", ["docs/a.md", "docs/x/y/b.md"], ["docs/a.txt"], id="two stars"),
        pytest.param("", "drafts/, *.txt", ["a.md"], ["drafts/a.md", "x/drafts/b.md", "a.txt"], id="commas"),
        pytest.param("", "drafts/\n*.txt\n", ["a.md"], ["drafts/a.md", "a.txt"], id="lines"),
        pytest.param("", "drafts/,!drafts/kept.md", ["drafts/kept.md"], ["drafts/a.md"], id="negation"),
        pytest.param("docs/", "docs/old/", ["docs/a.md"], ["docs/old/b.md", "c.md"], id="both"),
        pytest.param(" , ,", "# no pattern", ["a.md"], [], id="nothing in it"),
    ],
)
def test_patterns_are_those_of_gitignore(
    include: str, exclude: str, read: list[str], left_out: list[str]
) -> None:
    selection = Selection(include, exclude)
    assert [selection.reason_against(path) for path in read] == [None] * len(read)
    assert [selection.reason_against(path) for path in left_out] == [LEFT_OUT] * len(left_out)


def test_a_folder_is_left_out_unless_something_in_it_may_be_kept() -> None:
    assert Selection(exclude="drafts/").leaves_out_folder("x/drafts")
    assert not Selection(exclude="drafts/").leaves_out_folder("docs")
    assert not Selection(exclude="drafts/,!drafts/kept.md").leaves_out_folder("drafts")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README", None),
        ("docs/Changelog", None),
        ("LICENCE", None),
        ("Makefile", "files without an ending are not read"),
        ("run", "files without an ending are not read"),
        ("a.MD", None),
        ("a.png", ".png files are not read"),
        ("a.3 of the seven things we said in march", "files of no known kind are not read"),
        ("a\nb.md", "the file name holds control characters"),
        ("caf\udce9.md", "the file name is not valid Unicode"),
        ("x" * 481, "the path is longer than 480 characters"),
    ],
)
def test_names_decide(path: str, reason: str | None) -> None:
    assert Selection().reason_against(path) == reason


@pytest.mark.parametrize("option", ["include", "exclude"])
@pytest.mark.parametrize("pattern", ["[z-a].md", "!", "a\\"])
def test_a_pattern_that_is_none_is_refused(option: str, pattern: str) -> None:
    with pytest.raises(ConfigError, match=f"The option {option} holds a pattern that makes no sense"):
        Selection.of({option: pattern})


def test_a_dot_hides() -> None:
    assert is_hidden(".a.md") and is_hidden(".github/a.md") and is_hidden("x/.git/config")
    assert not is_hidden("a.md") and not is_hidden("x/a.b.md")
