"""Bytes and a name in, title and Markdown out. Pure: no network, no disk, nothing of the document is run."""

from dataclasses import replace
from importlib import import_module

from ingestion.decoding import decode, visible
from ingestion.formats import Parsed, notebook, one_line, records, title_of_name
from ingestion.formats.kinds import KINDS, Kind, kind_of_bytes, kind_of_text
from rag.errors import DocumentUnreadable

PARSING = 2
"""Version of what parsing makes of an original. A new number lets every document be read again."""

MAX_BYTES = 25_000_000
"""The largest original that is read."""

SUFFIXES = frozenset(KINDS)
"""The endings of names worth reading."""

_FROM_BYTES = {"mail"}
"""Kinds of text in which each part says for itself how it is encoded."""


class DocumentEmpty(DocumentUnreadable):
    """There is nothing to read in it, which is nobody's fault."""


def parse(data: bytes, name: str, media_type: str | None = None) -> Parsed:
    """The original as text. Its kind is told by the content where that is plain, else by `name`, else by `media_type`.

    Raises DocumentUnreadable (DocumentEmpty where there is nothing to read); its text completes the sentence "this document …".
    """
    if len(data) > MAX_BYTES:
        raise DocumentUnreadable(f"is larger than {MAX_BYTES // 1_000_000} MB")
    if not data.strip():
        raise DocumentEmpty("is empty")
    try:
        parsed = _parsed(data, visible(name), media_type)
    except (DocumentUnreadable, MemoryError):
        raise
    except Exception as error:  # parsers raise what they like, and one document must not end the sync
        raise DocumentUnreadable("is damaged and could not be read") from error
    shown = _shown(parsed, name)
    if not shown.text.strip():
        raise DocumentEmpty("holds no text")
    return shown


def _parsed(data: bytes, name: str, media_type: str | None) -> Parsed:
    if kind := kind_of_bytes(data):
        return _read(kind, data, name)
    text = visible(decode(data))
    if not text.strip():
        raise DocumentEmpty("is empty")
    value = records.read(text)
    if notebook.is_notebook(value):
        return notebook.parse(value, name)
    if value:
        return records.parse(value, name)
    kind = kind_of_text(text, name, media_type)
    return _read(kind, data if kind in _FROM_BYTES else text, name)


def _read(kind: Kind, original: bytes | str, name: str) -> Parsed:
    """By the format's own module, loaded when the first document of its kind comes: their libraries take a second."""
    parsed: Parsed = import_module(f"ingestion.formats.{_MODULES.get(kind, kind)}").parse(original, name)
    return parsed


_MODULES: dict[Kind, str] = {"records": "plain", "notebook": "plain"}  # what is called JSON and is none


def _shown(parsed: Parsed, name: str) -> Parsed:
    """Nothing that a reader cannot see. Formats with anchors have seen to their text themselves: places would move."""
    title = one_line(visible(parsed.title)) or title_of_name(one_line(visible(name)))
    author = one_line(visible(parsed.author)) if parsed.author else None
    return replace(
        parsed,
        title=title,
        author=author or None,
        text=parsed.text if parsed.anchors else visible(parsed.text),
    )
