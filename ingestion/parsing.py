"""Bytes and a name in, title and Markdown out. Pure."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from ingestion.decoding import decode, visible
from ingestion.formats import Parsed, html, markdown, plain
from rag.errors import DocumentUnreadable

PARSING = 1
"""Version of what parsing makes of an original. A new number lets every document be read again."""

MAX_BYTES = 10_000_000
"""The largest original that is read."""

FORMATS: dict[str, Callable[[str, str], Parsed]] = {
    ".md": markdown.parse,
    ".markdown": markdown.parse,
    ".html": html.parse,
    ".htm": html.parse,
    ".txt": plain.parse,
}
SUFFIXES = frozenset(FORMATS)

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


class DocumentEmpty(DocumentUnreadable):
    """There is nothing to read in it, which is nobody's fault."""


def parse(data: bytes, name: str) -> Parsed:
    """The original as text. Its kind is told by the content where that is plain, else by the end of `name`.

    Raises DocumentUnreadable (DocumentEmpty where there is nothing to read); its text completes the sentence "this document …".
    """
    if len(data) > MAX_BYTES:
        raise DocumentUnreadable(f"is larger than {MAX_BYTES // 1_000_000} MB")
    text = visible(decode(data))
    if not text.strip():
        raise DocumentEmpty("is empty")
    parsed = _parsed(text, name)
    if not parsed.text.strip():
        raise DocumentEmpty("holds no text")
    return replace(parsed, title=visible(parsed.title), text=visible(parsed.text))


def _parsed(text: str, name: str) -> Parsed:
    read = html.parse if _PAGE.match(text) else FORMATS.get(PurePosixPath(name).suffix.lower(), plain.parse)
    try:
        return read(text, name)
    except DocumentUnreadable:
        raise
    except Exception as error:  # parsers raise what they like, and one page must not end the sync
        raise DocumentUnreadable("is malformed and could not be read") from error
