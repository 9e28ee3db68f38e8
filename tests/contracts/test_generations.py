"""The Generations port: the same cases over both engines. What serves changes in one step, and nothing is left behind."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.adapters.edge import EdgeIndex
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.adapters.qdrant import QdrantIndex
from rag.adapters.qdrant_generations import QdrantGenerations
from rag.errors import EmbeddingMismatch, IndexInUse, IndexUnavailable
from rag.generations import Generations, every_index
from tests.contracts.fakes import WordEmbedder
from tests.contracts.test_index import chunk, find, store, texts

WORDS = WordEmbedder()
IDENTITY = Identity.of(WORDS, model="words")
OTHER = Identity.of(WordEmbedder("others", 32), chunking=2, model="others")

Opener = Callable[[], Generations]


@pytest.fixture(params=["edge", "server"])
def open_generations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the generations of this test, again and again."""
    opened: list[Generations] = []
    url = request.getfixturevalue("qdrant_url") if request.param == "server" else ""
    name = f"test-{uuid.uuid4().hex}"

    def open_again() -> Generations:
        while opened:
            opened.pop().close()
        generations: Generations = (
            QdrantGenerations.connect(url, api_key=None, collection=name, timeout_seconds=10)
            if url
            else EdgeGenerations.open(tmp_path / "index")
        )
        opened.append(generations)
        return generations

    yield open_again
    while opened:
        opened.pop().close()


def with_one(open_generations: Opener, text: str = "first words") -> Generations:
    generations = open_generations()
    index = generations.index(generations.begin(IDENTITY, "first"))
    store(index, WORDS, chunk(text))
    generations.switch()
    return generations


def served(generations: Generations) -> list[str]:
    serving = generations.serving()
    assert serving is not None
    return texts(find(generations.index(serving), "words").dense)


def test_there_is_nothing_at_first(open_generations: Opener) -> None:
    generations = open_generations()
    assert (generations.serving(), generations.building()) == (None, None)
    assert every_index(generations) == []
    with pytest.raises(IndexUnavailable):
        generations.switch()


def test_what_is_built_aside_serves_after_the_switch(open_generations: Opener) -> None:
    generations = with_one(open_generations)
    first = generations.serving()
    building = generations.begin(replace(IDENTITY, chunking=2), "run 1")
    store(generations.index(building), WORDS, chunk("second words"))
    assert served(generations) == ["first words"]
    assert generations.serving() == first
    generations.switch()
    assert served(generations) == ["second words"]
    assert generations.serving() == building
    assert generations.building() is None
    assert first is not None
    assert (
        texts(find(generations.index(first), "words").dense) == ["first words"]
        if _shared(generations)
        else True
    )
    generations.tidy()
    again = open_generations()
    assert served(again) == ["second words"]
    assert again.serving() == building


def _shared(generations: Generations) -> bool:
    return isinstance(generations, QdrantGenerations)


def test_a_building_that_was_cut_short_is_found_again(open_generations: Opener) -> None:
    generations = with_one(open_generations)
    store(generations.index(generations.begin(IDENTITY, "run 1")), WORDS, chunk("second words"))
    generations = open_generations()
    building = generations.begin(IDENTITY, "run 1")
    assert generations.building() == building
    assert generations.index(building).count("T1") == 1
    assert served(generations) == ["first words"]


@pytest.mark.parametrize(("identity", "made_for"), [(OTHER, "run 1"), (IDENTITY, "run 2")])
def test_one_for_something_else_is_begun_anew(
    open_generations: Opener, identity: Identity, made_for: str
) -> None:
    generations = with_one(open_generations)
    store(generations.index(generations.begin(IDENTITY, "run 1")), WORDS, chunk("second words"))
    building = generations.begin(identity, made_for)
    assert (building.identity, building.made_for) == (identity, made_for)
    assert generations.index(building).count("T1") == 0
    generations.discard()
    generations.discard()
    assert generations.building() is None
    assert served(generations) == ["first words"]


def test_a_removal_reaches_both(open_generations: Opener) -> None:
    generations = with_one(open_generations)
    building = generations.begin(IDENTITY, "run 1")
    store(generations.index(building), WORDS, chunk("second words"))
    generations = open_generations()
    for index in every_index(generations):
        index.delete_source("T1", "wiki")
    assert [index.count("T1") for index in every_index(generations)] == [0, 0]


def test_never_more_than_two_are_kept(open_generations: Opener, tmp_path: Path) -> None:
    generations = with_one(open_generations)
    for turn in range(4):
        generations.index(generations.begin(IDENTITY, f"run {turn}"))
        assert len(every_index(generations)) == 2
        generations.switch()
        generations.tidy()
        assert len(every_index(generations)) == 1
    if not _shared(generations):
        assert [path.name for path in (tmp_path / "index").iterdir() if path.is_dir()] == ["5"]


def test_an_index_of_before_there_were_generations_goes_on_serving(tmp_path: Path) -> None:
    root = tmp_path / "index"
    old = EdgeIndex.open(root, embedder=WORDS)
    store(old, WORDS, chunk("old words"))
    old.close()
    record = json.loads((root / "identity.json").read_text())
    (root / "identity.json").write_text(
        json.dumps({key: record[key] for key in ("embedder", "dimensions", "layout")} | {"layout": 1})
    )
    generations = EdgeGenerations.open(root)
    assert served(generations) == ["old words"]
    serving = generations.serving()
    assert serving is not None
    assert serving.identity.layout == 1
    store(generations.index(generations.begin(IDENTITY, "run")), WORDS, chunk("new words"))
    generations.switch()
    generations.tidy()
    assert not (root / "shard").exists()
    generations.close()
    generations = EdgeGenerations.open(root)
    assert served(generations) == ["new words"]
    generations.close()


def test_a_collection_of_before_there_were_generations_goes_on_serving(qdrant_url: str) -> None:
    name = f"test-{uuid.uuid4().hex}"
    old = QdrantIndex.connect(qdrant_url, api_key=None, collection=name, embedder=WORDS, timeout_seconds=10)
    store(old, WORDS, chunk("old words"))
    old.close()
    generations = QdrantGenerations.connect(qdrant_url, api_key=None, collection=name, timeout_seconds=10)
    assert served(generations) == ["old words"]
    store(generations.index(generations.begin(IDENTITY, "run")), WORDS, chunk("new words"))
    assert served(generations) == ["old words"]
    generations.switch()
    assert served(generations) == ["new words"]
    generations.tidy()
    assert len(every_index(generations)) == 1
    generations.close()


def test_the_folder_has_one_owner(tmp_path: Path) -> None:
    generations = EdgeGenerations.open(tmp_path)
    with pytest.raises(IndexInUse):
        EdgeGenerations.open(tmp_path)
    generations.close()
    EdgeGenerations.open(tmp_path).close()


def test_what_a_crash_left_of_a_dropped_index_is_cleared(tmp_path: Path) -> None:
    generations = EdgeGenerations.open(tmp_path)
    generations.index(generations.begin(IDENTITY, "first"))
    generations.switch()
    generations.close()
    shutil.copytree(tmp_path / "1", tmp_path / "7")
    EdgeGenerations.open(tmp_path).close()
    assert not (tmp_path / "7").exists()
    assert (tmp_path / "1").exists()


def test_a_record_that_says_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "generations.json").write_text('{"serving": {"number": 1, "made_for": ""}}')
    with pytest.raises(EmbeddingMismatch, match="move it away"):
        EdgeGenerations.open(tmp_path)
