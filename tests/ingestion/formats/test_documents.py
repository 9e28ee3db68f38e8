"""What people wrote comes out of each format with its form: headings, tables, lists, places; nothing that is hidden."""

from datetime import UTC, date, datetime

import pytest
from docx.enum.style import WD_STYLE_TYPE

from ingestion.formats import Anchor
from ingestion.parsing import parse
from tests.ingestion.making import book, changed, opendocument, pdf, saved, slides, word, word97, workbook


def test_a_word_document() -> None:
    document = word()
    document.core_properties.title, document.core_properties.author = "Travel policy", "Ann"
    document.core_properties.modified = datetime(2024, 5, 1, tzinfo=UTC)
    document.add_heading("Trains", 1)
    paragraph = document.add_paragraph("Second class. ")
    paragraph.add_run("HIDDEN").font.hidden = True
    style = document.styles.add_style("Ghost", WD_STYLE_TYPE.CHARACTER)
    style.font.hidden = True
    paragraph.add_run("GHOST", style="Ghost")
    document.add_paragraph("One", style="List Bullet")
    table = document.add_table(2, 3)
    for cell, text in zip(table._cells, "ABC1|2", strict=True):
        cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Both"
    data = changed(
        saved(document), "word/document.xml", "Second class. ",
        "Second class. </w:t></w:r><w:del><w:r><w:delText>DELETED</w:delText></w:r></w:del><w:ins><w:r><w:t>New.</w:t></w:r></w:ins><w:r><w:t>",
    )  # fmt: skip
    parsed = parse(data, "a.docx")
    assert (parsed.title, parsed.author, parsed.updated_at) == (
        "Travel policy",
        "Ann",
        datetime(2024, 5, 1, tzinfo=UTC),
    )
    assert parsed.text == (
        "# Trains\n\nSecond class. New.\n\n- One\n\n| A | Both | Both |\n| --- | --- | --- |\n| 1 | \\| | 2 |"
    )


def test_a_presentation() -> None:
    show = slides()
    for title in ("Plan", "SECRET", "End"):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"{title} one\n{title} two"
    show.slides[1]._element.set("show", "0")
    show.slides[2].notes_slide.notes_text_frame.text = "Say thanks"
    parsed = parse(saved(show), "a.pptx")
    assert parsed.text == (
        "## Plan\n\n- Plan one\n- Plan two\n\n## End\n\n- End one\n- End two\n\nNotes:\n\nSay thanks"
    )
    assert parsed.anchors == (Anchor(0, "slide=1"), Anchor(parsed.text.index("## End"), "slide=3"))


def test_a_workbook() -> None:
    made = workbook()
    sheet = made.active
    sheet.title = "Costs"
    for row in (
        ["All costs"],
        ["Item", "Share", "When"],
        ["Rent", 0.255, date(2024, 5, 1)],
        ["x", 1, None],
        [],
        ["Sum", 3.5, True],
    ):  # as Excel has it
        sheet.append(row)
    sheet["B3"].number_format = "0.0%"
    sheet.row_dimensions[4].hidden = True
    sheet.merge_cells("A7:A8")
    sheet["A7"], sheet["B7"], sheet["B8"] = "Both", 1, 2
    made.create_sheet("Hidden")["A1"] = "SECRET"
    made["Hidden"].sheet_state = "hidden"
    made.create_sheet("More")["A1"] = "a note"
    parsed = parse(saved(made), "costs.xlsx")
    assert parsed.text == (
        "## Costs\n\nAll costs\n\n| Item | Share | When |\n| --- | --- | --- |\n| Rent | 25.5% | 2024-05-01 |\n\n"
        "| Sum | 3.5 | TRUE |\n| --- | --- | --- |\n| Both | 1 |  |\n| Both | 2 |  |\n\n## More\n\n| a note |\n| --- |"
    )
    assert [anchor.fragment for anchor in parsed.anchors] == ["sheet=Costs", "sheet=More"]


def test_an_opendocument() -> None:
    data = opendocument(
        '<text:tracked-changes><text:p>DELETED</text:p></text:tracked-changes><text:h text:outline-level="2">Head</text:h>'
        '<text:p>a<text:s text:c="2"/>b <text:span text:style-name="H">HIDDEN</text:span>'
        '<text:a xlink:href="https://x.org">link</text:a></text:p><text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>'
        '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>A</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row><table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>",
        styles='<style:style style:name="H"><style:text-properties text:display="none"/></style:style>',
        meta="<dc:title>Policy</dc:title><dc:creator>Ann</dc:creator><dc:date>2024-05-01T10:00:00</dc:date>",
    )
    parsed = parse(data, "a.odt")
    assert (parsed.title, parsed.author, parsed.updated_at) == (
        "Policy",
        "Ann",
        datetime(2024, 5, 1, 10, tzinfo=UTC),
    )
    assert (
        parsed.text == "## Head\n\na b [link](https://x.org)\n\n- one\n\n| A | A |\n| --- | --- |\n| 1 | 2 |"
    )


def test_a_book_is_read_in_its_order() -> None:
    meta = "<dc:title>Guide</dc:title><dc:creator>Ann</dc:creator>"
    parsed = parse(
        book({"b": "<h1>Two</h1>", "a": "<h1>One</h1><p>words</p>"}, spine=["a", "b"], metadata=meta),
        "a.epub",
    )
    assert (parsed.title, parsed.author, parsed.text) == ("Guide", "Ann", "# One\n\nwords\n\n# Two")


def test_a_pdf_reads_like_text() -> None:
    def page(number: int, *lines: str) -> list[tuple[float, float, float, str]]:
        body = [(50.0, 700.0 - 14 * place, 12.0, line) for place, line in enumerate(lines)]
        return [(50, 780, 9, f"Handbook 2024 page {number}"), *body, (300, 20, 9, str(number))]

    pages = [
        [
            (50, 740, 24, "Travel policy"),
            *page(
                1,
                "Everybody who travels by train or by bus takes the",
                "second class and",
                "keeps the ticket.",
            ),
        ],
        [
            (50, 700, 12, "Level"),
            (250, 700, 12, "Days"),
            (50, 685, 12, "Junior"),
            (250, 685, 12, "30"),
            *page(2),
        ],
        page(3, "INSIDE"),
        [*page(4, "words"), (50, 600, 1, "TINY"), (50, 2000, 12, "OUTSIDE")],
    ]
    parsed = parse(
        pdf(pages, info="/Title (untitled) /Author (Ann) /ModDate (D:20240501100000+02'00')"), "a.pdf"
    )
    first, second, third, fourth = (
        parsed.text[anchor.start :].partition("\n\n")[0] for anchor in parsed.anchors
    )
    assert parsed.title == "Travel policy"
    assert (parsed.author, parsed.updated_at) == ("Ann", datetime(2024, 5, 1, 8, tzinfo=UTC))
    assert [anchor.fragment for anchor in parsed.anchors] == ["page=1", "page=2", "page=3", "page=4"]
    assert first == "# Travel policy"
    assert second == "| Level | Days |\n| --- | --- |\n| Junior | 30 |"
    assert (third, fourth) == ("INSIDE", "words")
    assert "by bus takes the second class and keeps the ticket." in " ".join(parsed.text.split())
    assert "Handbook 2024" not in parsed.text


def test_columns_are_read_one_after_the_other() -> None:
    left = [
        "The first column says that trains are the",
        "way to travel for all distances below five",
        "hundred kilometres in this whole company.",
    ]
    right = [
        "The second column says that planes are for",
        "those who cross an ocean or who must be back",
        "at home on the evening of the same long day.",
    ]
    woven = [
        line
        for place, pair in enumerate(zip(left, right, strict=True))
        for line in ((40, 700 - 14 * place, 10, pair[0]), (320, 700 - 14 * place, 10, pair[1]))
    ]
    text = parse(pdf([woven]), "a.pdf").text
    assert text.index("whole company") < text.index("The second column")


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        pytest.param(
            "a.csv",
            b'\xef\xbb\xbfName,"Note, long"\nAnn,"two\nlines"\n',
            "| Name | Note, long |\n| --- | --- |\n| Ann | two lines |",
            id="csv",
        ),
        pytest.param("a.tsv", b"a\tb\n1\t2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |", id="tsv"),
        pytest.param("a.csv", b"only words\nin lines\n", "only words\nin lines\n", id="csv without columns"),
        pytest.param(
            "a.json",
            b'[{"a": 1, "b": "x|y"}, {"a": 2.50}]',
            "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2.50 |  |",
            id="records",
        ),
        pytest.param(
            "a.jsonl", b'{"a": 1}\n{"a": true}\n', "| a |\n| --- |\n| 1 |\n| true |", id="json lines"
        ),
        pytest.param(
            "a.json",
            b'{"on": null, "n": 1, "in": {"x": {"y": ["p", "q"]}}}',
            "- n: 1\n\n## in\n\n### x\n\n#### y\n\n- p\n- q",
            id="fields",
        ),
        pytest.param("a.json", b"{not json", "{not json", id="no json"),
        pytest.param(
            "a.ipynb",
            b'{"nbformat": 4, "metadata": {"kernelspec": {"language": "python"}}, "cells": [{"cell_type": "markdown", "source": ["# T\\n", "x"]},'
            b'{"cell_type": "code", "source": "1/0", "outputs": [{"output_type": "stream", "text": ["hi\\n"]},'
            b'{"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division", "traceback": ["long"]},'
            b'{"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}}]}]}',
            "# T\nx\n\n```python\n1/0\n```\n\n```\nhi\n```\n\n```\nZeroDivisionError: division\n```\n\n```\n<Figure>\n```",
            id="notebook",
        ),
        pytest.param(
            "a.rst",
            b"Guide\n=====\n\n.. seealso:: the `site <https://x.org>`_\n\nUse :py:func:`~os.path` and ``code``.\n\n.. custom:: word\n\n   inside\n\n.. code-block:: python\n\n   x = 1\n\n"
            b"=====  ====\nLevel  Days\n=====  ====\nTop    30\n=====  ====\n",
            "# Guide\n\nseealso the [site](https://x.org)\n\nUse `os.path` and `code`.\n\nword\n\ninside\n\n```python\nx = 1\n```\n\n| Level | Days |\n| --- | --- |\n| Top | 30 |",
            id="rst",
        ),
        pytest.param(
            "a.rtf",
            b"{\\rtf1\\ansi Gr\\u252?\\'dfe\\par {\\v HIDDEN}x \\v SECRET\\v0 y\\par}",
            "Grüße\n\nx  y",
            id="rtf",
        ),
        pytest.param(
            "a.doc",
            word97("One\rTwo \x13 HYPERLINK x \x14link\x15\rA\x07B\x07\x07"),
            "One\n\nTwo link\n\nA | B\n",
            id="doc",
        ),
        pytest.param("a.py", b"import os\n\n# words\n", "import os\n\n# words\n", id="code"),
        pytest.param(
            "a.xml", b"<?xml version='1.0'?><a>words</a>", "<?xml version='1.0'?><a>words</a>", id="xml"
        ),
    ],
)
def test_texts(name: str, data: bytes, text: str) -> None:
    assert parse(data, name).text == text


def test_a_mail() -> None:
    data = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@x.org>\nTo: all@x.org\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\nDate: Wed, 1 May 2024 10:00:00 +0000\n"
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        b'<p>Hello</p><p style="display:none">HIDDEN</p><blockquote>earlier</blockquote>\n'
        b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=plan.pdf\n\nxx\n--b--"
    )
    parsed = parse(data, "a.txt")
    assert (parsed.title, parsed.author, parsed.updated_at) == (
        "Grüße",
        "Jörg",
        datetime(2024, 5, 1, 10, tzinfo=UTC),
    )
    assert parsed.text.endswith("+0000\n\nHello\n\n> earlier\n\nAttachments: plan.pdf")


def test_a_page_of_a_wiki_keeps_its_tables_and_anchors() -> None:
    page = (
        b'<html><body><h1>Runbook</h1><h2 id="Runbook-Restart">Restart</h2><table class="confluenceTable"><tbody>'
        b'<tr><th>Step</th><th colspan="2">What</th></tr><tr><td rowspan="2">1</td><td>stop | wait</td><td><p>a</p><p>b</p></td></tr>'
        b"<tr><td>start</td><td>c<table><tr><td>in</td><td>ner</td></tr></table></td></tr></tbody></table></body></html>"
    )
    parsed = parse(page, "a.html")
    assert parsed.anchors == (Anchor(parsed.text.index("## Restart"), "Runbook-Restart"),)
    assert parsed.text.splitlines()[4:] == [
        "| Step | What | What |",
        "| --- | --- | --- |",
        "| 1 | stop \\| wait | a b |",
        "| 1 | start | c in, ner |",
    ]
