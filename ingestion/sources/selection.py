"""Which files of a tree are read: their paths alone decide, no content is looked at. Pure."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Self

from pathspec import GitIgnoreSpec

from ingestion.parsing import SUFFIXES
from rag.errors import ConfigError

LONGEST_PATH = 480
"""Characters; document ids are a key in database, index and memory, there with a prefix."""

_PROSE = re.compile(
    r"authors|changelog|changes|contributing|contributors|copying|faq|history|install|licen[cs]e|maintainers|news|notice"
    r"|readme|security|support|todo",
    re.IGNORECASE,
)
"""Names by which people keep text in files without an ending. Scripts and binaries have none either and stay out."""

_ENDING = re.compile(r"\.[a-z0-9_+-]{1,12}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_TEXT = re.compile(r"[\ud800-\udfff]")  # how bytes that are no UTF-8 come out of `os.fsdecode`


class Selection:
    """The files that can be documents, narrowed by `include` and `exclude`.

    Both hold patterns as in a .gitignore (`*.md`, `docs/**`, `/drafts/`, `!drafts/kept.md`), with commas or line breaks
    between them. Without `include` all is in; what both name is out. Raises ConfigError for a pattern that is none.
    """

    def __init__(self, include: str = "", exclude: str = "") -> None:
        self._include = _patterns("include", include)
        self._exclude = _patterns("exclude", exclude)
        self._keeps_some = "!" in exclude

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        return cls(options.get("include", ""), options.get("exclude", ""))

    def leaves_out_folder(self, path: str) -> bool:
        """Whether nothing under the folder can be in, so that it need not be looked into."""
        return not self._keeps_some and self._exclude.match_file(f"{path.rstrip('/')}/")

    def reason_against(self, path: str) -> str | None:
        """Why the file is not read, equal for all files that are passed over alike; None when it is."""
        if _NO_TEXT.search(path):
            return "the file name is not valid Unicode"
        if _CONTROLS.search(path):
            return "the file name holds control characters"
        if len(path) > LONGEST_PATH:
            return f"the path is longer than {LONGEST_PATH} characters"
        if self._exclude.match_file(path) or (len(self._include) and not self._include.match_file(path)):
            return "left out by include or exclude"
        return _reason_against_ending(PurePosixPath(path))


def is_hidden(path: str) -> bool:
    """Whether the file, or a folder that it is in, has a name that begins with a dot."""
    return path.startswith(".") or "/." in path


def _reason_against_ending(path: PurePosixPath) -> str | None:
    ending = path.suffix.lower()
    if ending in SUFFIXES or (not ending and _PROSE.fullmatch(path.name)):
        return None
    if not ending:
        return "files without an ending are not read"
    # A reason is counted and shown: strangers' file names must not make a thousand of them.
    return (
        f"{ending} files are not read" if _ENDING.fullmatch(ending) else "files of no known kind are not read"
    )


def _patterns(option: str, text: str) -> GitIgnoreSpec:
    lines = [line.strip() for line in re.split(r"[,\n]", text)]
    try:
        return GitIgnoreSpec.from_lines(line for line in lines if line)
    except (ValueError, re.error) as error:
        raise ConfigError(
            f"The option {option} holds a pattern that makes no sense: {text.strip()}"
        ) from error
