"""Bytes to text without surprises: the right encoding, one kind of line end, nothing that a reader cannot see. Pure."""

import codecs
import re

from rag.errors import DocumentUnreadable

_MARKS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 8000  # bytes
_MOSTLY = 0.4
"""Of the two bytes of a UTF-16 character, the high one is 0 in all Latin text: about half of all bytes."""

_BREAKS = re.compile(
    "\r\n?|\u2028|\u2029|\x85|(?<!\n)[\x0b\x0c](?!\r?\n)"
)  # a form feed beside a line end is none
# Joiners (U+200C, U+200D) and emoji selectors (U+FE0F) stay: scripts and emoji need them to look right.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_NOISE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_TOO_NOISY = 0.02
"""Share of characters that no text holds; above it, these are other data that happened to decode."""
_NOISE_IN_SHORT = 3  # characters; a few do not make a short text binary


def decode(data: bytes) -> str:
    """The text of the bytes: by their mark, as UTF-8, as UTF-16 without a mark, else as Windows' Latin.

    Raises DocumentUnreadable when they are no text.
    """
    encoding = _encoding(data)
    text = data.decode(encoding, errors="replace")
    if len(_NOISE.findall(text, 0, _SAMPLE)) > _NOISE_IN_SHORT + _TOO_NOISY * min(len(text), _SAMPLE):
        raise DocumentUnreadable("looks like a binary file, not text")
    return text


def visible(text: str) -> str:
    """`text` with newlines as its only line ends, and without characters that show nothing or turn the direction.

    Such characters hide instructions from the people who read a page, and words from a search.
    """
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text)).replace("\u00a0", " ")


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    if sample[1::2].count(0) > _MOSTLY * len(sample):
        return "utf-16-le"
    if sample[::2].count(0) > _MOSTLY * len(sample):
        return "utf-16-be"
    return next(encoding for encoding in ("utf-8", "cp1252", "latin-1") if _fits(data, encoding))


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
