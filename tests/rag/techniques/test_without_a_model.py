"""What a plan can do without a language model: greetings, phrases that name a place, descriptions that are near."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from rag.domain import Audience, Chunk, Embedding, Passage, Scope
from rag.ports import Hits
from rag.retrieval import Found, Search
from rag.techniques.adaptive import Adaptive, is_chat
from rag.techniques.query_construction import QueryConstruction, said
from rag.techniques.routing import Described, SemanticRouting
from tests.fakes import WordEmbedder

AUDIENCE = Audience("T", frozenset({"members"}))
SOURCES = {"1": Described("hr", "leave pay and people"), "2": Described("it", "laptops and passwords")}


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello!",
        "hey there 👋",
        "Thanks a lot!",
        "thank you so much",
        "ok, thanks",
        "Danke!",
        "good morning team",
        "perfect, thx",
    ],
)
def test_a_greeting_is_no_question(text: str) -> None:
    assert is_chat(text)


@pytest.mark.parametrize(
    "text", ["hi, how much leave do I get?", "is it ok", "thanks, and for interns?", "leave", "ok google", "cool box in Leeds?", "", "hello world program", "VPN"]
)  # fmt: skip
def test_what_asks_anything_is_one(text: str) -> None:
    assert not is_chat(text) or not text


def test_nothing_is_searched_for_a_greeting() -> None:
    def retrieve(search: Search) -> Found:
        raise AssertionError(search)

    found = Adaptive()(Search("hello", AUDIENCE), retrieve)
    assert found.needless
    assert found.passages == ()


MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("what changed in the hr wiki about leave", Scope(source_ids=frozenset({"1"}))),
        ("how do I restart it, in runbooks/", Scope(path="runbooks/")),
        ("from docs/it/ how long are passwords", Scope(path="docs/it/")),
        ("pages updated since March 2026 on travel", Scope(since=MARCH)),
        ("rules changed before 2026-03-01", Scope(until=MARCH)),
        ("what was written by Ines Duarte on leave", Scope(authors=frozenset({"Ines Duarte"}))),
        ("edited after 2025, written by Tom Ode, in runbooks/?", Scope(None, frozenset({"Tom Ode"}), "runbooks/", datetime(2025, 1, 1, tzinfo=UTC))),
        ("what happened in 2026", Scope()),
        ("which books were written by him", Scope()),
        ("is it paid in cash/card", Scope()),
        ("how do I get it in the hr department", Scope()),
        ("since March 2026 I work in Porto, which holidays do I have", Scope()),
    ],
)  # fmt: skip
def test_what_is_said_of_where_to_look(text: str, scope: Scope) -> None:
    assert said(text, SOURCES) == scope


@dataclass
class Recording:
    """Finds one passage, but nothing in the scopes in `empty`."""

    empty: Sequence[Scope] = ()

    def __post_init__(self) -> None:
        self.scopes: list[Scope] = []

    def __call__(self, search: Search) -> Found:
        self.scopes.append(search.scope)
        chunk = Chunk("T", "hr", "d", 0, "", (), "text", "u", frozenset({"members"}))
        found = () if search.scope in self.empty else (Passage(chunk, 1.0, 1),)
        return Found((), Hits((), ()), found, found)


def test_a_filter_that_finds_nothing_is_dropped_and_the_given_scope_stays() -> None:
    given = Scope(source_ids=frozenset({"hr"}))
    asked = Search("how is it done in runbooks/", AUDIENCE, given)
    retrieve = Recording(empty=[replace(given, path="runbooks/")])
    assert QueryConstruction(None, lambda _: SOURCES)(asked, retrieve).passages
    assert retrieve.scopes == [replace(given, path="runbooks/"), given]


class Descriptions(WordEmbedder):
    """Cosines by hand: a question about laptops is nearest to what names them."""

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        return [(1.0, 0.0) if "laptops" in text else (0.0, 1.0) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        return {"laptop": (1.0, 0.0), "both": (0.7071, 0.7071)}.get(text, (0.0, -1.0))


@pytest.mark.parametrize(("text", "sources"), [("laptop", {"2"}), ("both", None), ("neither", None)])
def test_semantic_routing_follows_a_clear_winner_only(text: str, sources: set[str] | None) -> None:
    retrieve = Recording()
    SemanticRouting(Descriptions(), lambda _: SOURCES)(Search(text, AUDIENCE), retrieve)
    assert [scope.source_ids for scope in retrieve.scopes] == [sources]
