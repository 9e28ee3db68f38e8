"""Documents of each format, made small, for the tests of parsing."""

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

import docx as python_docx
import openpyxl
import pptx
from docx.document import Document as Word
from openpyxl import Workbook
from pptx.presentation import Presentation

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def zipped(members: Mapping[str, str | bytes], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, member: str, old: str, new: str) -> bytes:
    """The zip file with a text in a member replaced."""
    members = unzipped(data)
    assert old.encode() in members[member]
    members[member] = members[member].replace(old.encode(), new.encode())
    return zipped(members)


def word() -> Word:
    return python_docx.Document()


def slides() -> Presentation:
    return pptx.Presentation()


def workbook() -> Workbook:
    return openpyxl.Workbook()


def saved(document: Word | Presentation | Workbook) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def book(chapters: Mapping[str, str], *, spine: Sequence[str], metadata: str = "") -> bytes:
    """An e-book; `spine` names the chapters in the order of reading."""
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    pages = {f"EPUB/{name}": f"<html><body>{chapter}</body></html>" for name, chapter in chapters.items()}
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "EPUB/book.opf": package,
            **pages,
        }
    )


def opendocument(body: str, *, kind: str = "text", styles: str = "", meta: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style", "meta", "manifest")
    )
    more = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    root = f"{names} {more}"
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {root}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {root}><office:meta>{meta}</office:meta></office:document-meta>",
            "META-INF/manifest.xml": f"<manifest:manifest {root}/>",
        }
    )


Placed = tuple[float, float, float, str]
"""Left, bottom and size in points, and what stands there."""


def pdf(
    pages: Sequence[Sequence[Placed]], *, info: str = "", extra: Mapping[int, str] | None = None
) -> bytes:
    """A PDF of pages of 600 by 800 points, in Helvetica. `extra` gives or replaces objects by their numbers."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    kids = []
    for number, page in enumerate(pages):
        at = 10 + 2 * number
        text = "".join(
            f"BT /F1 {size} Tf {left} {bottom} Td ({words}) Tj ET\n" for left, bottom, size, words in page
        )
        kids.append(f"{at} 0 R")
        objects[at] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {at + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects[at + 1] = f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects[4] = f"<< {info} >>"
    return pdf_of({**objects, **(extra or {})})


def pdf_of(objects: Mapping[int, str]) -> bytes:
    """A PDF file of these objects; 1 is the catalogue, 4 the information about it."""
    file = b"%PDF-1.7\n"
    places = {}
    for number, content in objects.items():
        places[number] = len(file)
        file += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "xref\n0 1\n0000000000 65535 f \n" + "".join(
        f"{number} 1\n{place:010d} 00000 n \n" for number, place in places.items()
    )
    trailer = f"trailer << /Size {max(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(file)}\n%%EOF"
    return file + (table + trailer).encode()


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file, as old Office programs wrote them. Every stream is padded to 4096 bytes or more.

    Source: [MS-CFB].
    """
    sector = 512
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    padded = {
        name: data.ljust(max(4096, -(-len(data) // sector) * sector), b"\0") for name, data in streams.items()
    }
    fat: list[int] = [fat_mark, *range(2, 1 + len_of_directory(len(padded))), end]
    body = b""
    starts = {}
    for name, data in padded.items():
        starts[name] = len(fat)
        count = len(data) // sector
        fat += [*range(len(fat) + 1, len(fat) + count), end]
        body += data
    assert len(fat) <= sector // 4
    entries = [_entry("Root Entry", 5, child=1, start=end, size=0)]
    for number, (name, data) in enumerate(streams.items(), 1):
        right = number + 1 if number < len(streams) else free
        entries.append(_entry(name, 2, right=right, start=starts[name], size=max(len(data), 4096)))
    directory = b"".join(entries).ljust(len_of_directory(len(padded)) * sector, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += b"".join(
        value.to_bytes(size, "little")
        for value, size in [
            (0x3E, 2),
            (3, 2),
            (0xFFFE, 2),
            (9, 2),
            (6, 2),
            (0, 6),
            (0, 4),
            (1, 4),
            (1, 4),
            (0, 4),
        ]
    )
    header += b"".join(value.to_bytes(4, "little") for value in (4096, end, 0, end, 0, 0))
    header += b"\xff" * (sector - len(header))
    table = b"".join(value.to_bytes(4, "little") for value in fat).ljust(sector, b"\xff")
    return header + table + directory + body


def len_of_directory(streams: int) -> int:
    """Sectors of four entries each."""
    return -(-(streams + 1) // 4)


def _entry(
    name: str, kind: int, *, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    none = b"\xff" * 4
    return (
        written.ljust(64, b"\0")
        + len(written).to_bytes(2, "little")
        + bytes([kind, 1])
        + none
        + right.to_bytes(4, "little")
        + child.to_bytes(4, "little")
        + bytes(36)
        + start.to_bytes(4, "little")
        + size.to_bytes(8, "little")
    )


def word97(text: str, *, flags: int = 0x0200) -> bytes:
    """An old Word file that holds the text in one piece, in UTF-16. Source: [MS-DOC] 2.5, 2.9.38."""
    at = 1024
    main = bytearray(at) + text.encode("utf-16-le")
    main[0:2] = (0xA5EC).to_bytes(2, "little")
    main[0x0A:0x0C] = flags.to_bytes(2, "little")
    main[0x4C:0x50] = len(text).to_bytes(4, "little")
    pieces = (
        (0).to_bytes(4, "little")
        + len(text).to_bytes(4, "little")
        + bytes(2)
        + at.to_bytes(4, "little")
        + bytes(2)
    )
    table = b"\x02" + len(pieces).to_bytes(4, "little") + pieces
    main[0x01A2:0x01AA] = (0).to_bytes(4, "little") + len(table).to_bytes(4, "little")
    return compound({"WordDocument": bytes(main), "1Table": table})
