"""Addresses that land on a passage: a heading's anchor, or the passage's own words. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import quote

_WORDS_AT_EACH_END = 4
_LONGEST_END = 60  # characters, for scripts without spaces

_OF_FRAGMENTS = "=&+,;!()'*.~/?:@$-"
_NOT_IN_SLUGS = re.compile(r"[^\w\- ]")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_RULE = re.compile(r"[\s|:=*_-]*")
_LEADING_SIGNS = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|\d{1,9}[.)]\s+)+")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")


class Slugs:
    """Anchors of one document's headings as GitHub makes them; those that would be equal are numbered.

    Source: https://docs.github.com/get-started/writing-on-github (section links); github-slugger.
    """

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def next(self, title: str) -> str:
        slug = base = _NOT_IN_SLUGS.sub("", title.strip().lower()).replace(" ", "-")
        while slug in self._given:
            self._given[base] += 1
            slug = f"{base}-{self._given[base]}"
        self._given[slug] = 0
        return slug


def at_heading(url: str, slug: str | None) -> str:
    """The address of the section; of the whole page before its first heading."""
    return f"{url}#{quote(slug)}" if slug else url


def at_place(url: str, fragment: str | None) -> str:
    """The address of a page, slide, sheet or heading."""
    return f"{url}#{quote(fragment, safe=_OF_FRAGMENTS)}" if fragment else url


def at_lines(url: str, first: int, last: int, *, rendered: bool) -> str:
    """The address of lines, counted from 1, as GitHub, GitLab and Gitea have it; `rendered`: the host shows a page instead."""
    source = f"{url}{'&' if '?' in url else '?'}plain=1" if rendered else url
    return f"{source}#L{first}" if first == last else f"{source}#L{first}-L{last}"


def at_words(url: str, text: str, *, markdown: bool, fragment: str | None = None) -> str:
    """The address that makes a browser scroll to the passage and mark it: its first and its last words.

    Where the words are not found, it is at `fragment`.

    Source: https://wicg.github.io/scroll-to-text-fragment/
    """
    lines = list(_shown(text) if markdown else filter(None, map(str.split, text.split("\n"))))
    url = f"{at_place(url, fragment)}:~:text=" if fragment else f"{url}#:~:text="
    if not lines:
        return url.removesuffix(":~:text=").removesuffix("#")
    first, last = lines[0], lines[-1]
    if len(lines) == 1 and len(first) <= 2 * _WORDS_AT_EACH_END:
        return url + _encoded(first)
    ends = _encoded(first[:_WORDS_AT_EACH_END]), _encoded(last[-_WORDS_AT_EACH_END:], from_end=True)
    return url + ",".join(dict.fromkeys(ends))


def _shown(markdown: str) -> Iterator[list[str]]:
    """The words of each line as a page shows them. Of a table's row, the first cell: others are other boxes."""
    for line in markdown.split("\n"):
        if _FENCE.match(line) or _RULE.fullmatch(line):
            continue
        shown = _LINK.sub(r"\1", _LEADING_SIGNS.sub("", line))
        if shown.lstrip().startswith("|"):
            shown = next(filter(str.strip, shown.split("|")), "")
        if words := re.sub(r"[*`\\]|\b_|_\b", "", shown).split():
            yield words


def _encoded(words: list[str], *, from_end: bool = False) -> str:
    text = " ".join(words)
    if len(text) > _LONGEST_END:
        text = text[-_LONGEST_END:] if from_end else text[:_LONGEST_END]
    return quote(text, safe="").replace("-", "%2D")  # a dash separates the parts of a fragment
