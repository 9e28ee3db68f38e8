"""Word documents as they were before 2007 (doc): their text, paragraph by paragraph.

The text lies in pieces, which a table lists. Source: [MS-DOC] 2.4.1 "Retrieving Text", 2.5 "The File Information Block".
"""

import re
import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from ingestion.formats import Parsed, telling, title_of_name, to_datetime
from rag.errors import DocumentUnreadable

_MAGIC = 0xA5EC
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_FLAGS_AT, _LENGTH_AT, _PIECES_AT = 0x0A, 0x4C, 0x01A2  # in the FIB: flags, ccpText, fcClx and lcbClx
_NARROW = 1 << 30  # of a piece's place: one byte a character
_FIELD = re.compile(
    "\x13[^\x13\x14\x15]{0,5000}\x14|\x13[^\x13\x14\x15]{0,5000}\x15"
)  # instructions, not results
_PROPERTIES, _PIECES = 1, 2  # kinds of entries before and at the table of pieces


def parse(data: bytes, name: str) -> Parsed:
    """Title from the document's properties, else the name."""
    with olefile.OleFileIO(BytesIO(data)) as file:
        main = file.openstream("WordDocument").read()
        magic, flags = struct.unpack_from("<H", main)[0], struct.unpack_from("<H", main, _FLAGS_AT)[0]
        if magic != _MAGIC:
            raise DocumentUnreadable("was made by a Word older than 97: save it as .docx")
        if flags & _ENCRYPTED:
            raise DocumentUnreadable("is password-protected")
        table = file.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
        about = file.get_metadata()
    length = struct.unpack_from("<I", main, _LENGTH_AT)[0]
    return Parsed(
        title=telling(_string(about.title)) or title_of_name(name),
        text=_readable("".join(_pieces(main, table))[:length]),
        markup="document",
        updated_at=to_datetime(about.last_saved_time),
        author=telling(_string(about.author)),
    )


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    at, size = struct.unpack_from("<II", main, _PIECES_AT)
    listed = table[at : at + size]
    while listed[:1] == bytes([_PROPERTIES]):
        listed = listed[3 + struct.unpack_from("<H", listed, 1)[0] :]
    if listed[:1] != bytes([_PIECES]):
        raise DocumentUnreadable("is damaged or incomplete")
    plc = listed[5 : 5 + struct.unpack_from("<I", listed, 1)[0]]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    for number in range(count):
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        characters = ends[number + 1] - ends[number]
        if place & _NARROW:
            start = (place & ~_NARROW) // 2
            yield main[start : start + characters].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * characters].decode("utf-16-le", "replace")


def _readable(text: str) -> str:
    """Paragraphs; a table's row as a line."""
    text = re.sub("[\x14\x15]", "", _FIELD.sub("", text))
    text = text.replace("\x07\x07", "\n").replace("\x07", " | ").replace("\x0b", "\n").replace("\x1e", "-")
    return re.sub("[\r\x0c]+", "\n\n", text)


def _string(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
