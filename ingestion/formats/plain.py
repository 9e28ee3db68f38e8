"""Plain text."""

from ingestion.formats import Parsed, one_line, title_of_name

_LONGEST_TITLE_LINE = 80  # characters


def parse(text: str, name: str) -> Parsed:
    """Title from the first line where it stands like one, else from the name."""
    return Parsed(title=_title_line(text) or title_of_name(name), text=text, markup="plain")


def _title_line(text: str) -> str | None:
    """The first line, when it is short, ends as no sentence does, holds a word, and has a blank line after it."""
    first, _, rest = text.strip().partition("\n")
    line = one_line(first)
    title_like = (
        0 < len(line) <= _LONGEST_TITLE_LINE
        and any(letter.isalpha() for letter in line)
        and line[-1] not in ".,;:!?…"
        and rest.split("\n", 1)[0].strip(" \t=-~*") == ""
        and bool(rest.strip())
    )
    return line if title_like else None
