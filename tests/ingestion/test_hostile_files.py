"""Files made to harm: each is refused with a reason that a person understands, or gives its text, in a moment."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from ingestion.parsing import DocumentEmpty, parse
from rag.errors import DocumentUnreadable
from tests.ingestion.making import (
    book,
    changed,
    compound,
    opendocument,
    pdf,
    saved,
    slides,
    unzipped,
    word,
    word97,
    workbook,
    zipped,
)

SHARED = Path(os.environ.get("FOOTNOTE_SHARED") or Path(__file__).parents[3] / "shared")  # noqa: TID251  # the folder of test data is the machine's
NAUGHTY = SHARED / "security" / "naughty_strings.txt"
BODY = "word/document.xml"
PAGE = [(50, 700, 12, "Words on a page")]


def letter(text: str = "Words in a letter") -> bytes:
    document = word()
    document.add_paragraph(text)
    return saved(document)


def with_member(name: str, content: bytes) -> bytes:
    return zipped({**unzipped(letter()), name: content})


def lying() -> bytes:
    data = bytearray(with_member(BODY, b"<a>" + b"a" * 1_000_000 + b"</a>"))
    entry = data.rfind(BODY.encode()) - 46
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def locked_zip() -> bytes:
    data = bytearray(letter())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(signature, start + 1)) >= 0:
            data[start + at] |= 1
    return bytes(data)


REFUSED = {
    "a bomb": (lambda: with_member(BODY, b" " * 50_000_000), "inflates to more than 100 times its size"),
    "many parts": (lambda: zipped({str(n): b"" for n in range(10_001)}), "has more than 10,000 parts"),
    "a size that lies": (lying, "is damaged or incomplete"),
    "archives in archives": (
        lambda: zipped({"a.zip": zipped({"b.zip": b"x"})}),
        "is an archive: archives are not opened",
    ),
    "paths out of it": (
        lambda: zipped({"../../evil": b"x", "/abs": b"y"}),
        "is an archive: archives are not opened",
    ),
    "gzip": (lambda: b"\x1f\x8b\x08rest", "is an archive: archives are not opened"),
    "tar": (
        lambda: b"name".ljust(257, b"\0") + b"ustar" + bytes(250),
        "is an archive: archives are not opened",
    ),
    "a locked zip": (locked_zip, "is password-protected"),
    "a locked Office file": (lambda: compound({"EncryptedPackage": b"x"}), "is password-protected"),
    "a locked old Word file": (lambda: word97("x", flags=0x0300), "is password-protected"),
    "an old Excel file": (
        lambda: compound({"Workbook": b"x"}),
        "is an Excel file of before 2007: save it as .xlsx",
    ),
    "entities": (
        lambda: with_member(BODY, b'<!DOCTYPE a [<!ENTITY x "aaaa">]><a>&x;</a>'),
        "declares XML entities of its own, which are not read",
    ),
    "entities of the machine": (
        lambda: with_member(BODY, b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        "declares XML entities of its own, which are not read",
    ),
    "entities in UTF-16": (
        lambda: with_member(BODY, '<!DOCTYPE a [<!ENTITY x "aaaa">]><a>&x;</a>'.encode("utf-16")),
        "declares XML entities of its own, which are not read",
    ),
    "entities in plain XML": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "aaaa">]><a>&x;</a>',
        "declares XML entities of its own, which are not read",
    ),
    "deep XML": (lambda: with_member(BODY, b"<a>" * 200_000), "is nested too deeply"),
    "many pages": (lambda: pdf([[]] * 5001), "has 5,001 pages: at most 5,000 are read"),
    "half a PDF": (lambda: pdf([PAGE])[:60], "is damaged or incomplete"),
    "half a Word file": (lambda: letter()[:5000], "is damaged or incomplete"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "is a picture: needs OCR"),
    "a table without end": (
        lambda: b"[" + b",".join([b'{"a":1,"b":2}'] * 250_001) + b"]",
        "has a table of more than 500,000 cells",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.csv"])
def test_what_is_refused_has_a_reason(case: str, name: str) -> None:
    make, reason = REFUSED[case]
    with pytest.raises(DocumentUnreadable) as error:
        parse(make(), name)
    assert str(error.value) == reason


def scanned() -> bytes:
    image = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\nx\nendstream"
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 11 0 R /Resources << /XObject << /I 12 0 R >> >> >>"
    return pdf(
        [[]],
        extra={
            10: page,
            11: "<< /Length 32 >>\nstream\nq 600 0 0 800 0 0 cm /I Do Q    \nendstream",
            12: image,
        },
    )


def test_scanned_pages_need_ocr() -> None:
    with pytest.raises(DocumentUnreadable, match=r"^has scanned pages without text: needs OCR$"):
        parse(scanned(), "a.pdf")


def looping() -> bytes:
    return pdf([[]], extra={2: "<< /Type /Pages /Kids [2 0 R] /Count 5 >>"})


@pytest.mark.parametrize(
    "make", [looping, lambda: pdf([[]]), lambda: saved(workbook()), lambda: saved(slides())]
)
def test_what_holds_no_text_is_empty(make: Callable[[], bytes]) -> None:
    with pytest.raises(DocumentEmpty):
        parse(make(), "a")


def huge_stream() -> bytes:
    packed = zlib.compress(b"% nothing \n" * 100_000).decode("latin-1")
    return pdf(
        [PAGE], extra={12: f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{packed}\nendstream"}
    )


def far_cell() -> bytes:
    book = workbook()
    book.active["A1"], book.active["XFD1048576"] = "words", "far"
    return saved(book)


def merged_sheet() -> bytes:
    book = workbook()
    book.active["A1"] = "words"
    return changed(
        saved(book),
        "xl/worksheets/sheet1.xml",
        "</sheetData>",
        '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    )


SLOW = {
    "html, deep": ("a.html", lambda: b"<html><body>" + b"<div>" * 50_000 + b"words"),
    "html, one line": ("a.html", lambda: b"<html><body>" + b"words " * 500_000),
    "html, attributes": (
        "a.html",
        lambda: b"<html><p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">words",
    ),
    "html, spans": (
        "a.html",
        lambda: b"<html><table><tr>" + b'<td colspan="1000" rowspan="60000">words</td>' * 200,
    ),
    "html, tables in tables": ("a.html", lambda: b"<html><body>" + b"<table><tr><td>" * 1500 + b"words"),
    "markdown, quotes": ("a.md", lambda: b"> " * 100_000 + b"words"),
    "markdown, brackets": ("a.md", lambda: b"[" * 100_000 + b"words"),
    "rst, deep": ("a.rst", lambda: b"".join(b" " * n + b"* words\n\n" for n in range(400))),
    "rst, ticks": ("a.rst", lambda: b"words\n" + b"`" * 100_000),
    "json, deep": ("a.json", lambda: b'{"words":' * 50_000),
    "rtf, groups": ("a.rtf", lambda: b"{\\rtf1 words " + b"{" * 200_000),
    "rtf, hidden": ("a.rtf", lambda: b"{\\rtf1 words " + b"\\v " * 100_000),
    "rtf, pictures": ("a.rtf", lambda: b"{\\rtf1 words {\\pict " + b"ab" * 2_000_000 + b"}}"),
    "mail, parts": (
        "a.eml",
        lambda: (
            b"From: a\n\nwords"
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(900))
        ),
    ),
    "mail, headers": ("a.eml", lambda: b"From: a\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nwords"),
    "csv, a cell": ("a.csv", lambda: b'a,b\n1,"' + b"words " * 500_000 + b'"\n'),
    "xml, comments": ("a.xml", lambda: b"<!-- words -->" * 50_000),
    "xlsx, far cells": ("a.xlsx", far_cell),
    "xlsx, all merged": ("a.xlsx", merged_sheet),
    "odt, repeated": (
        "a.odt",
        lambda: opendocument(
            '<table:table><table:table-row table:number-rows-repeated="1048576">'
            '<table:table-cell table:number-columns-repeated="16384"><text:p>words</text:p></table:table-cell>'
            "</table:table-row></table:table>"
        ),
    ),
    "pdf, a loop": ("a.pdf", lambda: pdf([[(50, 700, 12, "words")]]).replace(b"/Root", b"/Prev 9 /Root")),
    "pdf, packed": ("a.pdf", huge_stream),
    "text, one word": ("a.txt", lambda: b"words" * 500_000),
}


@pytest.mark.parametrize("case", SLOW)
def test_what_is_made_to_take_long_does_not(case: str) -> None:
    name, make = SLOW[case]
    data = make()
    began = monotonic()
    assert "words" in parse(data, name).text.lower()
    assert monotonic() - began < 20  # on a busy machine; each takes a second or two


@pytest.mark.parametrize("name", ["a.docx", "a.zip", "a", "a.html"])
def test_a_pdf_is_one_by_its_content(name: str) -> None:
    assert parse(pdf([PAGE]) + letter(), name).text == "Words on a page"


@pytest.mark.parametrize("name", ["a.pdf", "a.doc", "a", "a.md"])
def test_a_word_file_is_one_by_its_content(name: str) -> None:
    assert parse(letter(), name).text == "Words in a letter"


def test_what_is_computed_fetched_or_run_is_not() -> None:
    book = workbook()
    book.active["A1"] = '=HYPERLINK("https://exfil-sink.example","x")'
    book.active["A2"] = '=WEBSERVICE("http://127.0.0.1/")'
    book.active["A3"] = "kept"
    assert "example" not in parse(saved(book), "a.xlsx").text
    fetched = changed(
        letter(),
        "word/_rels/document.xml.rels",
        "</Relationships>",
        '<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        'Target="http://169.254.169.254/" TargetMode="External"/></Relationships>',
    )
    assert parse(fetched, "a.docx").text == "Words in a letter"
    included = b".. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n\nwords\n\n.. csv-table::\n   :file: /etc/passwd\n"
    assert "root:" not in parse(included, "a.rst").text


def test_a_book_names_no_file_outside_itself() -> None:
    data = book({"../../../../etc/passwd": "<p>in the book</p>"}, spine=["../../../../etc/passwd"])
    with pytest.raises(DocumentEmpty):
        parse(data, "a.epub")


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the collected strings are not here")
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".json", ".eml", ".py"])
def test_naughty_strings_are_text_titles_and_names(suffix: str) -> None:
    for naughty in NAUGHTY.read_text(encoding="utf-8").split("\n"):
        for text, name in (
            (naughty, f"a{suffix}"),
            (f"# {naughty}\n\nwords", f"a{suffix}"),
            ("words", naughty + suffix),
        ):
            try:
                parsed = parse(text.encode(errors="replace"), name)
            except DocumentUnreadable:
                continue
            assert parsed.text.strip()
            assert parsed.title.strip() == parsed.title != ""
            assert json.dumps(parsed.title).isascii()


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the collected strings are not here")
def test_naughty_strings_are_restructured_text() -> None:
    assert len(parse(NAUGHTY.read_bytes(), "a.rst").text) > 10_000


@pytest.mark.parametrize(
    "name", ["../../x", "x" * 300, "CON", "a\nb.txt", "\u202etxt.a", "-rf", "", "/", ".", "\0", " "]
)
def test_names_are_never_paths(name: str) -> None:
    assert parse(b"words", name).title
