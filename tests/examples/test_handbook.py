"""The demo handbook hangs together: links, questions, quotes and splits."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "handbook"
PAGES = HANDBOOK / "pages"
QUESTIONS = HANDBOOK / "questions.jsonl"

MINIMUM_BY_TYPE = {
    "single": 1,
    "typo": 10,
    "table": 8,
    "code": 8,
    "multi": 8,
    "followup": 10,
    "conflict": 4,
    "stale": 4,
    "unanswerable": 18,
}

_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`[^`\n]*`")
_MD_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HREF = re.compile(r"""<a\b[^>]*\bhref=["']([^"']+)["']""", re.IGNORECASE)
_MD_HEADING = re.compile(r"^#{1,6} +(.+?) *#* *$", re.MULTILINE)
_HTML_HEADING = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.IGNORECASE | re.DOTALL)
_ID = re.compile(r"""\bid=["']([^"']+)["']""")
_EXTERNAL = re.compile(r"^([a-z][a-z0-9+.-]*:|/)", re.IGNORECASE)


def _pages() -> list[Path]:
    return sorted(path for path in PAGES.rglob("*") if path.is_file())


def _slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def _numbered(slugs: list[str]) -> set[str]:
    seen: Counter[str] = Counter()
    anchors: set[str] = set()
    for slug in slugs:
        anchors.add(slug if seen[slug] == 0 else f"{slug}-{seen[slug]}")
        seen[slug] += 1
    return anchors


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _anchors(path: Path) -> frozenset[str]:
    text = _text(path)
    if path.suffix == ".md":
        return frozenset(_numbered([_slug(h) for h in _MD_HEADING.findall(_FENCE.sub("", text))]))
    anchors: set[str] = set(_ID.findall(text))
    for _, _, inner in _HTML_HEADING.findall(text):
        anchors.add(_slug(html.unescape(re.sub(r"<[^>]+>", "", inner))))
    return frozenset(anchors)


def _links(path: Path) -> list[str]:
    text = _text(path)
    if path.suffix == ".md":
        found = _MD_LINK.findall(_CODE_SPAN.sub("", _FENCE.sub("", text)))
    elif path.suffix == ".html":
        found = [html.unescape(link) for link in _HREF.findall(text)]
    else:
        found = []
    return [link for link in found if not _EXTERNAL.match(link)]


def _squeeze(text: str) -> str:
    return " ".join(text.split())


@cache
def _questions() -> tuple[dict[str, Any], ...]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line.strip())


def _is_unanswerable(question: dict[str, Any]) -> bool:
    return bool(question["metadata"]["type"] == "unanswerable")


def test_there_are_enough_pages() -> None:
    suffixes = Counter(path.suffix for path in _pages())
    assert sum(suffixes.values()) >= 40
    assert suffixes[".html"] >= 5
    assert suffixes[".txt"] == 1
    assert set(suffixes) == {".md", ".html", ".txt"}


def test_no_two_pages_have_the_same_text() -> None:
    texts = Counter(_squeeze(_text(path)) for path in _pages())
    assert [text[:60] for text, count in texts.items() if count > 1] == []


@pytest.mark.parametrize("path", _pages(), ids=lambda path: str(path.relative_to(PAGES)))
def test_page_says_title_owner_and_date(path: Path) -> None:
    text = _text(path)
    if path.suffix == ".md":
        front = re.match(r"---\ntitle: .+\nowner: .+\nupdated: \d{4}-\d{2}-\d{2}\n---\n\n# ", text)
        assert front, "no front matter followed by a level-one heading"
    elif path.suffix == ".html":
        assert re.search(r"<title>[^<]+</title>", text)
        assert re.search(r'<meta name="author" content="[^"]+">', text)
        assert re.search(r'<meta name="last-modified" content="\d{4}-\d{2}-\d{2}">', text)
        for tag in ("nav", "header", "main", "footer"):
            assert f"<{tag}" in text
            assert f"</{tag}>" in text


@pytest.mark.parametrize("path", _pages(), ids=lambda path: str(path.relative_to(PAGES)))
def test_relative_links_resolve(path: Path) -> None:
    broken: list[str] = []
    for link in _links(path):
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        is_page = file.is_file() and file.is_relative_to(PAGES)
        if not is_page or (anchor and anchor not in _anchors(file)):
            broken.append(link)
    assert broken == []


def test_pages_link_to_one_another() -> None:
    assert sum(len(_links(path)) for path in _pages()) >= 100


def test_question_ids_and_texts_are_unique() -> None:
    assert len(_questions()) >= 100
    ids = [question["_id"] for question in _questions()]
    texts = [
        (_squeeze(question["text"]).lower(), json.dumps(question["metadata"].get("history")))
        for question in _questions()
    ]
    assert len(set(ids)) == len(ids)
    assert len(set(texts)) == len(texts)


def test_counts_per_type() -> None:
    counts = Counter(question["metadata"]["type"] for question in _questions())
    assert set(counts) == set(MINIMUM_BY_TYPE)
    short = {kind: counts[kind] for kind, least in MINIMUM_BY_TYPE.items() if counts[kind] < least}
    assert short == {}


def test_splits_are_balanced_within_each_type() -> None:
    counts = Counter(
        (question["metadata"]["type"], question["metadata"]["split"]) for question in _questions()
    )
    assert {split for _, split in counts} == {"dev", "heldout"}
    for kind in MINIMUM_BY_TYPE:
        assert abs(counts[kind, "dev"] - counts[kind, "heldout"]) <= 1, kind


@pytest.mark.parametrize("question", _questions(), ids=lambda question: str(question["_id"]))
def test_question_is_well_formed(question: dict[str, Any]) -> None:
    assert set(question) == {"_id", "text", "metadata"}
    assert re.fullmatch(r"[a-z]+-\d{2}", question["_id"])
    assert question["text"].strip() == question["text"] != ""
    metadata = question["metadata"]
    keys = {"type", "answerable", "answers", "gold_files", "also_files", "split"}
    if not _is_unanswerable(question):
        keys.add("gold_quotes")
    if metadata["type"] == "followup":
        keys |= {"history", "standalone"}
    assert set(metadata) == keys
    assert metadata["answerable"] is (not _is_unanswerable(question))
    assert all(isinstance(answer, str) and answer for answer in metadata["answers"])
    if metadata["type"] == "followup":
        assert metadata["standalone"]
        assert [set(turn) for turn in metadata["history"]] == (
            [{"author", "text"}] * len(metadata["history"])
        )
        assert [turn["author"] for turn in metadata["history"]] == (
            ["asker", "bot"] * (len(metadata["history"]) // 2)
        )
        assert all(turn["text"] for turn in metadata["history"])
        assert metadata["history"]


@pytest.mark.parametrize("question", _questions(), ids=lambda question: str(question["_id"]))
def test_gold_exists_and_quotes_are_verbatim(question: dict[str, Any]) -> None:
    metadata = question["metadata"]
    if _is_unanswerable(question):
        assert metadata["answers"] == metadata["gold_files"] == metadata["also_files"] == []
        assert "gold_quotes" not in metadata
        return
    gold, also = metadata["gold_files"], metadata["also_files"]
    assert all((gold, metadata["answers"], metadata["gold_quotes"]))
    assert len(set(gold + also)) == len(gold) + len(also)
    for name in gold + also:
        assert name.startswith("pages/"), name
        assert (HANDBOOK / name).is_file(), name
    assert {quote["file"] for quote in metadata["gold_quotes"]} == set(gold)
    for quote in metadata["gold_quotes"]:
        assert set(quote) == {"file", "quote"}
        assert _squeeze(quote["quote"])
        assert _squeeze(quote["quote"]) in _squeeze(_text(HANDBOOK / quote["file"]))


def test_conflicts_cite_both_pages() -> None:
    for question in _questions():
        if question["metadata"]["type"] == "conflict":
            assert len(question["metadata"]["gold_files"]) == 2, question["_id"]
            assert len(question["metadata"]["answers"]) == 2, question["_id"]


def test_readme_counts_are_true() -> None:
    readme = (HANDBOOK / "README.md").read_text(encoding="utf-8")
    assert f"{len(_pages())} pages" in readme
    assert f"{len(_questions())} questions" in readme
