"""Title and headings of a chunk, shortened where they would crowd out its text. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """What stands above a chunk's text when it is embedded; `tokens` is what that takes of the window."""

    title: str
    headings: tuple[str, ...]
    text: str
    tokens: int


def label(title: str, headings: Sequence[str], *, tokens: int, measure: Callable[[str], int]) -> Label:
    """Title and headings within `tokens`. Of the headings the innermost say most: the outer ones go first."""
    titled = tuple(headings)
    shown = _label(title, titled, measure)
    if shown.tokens <= tokens:
        return shown
    short_title = shortened(title, tokens // 2, measure)
    # The page's title as its own top heading stays equal to it, so that it is not said twice.
    titled = tuple(short_title if heading == title else heading for heading in headings)
    while len(titled) > 1 and _label(short_title, titled, measure).tokens > tokens:
        titled = titled[1:]
    if _label(short_title, titled, measure).tokens > tokens:
        titled = tuple(shortened(heading, tokens // 3, measure) for heading in titled)
    return _label(short_title, titled, measure)


def shortened(text: str, tokens: int, measure: Callable[[str], int]) -> str:
    """The beginning of `text` with an ellipsis, or all of it where it is at most `tokens` long."""
    if measure(text) <= tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(f"{text[:middle]}…") <= tokens:
            low = middle
        else:
            high = middle - 1
    return f"{text[:low].rstrip()}…"


def _label(title: str, headings: tuple[str, ...], measure: Callable[[str], int]) -> Label:
    """As `Chunk.indexed_text` puts it."""
    path = " > ".join(heading for heading in headings if heading != title)
    text = "\n".join(filter(None, (title, path)))
    return Label(title, headings, text, measure(text))
