"""The Index port: the same cases over every engine."""

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from rag.adapters.payload import payload_hash
from rag.adapters.qdrant import QdrantIndex
from rag.domain import Audience, Chunk, Passage, Scope
from rag.errors import EmbeddingMismatch, FootnoteError, IndexUnavailable
from rag.ports import Hits, Index, Write
from tests.contracts.conftest import Opener
from tests.contracts.fakes import WordEmbedder

EVERYBODY = frozenset({"public"})
PUBLIC = Audience("T1", EVERYBODY)


def chunk(text: str, position: int = 0, **fields: object) -> Chunk:
    usual = Chunk(
        team_id="T1",
        source_id="wiki",
        document_id="page",
        position=position,
        title="Handbook",
        heading_path=("Handbook", "Leave"),
        text=text,
        url=f"https://wiki.test/page#{position}",
        readers=EVERYBODY,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def store(index: Index, embedder: WordEmbedder, *chunks: Chunk, removed: Iterable[str] = ()) -> None:
    """Chunks of one document, with their vectors."""
    vectors = embedder.embed_passages([chunk.indexed_text for chunk in chunks])
    writes = [Write(chunk, vector) for chunk, vector in zip(chunks, vectors, strict=True)]
    first = chunks[0]
    index.replace(first.team_id, first.source_id, first.document_id, writes=writes, removed=[*removed])


def find(index: Index, text: str, audience: Audience = PUBLIC, limit: int = 10) -> Hits:
    return index.search(text, WordEmbedder().embed_query(text), audience=audience, limit=limit)


def texts(passages: Iterable[Passage]) -> list[str]:
    return [passage.chunk.text for passage in passages]


def test_a_chunk_comes_back_as_it_was_stored(index: Index, embedder: WordEmbedder) -> None:
    stored = chunk(
        "Ask your manager ✓ \u4f11\u6687",
        7,
        readers=frozenset({"channel:C1", "public"}),
        updated_at=datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC),
        author="Ada",
        repeat=2,
        context="Of the rules for leave.",
        leads_to=("7c1f8f0e-3a55-4d0b-9a53-6d1f0c4b5a11",),
    )
    store(index, embedder, stored)
    [passage] = find(index, "manager").dense
    assert passage.chunk == stored


def test_search_finds_by_meaning_and_by_words_apart(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("Thirty days of leave"), chunk("Parking is free", 1))
    hits = find(index, "days of leave")
    assert texts(hits.dense) == ["Thirty days of leave", "Parking is free"]
    assert [passage.rank for passage in hits.dense] == [1, 2]
    assert hits.dense[0].score > hits.dense[1].score
    assert texts(find(index, "parking").sparse) == ["Parking is free"]


def test_similarity_is_the_cosine_for_hits_of_both_kinds(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("Thirty days of leave"), chunk("Parking is free", 1))
    asked = embedder.embed_query("parking")
    hits = index.search("parking", asked, audience=PUBLIC, limit=1)
    for passage in (*hits.dense, *hits.sparse):
        vector = embedder.embed_query(passage.chunk.indexed_text)
        expected = sum(one * other for one, other in zip(asked, vector, strict=True))
        assert passage.similarity == pytest.approx(expected, abs=1e-5)


def test_a_hit_by_words_alone_has_a_similarity_too(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("Thirty days of leave"), chunk("Parking is free", 1))
    leave = embedder.embed_query("Handbook Leave Thirty days of leave")
    hits = index.search("parking", leave, audience=PUBLIC, limit=1)
    assert texts(hits.dense) == ["Thirty days of leave"]
    assert texts(hits.sparse) == ["Parking is free"]
    assert hits.sparse[0].similarity is not None


@pytest.mark.parametrize("code", ["WR-4107", "wr_4107", "config.yaml", "v2.3.1", "/etc/nginx/nginx.conf"])
def test_search_finds_exact_codes_before_their_parts(index: Index, embedder: WordEmbedder, code: str) -> None:
    near_misses = [
        "WR-4108 and FW-4107",
        "yaml config for v3.2.1 of 1 and 2",
        "conf etc: nginx runs on nginx",
    ]
    exact = "Replace WR-4107, config.yaml, v2.3.1 or /etc/nginx/nginx.conf with another of many other things"
    store(index, embedder, *map(chunk, [*near_misses, exact], itertools.count()))
    assert texts(find(index, f"What is {code}?").sparse)[0] == exact


def test_a_question_of_stop_words_matches_no_words(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("What is it"))
    assert find(index, "what is it").sparse == ()


def test_at_most_limit_in_each_list(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, *(chunk(f"Leave rule {number}", number) for number in range(8)))
    hits = find(index, "leave rule", limit=3)
    assert (len(hits.dense), len(hits.sparse)) == (3, 3)


def test_nobody_in_particular_finds_nothing(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("Thirty days"))
    [passage] = find(index, "days").dense
    nobody = Audience("T1", frozenset())
    assert find(index, "days", nobody) == Hits((), ())
    assert index.around(passage, audience=nobody, reach=3) == []
    assert find(index, "days", Audience("T9", EVERYBODY)) == Hits((), ())


KEYS = st.frozensets(st.sampled_from(["public", "members", "channel:C1", "channel:C2"]))
TEAMS = st.sampled_from(["T1", "T2"])


@settings(
    max_examples=25,
    deadline=None,
    # One index for all examples on purpose: what earlier ones left makes the filter's work harder.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(placed=st.lists(st.tuples(TEAMS, KEYS), min_size=1, max_size=12), team=TEAMS, readers=KEYS)
def test_no_chunk_is_found_by_who_may_not_read_it(
    index: Index,
    embedder: WordEmbedder,
    placed: list[tuple[str, frozenset[str]]],
    team: str,
    readers: frozenset[str],
) -> None:
    for owner in ("T1", "T2"):
        index.delete_source(owner, "wiki")
        chunks = [
            chunk(f"days {number}", number, team_id=owner, readers=keys)
            for number, (of, keys) in enumerate(placed)
            if of == owner
        ]
        if chunks:
            store(index, embedder, *chunks)
    audience = Audience(team, readers)
    allowed = {f"days {number}" for number, (of, keys) in enumerate(placed) if of == team and keys & readers}
    hits = find(index, "days", audience, limit=50)
    assert {*texts(hits.dense)} == {*texts(hits.sparse)} == allowed
    for hit in find(index, "days", Audience(team, frozenset({"public", "members", "channel:C1"}))).dense:
        around = index.around(hit, audience=audience, reach=20)
        assert {found.text for found in around} == allowed


def test_around_gives_the_neighbours_in_order(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, *(chunk(f"part {number}", number) for number in (4, 2, 0, 3, 1, 5)))
    store(index, embedder, chunk("other page", 2, document_id="other"))
    store(index, embedder, chunk("other source", 2, source_id="drive"))
    [passage, *_] = [hit for hit in find(index, "part 2").sparse if hit.chunk.position == 2]
    near = index.around(passage, audience=PUBLIC, reach=2)
    assert [found.text for found in near] == ["part 0", "part 1", "part 2", "part 3", "part 4"]
    assert index.around(passage, audience=PUBLIC, reach=0) == [passage.chunk]


def test_around_gives_no_summary(index: Index, embedder: WordEmbedder) -> None:
    own = [chunk(f"part {n}", n) for n in range(3)]
    summary = chunk("all parts", -1, leads_to=tuple(it.point_id for it in own))
    store(index, embedder, *own, summary)
    [first, *_] = [it for it in find(index, "part 0").dense if it.chunk.text == "part 0"]
    assert index.around(first, audience=PUBLIC, reach=5) == own


def test_single_chunks_are_a_scope_like_any_other(index: Index, embedder: WordEmbedder) -> None:
    mine, hidden, other = (
        chunk("part one"),
        chunk("part two", 1, readers=frozenset({"channel:C1"})),
        chunk("part three", 2),
    )
    store(index, embedder, mine, hidden, other)
    vector = embedder.embed_query("part")
    for wanted, expected in (({mine, hidden}, ["part one"]), (set[Chunk](), [])):
        scope = Scope(point_ids=frozenset(it.point_id for it in wanted))
        hits = index.search("part", vector, audience=PUBLIC, limit=9, scope=scope)
        assert texts(hits.dense) == texts(hits.sparse) == expected


def with_tokens(embedder: WordEmbedder, *chunks: Chunk) -> list[Write]:
    vectors = embedder.embed_passages([it.indexed_text for it in chunks])
    tokens = embedder.token_vectors([it.indexed_text for it in chunks])
    return [Write(*parts) for parts in zip(chunks, vectors, tokens, strict=True)]


def test_tokens_are_scored_by_the_nearest_of_each_asked(open_index: Opener, embedder: WordEmbedder) -> None:
    index = open_index(embedder, tokens=True)
    assert index.holds_tokens
    one, other, bare = chunk("Thirty days of leave"), chunk("Parking is free", 1), chunk("No tokens", 2)
    writes = [*with_tokens(embedder, one, other), Write(bare, embedder.embed_query("bare"))]
    index.replace("T1", "wiki", "page", writes=writes, removed=[])
    passages = [Passage(it, 1.0, 1) for it in (other, bare, one, chunk("nowhere", 9))]
    [asked] = embedder.token_vectors(["thirty days parking"], query=True)
    scores = index.interactions(asked, passages)
    assert scores == [pytest.approx(1 / 3, abs=0.01), None, pytest.approx(2 / 3, abs=0.01), None]
    assert index.interactions(asked, []) == []
    # A new link leaves the vectors where they are, and so does a new place.
    moved = [replace(it, position=it.position + 1, url="https://elsewhere.test") for it in (one, other)]
    index.replace("T1", "wiki", "page", writes=[Write(it, None) for it in moved], removed=[])
    assert index.interactions(asked, passages) == scores
    index.close()


def test_tokens_are_exported_with_their_chunks(open_index: Opener, embedder: WordEmbedder) -> None:
    index = open_index(embedder, tokens=True)
    writes = with_tokens(embedder, chunk("Thirty days of leave"), chunk("Parking is free", 1))
    index.replace("T1", "wiki", "page", writes=writes, removed=[])
    exported = index.export("T1", "wiki", "page")
    assert [it.chunk for it in exported] == [it.chunk for it in writes]
    for it, its in zip(exported, writes, strict=True):
        assert it.tokens is not None
        assert it.tokens == pytest.approx(its.tokens, abs=1e-3)
    index.close()


def test_an_index_without_tokens_leaves_them_out(index: Index, embedder: WordEmbedder) -> None:
    assert not index.holds_tokens
    [write] = with_tokens(embedder, chunk("Thirty days of leave"))
    index.replace("T1", "wiki", "page", writes=[write], removed=[])
    [asked] = embedder.token_vectors(["days"], query=True)
    assert index.interactions(asked, [Passage(write.chunk, 1.0, 1)]) == [None]
    assert [it.tokens for it in index.export("T1", "wiki", "page")] == [None]


def test_replace_writes_keeps_and_removes(index: Index, embedder: WordEmbedder) -> None:
    kept, gone = chunk("stays", 0), chunk("goes", 1)
    store(index, embedder, kept, gone)
    moved = replace(kept, position=3, url="https://wiki.test/page#3", readers=frozenset({"members"}))
    new = chunk("comes", 0)
    [vector] = embedder.embed_passages([new.indexed_text])
    index.replace(
        "T1", "wiki", "page", writes=[Write(moved, None), Write(new, vector)], removed=[gone.point_id]
    )
    assert {*index.stored("T1", "wiki", "page")} == {kept.point_id, new.point_id}
    members = Audience("T1", frozenset({"members"}))
    hits = find(index, "stays", members)
    assert [passage.chunk for passage in hits.dense] == [moved]
    assert [passage.chunk for passage in hits.sparse] == [moved]
    cosine = find(index, moved.indexed_text, members).dense[0].similarity
    assert cosine == pytest.approx(1, abs=1e-6)
    assert texts(find(index, "comes").dense) == ["comes"]


def test_stored_tells_what_need_not_be_written(index: Index, embedder: WordEmbedder) -> None:
    one, two = chunk("one", 0), chunk("two", 1)
    store(index, embedder, one, two)
    held = index.stored("T1", "wiki", "page")
    assert {*held} == {one.point_id, two.point_id}
    assert held[one.point_id].fingerprint == one.fingerprint
    assert held[one.point_id].payload_hash == payload_hash(one)
    assert index.stored("T1", "wiki", "none") == {}
    assert index.stored("T2", "wiki", "page") == {}


def test_a_chunk_of_another_document_is_not_written(index: Index) -> None:
    with pytest.raises(ValueError, match="other"):
        index.replace("T1", "wiki", "page", writes=[Write(chunk("x", document_id="other"), [])], removed=[])
    assert index.count("T1") == 0


def test_a_vector_that_is_not_there_cannot_be_kept(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("old"))
    new, unknown = chunk("new", 1), chunk("unknown", 2)
    writes = [Write(new, embedder.embed_query("new")), Write(unknown, None)]
    with pytest.raises(IndexUnavailable):
        index.replace("T1", "wiki", "page", writes=writes, removed=[chunk("old").point_id])
    assert texts(find(index, "old").dense) == ["old"]


def test_only_chunks_of_the_document_are_removed(index: Index, embedder: WordEmbedder) -> None:
    others = [
        chunk("other page", document_id="other"),
        chunk("other source", source_id="drive"),
        chunk("other team", team_id="T2"),
    ]
    for other in others:
        store(index, embedder, other)
    store(
        index,
        embedder,
        chunk("mine"),
        removed=[*(other.point_id for other in others), chunk("mine").point_id],
    )
    assert (index.count("T1"), index.count("T2")) == (3, 1)


def test_replacing_with_nothing_leaves_nothing(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("old"))
    index.replace("T1", "wiki", "page", writes=[], removed=[chunk("old").point_id])
    assert index.count("T1") == 0
    index.replace("T1", "wiki", "page", writes=[], removed=[])


@pytest.fixture
def populated(index: Index, embedder: WordEmbedder) -> Index:
    for team, source, document in itertools.product(("T1", "T2"), ("wiki", "drive"), ("a", "b")):
        place = {"team_id": team, "source_id": source, "document_id": document}
        store(index, embedder, chunk("days", 0, **place), chunk("leave", 1, **place))
    return index


def test_counts_and_documents(populated: Index) -> None:
    assert (populated.count("T1"), populated.count("T1", "wiki"), populated.count("T3")) == (8, 4, 0)
    assert populated.document_ids("T1", "wiki") == {"a", "b"}
    assert populated.document_ids("T1", "none") == frozenset()


def test_delete_document_leaves_only_the_others(populated: Index) -> None:
    populated.delete_document("T1", "wiki", "a")
    populated.delete_document("T1", "wiki", "never")
    assert populated.document_ids("T1", "wiki") == {"b"}
    assert (populated.count("T1"), populated.count("T2")) == (6, 8)
    found = find(populated, "days leave")
    assert ("wiki", "a") not in {
        (hit.chunk.source_id, hit.chunk.document_id) for hit in (*found.dense, *found.sparse)
    }


def test_delete_source_leaves_only_the_others(populated: Index) -> None:
    populated.delete_source("T1", "wiki")
    assert (populated.count("T1", "wiki"), populated.count("T1"), populated.count("T2")) == (0, 4, 8)
    found = find(populated, "days leave")
    assert {hit.chunk.source_id for hit in (*found.dense, *found.sparse)} == {"drive"}


def test_more_documents_than_a_page_of_answers(index: Index, embedder: WordEmbedder) -> None:
    for number in range(40):
        store(index, embedder, chunk("days", document_id=f"page {number}"))
    assert len(index.document_ids("T1", "wiki")) == 40


def test_a_document_with_more_chunks_than_a_request_holds(index: Index, embedder: WordEmbedder) -> None:
    many = [chunk(f"part {number}", number) for number in range(2100)]
    store(index, embedder, *many)
    assert len(index.stored("T1", "wiki", "page")) == index.count("T1") == 2100


def test_another_model_is_refused(open_index: Opener, embedder: WordEmbedder) -> None:
    index = open_index(embedder)
    if type(index).__name__ == "EdgeIndex":
        index.close()
    with pytest.raises(
        EmbeddingMismatch, match="was built with words, not others: run `python -m ingestion rebuild`"
    ):
        open_index(WordEmbedder("others"))
    with pytest.raises(EmbeddingMismatch):
        open_index(WordEmbedder(dimensions=32))


def test_ping_and_use_after_close(open_index: Opener, embedder: WordEmbedder) -> None:
    index = open_index(embedder)
    index.ping()
    index.close()
    index.close()
    with pytest.raises(FootnoteError):
        index.ping()


def test_a_reader_sees_a_document_old_or_new_never_between(
    open_index: Opener, embedder: WordEmbedder
) -> None:
    index = open_index(embedder)
    versions = [
        [
            chunk("kept", 9 * version),
            *(chunk(f"version {version} part {part}", part + 1) for part in range(5)),
        ]
        for version in (0, 1)
    ]
    store(index, embedder, *versions[0])
    done = Event()
    seen: list[frozenset[str]] = []

    def read() -> None:
        while not done.is_set():
            hits = find(index, "version part kept", limit=50)
            seen.extend(frozenset(texts(found)) for found in (hits.dense, hits.sparse))

    with ThreadPoolExecutor(1) as readers:
        reading = readers.submit(read)
        try:
            for turn in range(1, 61 if type(index).__name__ == "QdrantIndex" else 31):
                new, old = versions[turn % 2], versions[1 - turn % 2]
                removed = [each.point_id for each in old[1:]]
                store(index, embedder, *new[1:], removed=removed)
        finally:
            done.set()
        reading.result()
    index.close()
    assert len(seen) > 20
    assert set(seen) <= {frozenset(one.text for one in version) for version in versions}


def test_flushing_is_done_as_often_as_one_likes(open_index: Opener, embedder: WordEmbedder) -> None:
    index = open_index(embedder)
    index.flush()
    store(index, embedder, chunk("old days"))
    store(index, embedder, chunk("new days"), removed=[chunk("old days").point_id])
    index.flush()
    index.flush()
    index.delete_document("T1", "wiki", "never")
    index.flush()
    assert texts(find(index, "days").dense) == ["new days"]
    index.close()


def test_vectors_are_found_by_text_in_any_document_of_the_team(index: Index, embedder: WordEmbedder) -> None:
    one, other, foreign = chunk("one"), chunk("two", document_id="b"), chunk("three", team_id="T2")
    for each in (one, other, foreign):
        store(index, embedder, each)
    asked = [each.fingerprint for each in (one, other, foreign)] + ["unknown"] * 3
    found = index.vectors("T1", asked)
    assert found.keys() == {one.fingerprint, other.fingerprint}
    assert found[one.fingerprint] == pytest.approx(embedder.embed_query(one.indexed_text), abs=1e-5)
    assert index.vectors("T1", []) == {}


def test_what_is_exported_can_be_stored_elsewhere(index: Index, embedder: WordEmbedder) -> None:
    chunks = [chunk(f"part {number}", number) for number in range(3)]
    store(index, embedder, *reversed(chunks))
    writes = index.export("T1", "wiki", "page")
    assert [write.chunk for write in writes] == chunks
    assert writes[0].vector == pytest.approx(embedder.embed_query(chunks[0].indexed_text), abs=1e-5)
    assert index.export("T1", "wiki", "none") == []


def test_sources_are_told_by_team(populated: Index) -> None:
    assert populated.source_ids("T1") == {"wiki", "drive"}
    assert populated.source_ids("T3") == frozenset()


def test_new_readers_are_the_only_ones_at_once(populated: Index, embedder: WordEmbedder) -> None:
    staged = chunk("staged days", 7, document_id="a", readers=frozenset())
    store(populated, embedder, staged)
    before = populated.stored("T1", "wiki", "a")
    populated.set_readers("T1", "wiki", {"members", "channel:C1"})
    assert {hit.chunk.source_id for hit in find(populated, "days leave").dense} == {"drive"}
    for reader in ("members", "channel:C1"):
        found = find(populated, "days leave", Audience("T1", frozenset({reader})))
        assert {hit.chunk.source_id for hit in found.dense} == {"wiki"}
        assert len(found.dense) == 4, "what nobody could read stays so"
        assert found.dense[0].chunk.readers == {"members", "channel:C1"}
    assert populated.stored("T1", "wiki", "a") == before, "the next sync has nothing to write"
    assert len(find(populated, "days leave", Audience("T2", EVERYBODY)).dense) == 8
    with pytest.raises(ValueError, match="reader"):
        populated.set_readers("T1", "wiki", [])


def test_staged_chunks_are_shown_all_at_once_with_the_last(index: Index, embedder: WordEmbedder) -> None:
    store(index, embedder, chunk("old days"))
    final = [chunk(f"new days {number}", number) for number in range(3)]
    store(index, embedder, *(replace(one, readers=frozenset()) for one in final[:2]))
    assert texts(find(index, "days").dense) == ["old days"]
    stored = index.stored("T1", "wiki", "page")
    assert stored[final[0].point_id].payload_hash != payload_hash(final[0])
    vector = embedder.embed_query(final[2].indexed_text)
    writes = [Write(final[0], None), Write(final[1], None), Write(final[2], vector)]
    index.replace("T1", "wiki", "page", writes=writes, removed=[chunk("old days").point_id])
    assert sorted(texts(find(index, "days").dense)) == [one.text for one in final]


@pytest.mark.parametrize("stage", range(8))
def test_a_change_cut_short_on_a_server_shows_old_or_new_and_is_settled_by_the_next(
    embedder: WordEmbedder, stage: int
) -> None:
    client = DyingClient(":memory:")
    index = QdrantIndex.in_memory(client, collection="test", embedder=embedder)
    staged = chunk("new kept", 3, readers=frozenset())
    store(index, embedder, chunk("old a"), chunk("old b", 1), chunk("stays", 2), staged)
    removed = [chunk("old a").point_id, chunk("old b").point_id]
    news = [chunk("new a"), chunk("new b", 1)]
    writes = [Write(one, embedder.embed_query(one.indexed_text)) for one in news]
    writes += [Write(chunk("new kept", 3), None), Write(chunk("stays", 7), None)]
    client.operations_left = stage
    with pytest.raises(IndexUnavailable):
        index.replace("T1", "wiki", "page", writes=writes, removed=removed)
    client.operations_left = 10**6
    old, new = {"old a", "old b", "stays"}, {"new a", "new b", "new kept", "stays"}
    for reader in (index, QdrantIndex.in_memory(client, collection="test", embedder=embedder)):
        assert set(texts(find(reader, "old new stays").dense)) in (old, new)
    stored = index.stored("T1", "wiki", "page")
    wanted = {write.chunk.point_id: write for write in writes}
    again = [
        replace(write, vector=None) if point_id in stored else write
        for point_id, write in wanted.items()
        if point_id not in stored or stored[point_id].payload_hash != payload_hash(write.chunk)
    ]
    index.replace("T1", "wiki", "page", writes=again, removed=[*(stored.keys() - wanted.keys())])
    found = find(index, "old new stays").dense
    assert set(texts(found)) == new
    assert index.count("T1") == 4
    assert {hit.chunk.position for hit in found} == {0, 1, 3, 7}
    index.close()


class DyingClient(QdrantClient):
    """Does so many operations of changes and then no more, as if the process had ended."""

    operations_left = 10**6

    def batch_update_points(self, collection_name: str, update_operations: Any, **options: Any) -> Any:
        done = []
        for operation in update_operations:
            if self.operations_left == 0:
                raise ConnectionError
            self.operations_left -= 1
            done += super().batch_update_points(collection_name, [operation], **options)
        return done


MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(), {"runbooks/db", "runbooks/web", "minutes/june", "undated"}),
        (Scope(source_ids=frozenset({"wiki"})), {"runbooks/db", "runbooks/web", "undated"}),
        (
            Scope(source_ids=frozenset({"wiki", "drive"})),
            {"runbooks/db", "runbooks/web", "minutes/june", "undated"},
        ),
        (Scope(source_ids=frozenset()), set()),
        (Scope(authors=frozenset({"Ines"})), {"runbooks/db", "minutes/june"}),
        (Scope(authors=frozenset({"Ines", "Tom"})), {"runbooks/db", "runbooks/web", "minutes/june"}),
        (Scope(authors=frozenset()), set()),
        (Scope(path="runbooks/"), {"runbooks/db", "runbooks/web"}),
        (Scope(path="books/"), set()),
        (Scope(since=JUNE), {"runbooks/web", "minutes/june"}),
        (Scope(until=JUNE), {"runbooks/db", "minutes/june"}),
        (Scope(since=JUNE, until=JUNE), {"minutes/june"}),
        (Scope(path="runbooks/", authors=frozenset({"Ines"}), until=JULY), {"runbooks/db"}),
    ],
)
def test_a_scope_is_where_it_looks(
    index: Index, embedder: WordEmbedder, scope: Scope, found: set[str]
) -> None:
    fields: list[dict[str, Any]] = [
        {"document_id": "runbooks/db", "author": "Ines", "updated_at": MAY},
        {"document_id": "runbooks/web", "author": "Tom", "updated_at": JULY},
        {"document_id": "minutes/june", "author": "Ines", "updated_at": JUNE, "source_id": "drive"},
        {"document_id": "undated"},
        {"document_id": "secret", "author": "Ines", "updated_at": JUNE, "readers": frozenset({"channel:C9"})},
    ]
    for each in fields:
        store(index, embedder, chunk("Parking is in the yard.", **each))
    vector = embedder.embed_query("parking")
    hits = index.search("parking", vector, audience=PUBLIC, limit=10, scope=scope)
    for side in (hits.dense, hits.sparse):
        assert {passage.chunk.document_id for passage in side} == found


def test_the_version_is_another_one_after_every_change_and_the_same_without(
    index: Index, embedder: WordEmbedder
) -> None:
    first = chunk("Parking is in the yard.")
    versions = [index.version("T1")]

    def after(change: Callable[[], object]) -> None:
        change()
        version = index.version("T1")
        assert version is not None
        assert version != versions[-1]
        assert version not in versions[1:]  # the first one is that of nothing, which can come back
        find(index, "parking")
        index.stored("T1", "wiki", "page")
        index.flush()
        assert index.version("T1") == version
        versions.append(version)

    after(lambda: store(index, embedder, first))
    after(lambda: store(index, embedder, replace(first, updated_at=MAY)))
    after(lambda: store(index, embedder, chunk("It is not."), removed=[first.point_id]))
    after(lambda: store(index, embedder, chunk("Lunch.", document_id="other")))
    after(lambda: index.set_readers("T1", "wiki", {"channel:C9"}))
    after(lambda: index.set_readers("T1", "wiki", {"public"}))
    after(lambda: index.delete_document("T1", "wiki", "other"))
    index.delete_source("T1", "wiki")
    assert index.version("T1") != versions[-1]
    for _ in range(3):
        after(lambda: store(index, embedder, first))
        index.delete_source("T1", "wiki")


def test_the_version_is_seen_by_other_processes(open_server: Opener, embedder: WordEmbedder) -> None:
    here, there = open_server(embedder), open_server(embedder)
    before = here.version("T1")
    store(there, embedder, chunk("Parking is in the yard."))
    middle = here.version("T1")
    there.set_readers("T1", "wiki", {"channel:C9"})
    assert len({before, middle, here.version("T1")}) == 3
    assert here.version("T1") == there.version("T1")
    for index in (here, there):
        index.close()


def test_there_is_no_version_while_a_replacement_is_half_done(embedder: WordEmbedder) -> None:
    client = DyingClient(":memory:")
    index = QdrantIndex.in_memory(client, collection="test", embedder=embedder)
    store(index, embedder, chunk("Parking is in the yard."))
    client.operations_left = 1
    with pytest.raises(FootnoteError):
        store(index, embedder, chunk("It is not."))
    assert index.version("T1") is None
    client.operations_left = 10**6
    store(index, embedder, chunk("It is not."))
    assert index.version("T1") is not None
    index.close()
