"""PDF documents: each page's text as it is read, `#page=N` as its address. By PDFium, which Chrome shows PDFs with.

Text outside the page and text too small to be read stays out.
"""

import ctypes
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingestion.formats import Parsed, assembled, telling, title_of_name
from ingestion.formats.hyphens import rejoined
from ingestion.formats.layout import Cell, Line, Page, text_of_pages
from ingestion.outline import first_heading
from rag.errors import DocumentUnreadable

MAX_PAGES = 5000
_SMALLEST = 2.5  # points
_GAP = 0.85  # of the line's height; words of one cell stand closer
_LOCKED = {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?)?")


def parse(data: bytes, name: str) -> Parsed:
    """Title from the metadata, else the first heading, else the name."""
    document = _opened(data)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise DocumentUnreadable(f"has {count:,} pages: at most {MAX_PAGES:,} are read")
        about = document.get_metadata_dict()
        pages = [_page(document, number) for number in range(count)]
        if not any(page.lines for page in pages) and _shows_pictures(document):
            raise DocumentUnreadable("has scanned pages without text: needs OCR")
    finally:
        document.close()
    text, anchors = assembled(
        (f"page={number}", each) for number, each in enumerate(rejoined(text_of_pages(pages)), 1)
    )
    return Parsed(
        title=telling(about.get("Title")) or first_heading(text) or title_of_name(name),
        text=text,
        markup="document",
        updated_at=_date(about.get("ModDate") or about.get("CreationDate") or ""),
        author=telling(about.get("Author")),
        anchors=anchors,
    )


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED:
            raise DocumentUnreadable("is password-protected") from error
        raise DocumentUnreadable("is damaged or incomplete") from error


def _page(document: pdfium.PdfDocument, number: int) -> Page:
    """A page that is broken is a page without text: the others may be read."""
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return Page((), 0)
    try:
        left, bottom, right, top = page.get_bbox()
        textpage = page.get_textpage()
        lines = [
            line
            for line in _Text(textpage).lines()
            if line.size >= _SMALLEST
            and left <= line.right
            and line.left <= right
            and bottom <= line.bottom + line.size <= top + line.size
        ]
        textpage.close()
        return Page(tuple(lines), top - bottom)
    except pdfium.PdfiumError:
        return Page((), 0)
    finally:
        page.close()


def _shows_pictures(document: pdfium.PdfDocument) -> bool:
    for number in range(min(len(document), 20)):
        try:
            if any(document[number].get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
                return True
        except pdfium.PdfiumError:
            continue
    return False


class _Text:
    """A page's characters with their places."""

    def __init__(self, page: pdfium.PdfTextPage) -> None:
        self._raw = page.raw
        self._characters = page.get_text_range()
        # Characters beyond 16 bits count twice here and once there: places would be off.
        self._placed = len(self._characters) == page.count_chars()
        self._box = [ctypes.c_double() for _ in range(4)]
        self._loose = pdfium_c.FS_RECTF()

    def lines(self) -> Iterator[Line]:
        start = 0
        for number, raw in enumerate(re.split(r"\r\n|\r|\n", self._characters)):
            start = self._characters.find(raw, start)
            if raw.strip():
                yield self._line(raw, start) if self._placed else self._unplaced(raw, number)
            start += len(raw)

    def _unplaced(self, raw: str, number: int) -> Line:
        return Line((Cell(raw, 0, 1),), 10_000 - 12.0 * number, 10, 10_000 - 12.0 * number)

    def _line(self, raw: str, start: int) -> Line:
        first = start + len(raw) - len(raw.lstrip())
        pdfium_c.FPDFText_GetLooseCharBox(self._raw, first, self._loose)
        size = max(self._loose.top - self._loose.bottom, min(self._loose.right - self._loose.left, 1))
        bottom = self._loose.bottom
        pdfium_c.FPDFText_GetLooseCharBox(self._raw, start + len(raw.rstrip()) - 1, self._loose)
        return Line(tuple(self._cells(raw, start, size)), bottom, size, self._loose.bottom)

    def _cells(self, raw: str, start: int, size: float) -> Iterator[Cell]:
        words = [(found.start() + start, found.end() + start) for found in re.finditer(r"\S+", raw)]
        first, (_, end) = words[0][0], words[0]
        left, right = self._edges(first, end)
        for word, word_end in words[1:]:
            word_left, word_right = self._edges(word, word_end)
            if word_left - right > _GAP * size:
                yield Cell(self._words(first, end), left, right)
                first, left = word, word_left
            end, right = word_end, max(word_right, word_left)
        yield Cell(self._words(first, end), left, right)

    def _words(self, start: int, end: int) -> str:
        return " ".join(self._characters[start:end].split())

    def _edges(self, start: int, end: int) -> tuple[float, float]:
        return self._side(start, 0), self._side(end - 1, 1)

    def _side(self, index: int, which: int) -> float:
        left, right, bottom, top = self._box
        pdfium_c.FPDFText_GetCharBox(self._raw, index, left, right, bottom, top)
        return float(self._box[which].value)


def _date(text: str) -> datetime | None:
    found = _DATE.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part else low for part, low in zip(found.groups(), (1, 1, 1, 0, 0, 0), strict=False)
    )
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    zone = timezone(-offset if found[7] == "-" else offset) if found[7] else UTC
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
