"""Any bytes become text with a title, or a reason that a person understands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.formats import Anchor, Parsed, rewritten
from ingestion.parsing import MAX_BYTES, SUFFIXES, DocumentEmpty, parse
from rag.errors import DocumentUnreadable


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("Grüße – 你好".encode(), "Grüße – 你好", id="utf-8"),
        pytest.param("Grüße".encode("utf-8-sig"), "Grüße", id="utf-8 with mark"),
        pytest.param("Grüße – 你好".encode("utf-16"), "Grüße – 你好", id="utf-16 with mark"),
        pytest.param("Grüße an alle".encode("utf-16-le"), "Grüße an alle", id="utf-16-le"),
        pytest.param("Grüße an alle".encode("utf-16-be"), "Grüße an alle", id="utf-16-be"),
        pytest.param("Grüße".encode("utf-32"), "Grüße", id="utf-32 with mark"),
        pytest.param("“Grüße” 12 €".encode("cp1252"), "“Grüße” 12 €", id="windows"),
        pytest.param(b"Gr\xfc\x81e", "Grüe", id="latin-1"),
        pytest.param(
            b"one\r\ntwo\rthree\x0bfour\xe2\x80\xa8five", "one\ntwo\nthree\nfour\nfive", id="line ends"
        ),
        pytest.param(
            "pay\u200bday \u202eevil\u202c a\u00adb\ufeff".encode(), "payday evil ab", id="invisible"
        ),
        pytest.param("hi \U000e0069\U000e0067\U000e006e".encode(), "hi ", id="tag characters"),
        pytest.param(
            "👩\u200d💻 می\u200cخواهم ❤\ufe0f".encode(), "👩\u200d💻 می\u200cخواهم ❤\ufe0f", id="joiners stay"
        ),
        pytest.param(b"30\xc2\xa0days", "30 days", id="hard space"),
        pytest.param(b"text and\0more text", "text andmore text", id="a few nuls"),
        pytest.param(b"one\n\x0c\ntwo", "one\n\ntwo", id="a form feed is no line of its own"),
    ],
)
def test_bytes_become_text(data: bytes, text: str) -> None:
    assert parse(data, "a.txt").text == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b" \n\xef\xbb\xbf\n", "is empty", id="blank"),
        pytest.param(bytes(range(256)) * 9, "looks like a binary file, not text", id="binary"),
        pytest.param(b"\x07\x00\x02\x00\x03\x00" * 90, "looks like a binary file, not text", id="numbers"),
        pytest.param(b"%PDF-1.7", "is damaged or incomplete", id="pdf"),
        pytest.param(b"PK\x03\x04....", "is damaged or incomplete", id="zip"),
        pytest.param(b"x" * (MAX_BYTES + 1), "is larger than 25 MB", id="large"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_what_is_no_text_has_a_reason(data: bytes, reason: str, name: str) -> None:
    with pytest.raises(DocumentUnreadable, match=f"^{reason}$"):
        parse(data, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.md", "---\ntitle: Only this\n---\n", id="front matter"),
        pytest.param("a.html", "<html><nav>Menu</nav><script>x</script></html>", id="page"),
    ],
)
def test_a_document_without_text_is_empty(name: str, text: str) -> None:
    with pytest.raises(DocumentEmpty, match="holds no text"):
        parse(text.encode(), name)


@pytest.mark.parametrize("name", ["page.txt", "page.md", "page"])
@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html><html>", "\n<!-- saved --><HTML lang=en>", '<?xml version="1.0"?><html>']
)
def test_a_page_is_known_by_its_content(name: str, start: str) -> None:
    parsed = parse(f"{start}<body><h1>Badges</h1><p>Wear them.</p></body></html>".encode(), name)
    assert (parsed.markup, parsed.title) == ("html", "Badges")


def test_many_comments_before_a_page_take_no_time() -> None:
    assert parse(b"<!-- x -->" * 50_000 + b"words", "a.txt").markup == "plain"


@given(data=st.binary(max_size=400), name=st.sampled_from([f"a{suffix}" for suffix in sorted(SUFFIXES)]))
def test_no_bytes_do_harm(data: bytes, name: str) -> None:
    try:
        parsed = parse(data, name)
    except DocumentUnreadable:
        return
    assert parsed.text.strip()
    assert parsed.title.strip() == parsed.title != ""
    assert parsed.title.isprintable()


@given(text=st.text(max_size=400), name=st.sampled_from([f"a{suffix}" for suffix in sorted(SUFFIXES)]))
def test_no_text_does_harm(text: str, name: str) -> None:
    test_no_bytes_do_harm.hypothesis.inner_test(text.encode(errors="replace"), name)  # type: ignore[attr-defined]


def test_the_media_type_tells_where_nothing_else_does() -> None:
    assert parse(b"a,b\n1,2\n", "export", "text/csv; charset=utf-8").text.startswith("| a | b |")
    assert parse(b"# a\n\nwords", "page", "text/markdown").markup == "markdown"
    assert parse(b"# a\n\nwords", "notes.txt", "text/markdown").markup == "plain"


def test_lines_keep_their_numbers() -> None:
    text = parse(b"---\ntitle: A\n---\n\nfifth line\n", "a.md").text
    assert text.split("\n")[4] == "fifth line"


def test_anchors_move_with_a_rewritten_text() -> None:
    parsed = Parsed("T", "one secret\n\ntwo", "document", anchors=(Anchor(0, "page=1"), Anchor(12, "page=2")))
    changed = rewritten(parsed, lambda text: text.replace("secret", "[removed]"))
    assert [changed.text[anchor.start :] for anchor in changed.anchors] == ["one [removed]\n\ntwo", "two"]
