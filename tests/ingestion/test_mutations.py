"""Bytes of each format, changed at random, never do harm: they become text or a reason."""

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.parsing import parse
from rag.errors import DocumentUnreadable
from tests.ingestion import making
from tests.ingestion.making import saved


@cache
def samples() -> dict[str, bytes]:
    letter, show, sheet = making.word(), making.slides(), making.workbook()
    letter.add_heading("Words")
    letter.add_table(2, 2).cell(0, 0).text = "cell"
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Words"
    sheet.active.append(["a", 1, 0.5])
    return {
        "a.docx": saved(letter),
        "a.pptx": saved(show),
        "a.xlsx": saved(sheet),
        "a.odt": making.opendocument("<text:h>Words</text:h><text:p>more</text:p>"),
        "a.epub": making.book({"one": "<p>words</p>"}, spine=["one"]),
        "a.pdf": making.pdf([[(50, 700, 12, "words on a page")]]),
        "a.doc": making.word97("words"),
        "a.rtf": b"{\\rtf1\\ansi {\\b words}\\par {\\v hidden} \\u252?\\par}",
        "a.eml": b"From: a@x.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b--",
        "a.ipynb": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x"], "outputs": [{"text": "y"}]}]}',
        "a.json": b'[{"a": 1, "b": [1, {"c": null}]}, {"a": 2}]',
        "a.csv": b'a;b\n"1;2";3\n',
        "a.rst": b"Title\n=====\n\n.. note:: words\n\n* item\n\n+---+\n| a |\n+---+\n",
        "a.html": b"<html><body><h1 id=a>T</h1><table><tr><td colspan=2>x<td rowspan=3>y</table></body></html>",
    }


@pytest.mark.parametrize("name", samples())
@settings(max_examples=40, deadline=None)
@example(changes=[(0.25, b"", 33), (0.75, b"\0", 0)])
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6), st.integers(0, 40)), max_size=6
    )
)
def test_changed_bytes_do_no_harm(name: str, changes: list[tuple[float, bytes, int]]) -> None:
    data = samples()[name]
    for place, added, removed in changes:
        at = int(place * len(data))
        data = data[:at] + added + data[at + removed :]
    try:
        parsed = parse(data, name)
    except DocumentUnreadable:
        return
    assert parsed.text.strip()
    assert all(0 <= anchor.start < len(parsed.text) for anchor in parsed.anchors)
