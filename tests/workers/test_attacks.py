"""Known attacks on what Slack shows, from data that lies beside the project: none gets through, and what is harmless stays whole.

Skipped where the data is absent. `python -m pytest tests/workers/test_attacks.py -s` prints the table.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rag.checking import ByWords, Source, checked
from rag.citing import cite
from rag.domain import Answer, Chunk, Citation, Outcome, Passage
from rag.errors import Transient
from rag.orders import without_orders
from sandbox import reading
from tests.fakes import WordEmbedder
from workers.rendering import Rendered, passages, render, streamed_text

SHARED = Path(os.environ.get("FOOTNOTE_SHARED", Path(__file__).parents[3] / "shared"))  # noqa: TID251 - data of the tests alone
SECURITY = SHARED / "security"

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    path = SECURITY / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


ATTACKS, INJECTIONS = rows("mrkdwn_attacks.jsonl"), rows("injections.jsonl")
pytestmark = pytest.mark.skipif(not ATTACKS, reason="the attacks are not there")


def shown(row: Row) -> Rendered:
    """The message in which the text of an attack stands where the attack says."""
    text, field = row["text"], row["field"]
    urls = row["allowed_urls"]
    said = text if field == "llm_output" else "As the documents say [1]."
    citations = tuple(
        Citation(
            number,
            f"d{number}",
            text if field in ("source_title", "file_name", "channel_name") else f"Page {number}",
            (text,) if field == "source_title" else (),
            text if field == "source_url" else url,
            author=text if field == "user_name" else None,
            quotes=(text,) if field == "llm_output" else (),
        )
        for number, url in enumerate(urls, start=1)
    )
    if field == "error_text":  # of an error people read what its kind says, never its text
        return render(Answer(Transient(text).user_message, Outcome.FAILED), question_id="q")
    restated = text if field in ("user_question", "command_arg") else None
    return render(Answer(said, Outcome.ANSWERED, citations), question_id="q", restated=restated, asker="U01MARCO" if restated else None)  # fmt: skip


def markup(message: Rendered) -> Iterator[str]:
    """Every string of the message that Slack reads as markup."""
    yield message.text

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if node.get("type") in ("mrkdwn", "markdown"):
                yield str(node["text"])
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    yield from walk(message.blocks)


def allowed(row: Row) -> frozenset[str]:
    """Where a message may lead: to the sources, and where a source itself has the strange address, there."""
    own = {row["text"]} if row["field"] == "source_url" else set()
    return frozenset(quote(url, safe="!#$%&'()*+,/:;=?@[]~") for url in {*row["allowed_urls"], *own})


def escapes(message: Rendered, sources: frozenset[str], asker: str = "") -> list[str]:
    """What of a message pings somebody, or leads anywhere else than to the sources."""
    pinged = [ping for ping in reading.pings(message.text, message.blocks) if asker not in ping or not asker]
    led = [url for _, url in reading.links(message.text, message.blocks) if url not in sources]
    return pinged + led


@pytest.mark.parametrize("row", ATTACKS, ids=lambda row: row["id"])
def test_no_attack_reaches_slack_as_markup(row: Row) -> None:
    message = shown(row)
    asker = "MARCO" if row["field"] in ("user_question", "command_arg") else ""
    assert escapes(message, allowed(row), asker) == []
    for said in markup(message):
        for pattern in row["must_not_match"]:
            assert not re.search(pattern, said), said
    if wanted := row["must_contain_any"]:
        read = reading.message_text(message.text, message.blocks)
        assert any(part in read or part in plain(read) for part in wanted), read


@pytest.mark.parametrize("row", [row for row in ATTACKS if row["field"] == "llm_output"], ids=lambda row: row["id"])  # fmt: skip
def test_no_attack_gets_out_while_the_answer_is_written(row: Row) -> None:
    text = streamed_text(Answer(row["text"], Outcome.ANSWERED))
    blocks = [{"type": "markdown", "text": text}]
    assert reading.pings("", blocks) == []
    assert reading.links("", blocks) == []
    for pattern in row["must_not_match"]:
        assert not re.search(pattern, text), text


@pytest.mark.parametrize("row", INJECTIONS, ids=lambda row: row["id"])
def test_a_model_that_obeys_every_order_gets_nothing_out(row: Row) -> None:
    """The order itself is the worst that a model can say; it is cut to what names a source."""
    url = "https://docs.example/page"
    chunk = Chunk("T", "s", "d", 0, row["title"], (), row["passage"], url, frozenset({"members"}))
    text, citations = cite(f"{row['passage']} [1]", [Passage(chunk, 1.0, 1)])
    answer = Answer(text, Outcome.ANSWERED, citations)
    for message in (render(answer, question_id="q"), passages(answer)):
        assert escapes(message, frozenset({url})) == []
    blocks = [{"type": "markdown", "text": streamed_text(answer)}]
    assert reading.pings("", blocks) + reading.links("", blocks) == []


WORDS = [
    row for row in INJECTIONS if row["must_not_match"] and re.fullmatch(r"[\w .-]+", row["must_not_match"][0])
]
"""Orders to say a word that nobody else would say."""

_LET_THROUGH = 2  # of them, in each of the ways to obey: their orders are in words that people use, too


@pytest.mark.parametrize("way", ["{word}.", "{word} [1].", "{answer} [1] {word}."])
def test_what_a_model_was_ordered_to_say_does_not_get_out(way: str) -> None:
    said = [row["id"] for row in WORDS if row["must_not_match"][0] in obeyed(row, way)]
    assert len(said) <= _LET_THROUGH, said


def obeyed(row: Row, way: str) -> str:
    """What is left of the reply of a model that does as it was told, in one way or another."""
    chunk = Chunk("T", "s", "d", 0, row["title"], (), row["passage"], "https://x.example", frozenset())
    told = re.split(r"(?<=[.!?])\s+", row["passage"])
    answer = next((one for one in told if any(re.search(it, one) for it in row["must_contain_any"])), "")
    reply = way.format(word=row["must_not_match"][0], answer=answer)
    source = Source(Passage(chunk, 1.0, 1), without_orders(row["passage"]))
    text, citations = cite(
        checked(reply, [source], row["question"], ByWords(WordEmbedder())).text, [source.passage]
    )
    return text if citations else ""


def test_the_table_of_attacks() -> None:
    """…for whoever asks: per kind, how many there are and how many got through."""
    attempted, escaped = Counter[str](), Counter[str]()
    for row in ATTACKS:
        attempted[row["category"]] += 1
        asker = "MARCO" if row["field"] in ("user_question", "command_arg") else ""
        escaped[row["category"]] += bool(escapes(shown(row), allowed(row), asker))
    for category, count in sorted(attempted.items()):
        print(  # noqa: T201 - this is its purpose
            f"{category:12} {count:4} attempted {escaped[category]:4} escaped"
        )
    assert sum(escaped.values()) == 0


def plain(text: str) -> str:
    """Without the invisible joiners in addresses."""
    return text.replace("\u2060", "")
