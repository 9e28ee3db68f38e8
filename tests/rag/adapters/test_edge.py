"""The embedded index as files: one owner, nothing acknowledged is lost, nothing is left half done."""

import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import sleep

import pytest
import qdrant_edge

from rag.adapters.edge import EdgeIndex
from rag.adapters.edge_change import Changes
from rag.adapters.edge_shard import engine_errors, open_shard
from rag.adapters.identity import Identity
from rag.adapters.payload import to_payload
from rag.domain import Audience, Chunk
from rag.errors import ConfigError, EmbeddingMismatch, IndexInUse, IndexUnavailable
from rag.ports import Write
from tests.contracts.fakes import WordEmbedder

EMBEDDER = WordEmbedder()
PUBLIC = Audience("T1", frozenset({"public"}))


def chunk(text: str, position: int = 0, document_id: str = "page") -> Chunk:
    return Chunk("T1", "wiki", document_id, position, "Title", (), text, "https://w.test/", PUBLIC.readers)


def write(chunk: Chunk) -> Write:
    return Write(chunk, EMBEDDER.embed_query(chunk.indexed_text))


def replace(index: EdgeIndex, new: list[Chunk], old: list[Chunk]) -> None:
    removed = [each.point_id for each in old]
    index.replace("T1", "wiki", new[0].document_id, writes=[*map(write, new)], removed=removed)


def texts(index: EdgeIndex, text: str) -> set[str]:
    hits = index.search(text, EMBEDDER.embed_query(text), audience=PUBLIC, limit=100)
    return {passage.chunk.text for passage in hits.dense}


def test_what_was_stored_is_there_after_reopening(tmp_path: Path) -> None:
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    replace(index, [chunk("one"), chunk("two", 1)], [])
    index.close()
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    assert texts(index, "one") == {"one", "two"}
    index.close()


def test_a_second_opener_is_told_in_one_sentence(tmp_path: Path) -> None:
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    sentence = f"The index in {tmp_path} is in use by another process"
    with pytest.raises(IndexInUse, match=f"^{re.escape(sentence)}") as caught:
        EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    assert "\n" not in str(caught.value)
    assert sentence in _elsewhere("EdgeIndex.open(folder, embedder=WordEmbedder())", tmp_path).stderr
    replace(index, [chunk("still works")], [])
    index.close()
    EdgeIndex.open(tmp_path, embedder=EMBEDDER).close()


def test_a_refused_opener_does_not_keep_the_folder(tmp_path: Path) -> None:
    EdgeIndex.open(tmp_path, embedder=EMBEDDER).close()
    with pytest.raises(EmbeddingMismatch, match="python -m ingestion rebuild"):
        EdgeIndex.open(tmp_path, embedder=WordEmbedder("others"))
    EdgeIndex.open(tmp_path, embedder=EMBEDDER).close()


@pytest.mark.parametrize("record", [None, "", "[]", '{"embedder": "words", "dimensions": 64, "layout": 0}'])
def test_an_index_of_unknown_origin_is_refused(tmp_path: Path, record: str | None) -> None:
    EdgeIndex.open(tmp_path, embedder=EMBEDDER).close()
    identity = tmp_path / "identity.json"
    if record is None:
        identity.unlink()
    else:
        identity.write_text(record)
    with pytest.raises(EmbeddingMismatch):
        EdgeIndex.open(tmp_path, embedder=EMBEDDER)


def test_what_a_crash_left_while_creating_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "shard" / "segments").mkdir(parents=True)
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    assert index.count("T1") == 0
    index.close()


def test_a_folder_that_cannot_be_made_is_the_operators_to_change(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be used for the index"):
        EdgeIndex.open(tmp_path / "file" / "index", embedder=EMBEDDER)


def test_a_damaged_shard_is_unavailable(tmp_path: Path) -> None:
    EdgeIndex.open(tmp_path, embedder=EMBEDDER).close()
    (tmp_path / "shard" / "edge_config.json").write_text("{")
    with pytest.raises(IndexUnavailable):
        EdgeIndex.open(tmp_path, embedder=EMBEDDER)


def test_everything_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), _WRITING], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    acknowledged = [int(running.stdout.readline()) for _ in range(40)]
    running.kill()
    acknowledged += map(int, running.stdout.read().split())
    running.stdout.close()
    assert running.wait(timeout=10) == -signal.SIGKILL
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    last = acknowledged[-1]
    held = texts(index, "version")
    index.close()
    # The one after the last may have been done but not told; it too is whole.
    assert held in ({f"version {turn} part {part}" for part in range(5)} for turn in (last, last + 1))


@pytest.mark.parametrize("first_step_done", [True, False])
def test_a_replacement_cut_between_its_steps_is_put_right(tmp_path: Path, first_step_done: bool) -> None:
    old, new = chunk("old words"), chunk("new words")
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    replace(index, [old, *([new] if first_step_done else [])], [])
    index.close()
    payload_hash = to_payload(new)["payload_hash"]
    note = {"written": {new.point_id: payload_hash}, "removed": [old.point_id]}
    cut_short = '{"written": {"'  # nothing was done of what could not be noted
    (tmp_path / "change.json").write_text(f"{json.dumps(note)}\n{cut_short}")
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    assert texts(index, "words") == ({"new words"} if first_step_done else {"old words"})
    assert (tmp_path / "change.json").read_text() == ""
    index.close()


def test_a_replacement_that_fails_half_way_is_ended_by_the_next(tmp_path: Path) -> None:
    shard = open_shard(tmp_path, Identity.of(EMBEDDER))
    changes = Changes(shard, tmp_path / "change.json")
    with pytest.raises(Exception, match="parse"):
        changes.apply([point("new")], ["not a point id"])
    note = json.loads((tmp_path / "change.json").read_text())
    note |= {"removed": [chunk("old").point_id]}
    (tmp_path / "change.json").write_text(json.dumps(note))
    changes.apply([point("new")], [])
    assert (tmp_path / "change.json").read_text() == ""
    shard.close()


def point(text: str) -> qdrant_edge.Point:
    return qdrant_edge.Point(
        chunk(text).point_id, {"dense": [*EMBEDDER.embed_query(text)]}, to_payload(chunk(text))
    )


class FailingHalfWay(Changes):
    """Deletes nothing the first time that it is to."""

    failures = 1

    def _delete(self, point_ids: list[str]) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the engine failed")
        super()._delete(point_ids)


def test_nobody_reads_a_document_that_the_engine_left_half_way(tmp_path: Path) -> None:
    shard = open_shard(tmp_path, Identity.of(EMBEDDER))
    with ExitStack() as closing:
        closing.callback(shard.close)
        index = EdgeIndex(shard, FailingHalfWay(shard, tmp_path / "change.json"), closing.pop_all())
    replace(index, [chunk("old words")], [])
    with pytest.raises(IndexUnavailable):
        replace(index, [chunk("new words")], [chunk("old words")])
    assert texts(index, "words") == {"new words"}
    index.close()


def test_a_chunk_that_comes_back_is_not_deleted_by_an_older_note(tmp_path: Path) -> None:
    """A, then B in its place, then A beside B, and the process dies: the note of the first change is read last."""
    program = """
index = EdgeIndex.open(folder, embedder=WordEmbedder())
replace(index, [chunk("A")], [])
replace(index, [chunk("B")], [chunk("A")])
replace(index, [chunk("A", 1)], [])
import os; os._exit(9)
"""
    assert _elsewhere(program, tmp_path).returncode == 9
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    assert texts(index, "A B") == {"A", "B"}
    index.close()


def test_a_note_that_could_not_be_written_leaves_the_document_as_it_was(tmp_path: Path) -> None:
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    replace(index, [chunk("old words")], [])
    (tmp_path / "change.json").unlink(missing_ok=True)
    (tmp_path / "change.json").mkdir()
    with pytest.raises(IndexUnavailable):
        replace(index, [chunk("new words")], [chunk("old words")])
    (tmp_path / "change.json").rmdir()
    assert texts(index, "words") == {"old words"}
    replace(index, [chunk("new words")], [chunk("old words")])
    assert texts(index, "words") == {"new words"}
    index.close()


_REPLACING_MANY = """
import random
chance = random.Random(int(sys.argv[3]))
index = EdgeIndex.open(folder, embedder=WordEmbedder())
print("ready", flush=True)
versions = dict.fromkeys(range(10), 0)
for turn in range(100_000):
    document = chance.randrange(10)
    new, old = pages(document, versions[document] + 1), pages(document, versions[document])
    replace(index, new, [one for one in old if one.point_id not in {it.point_id for it in new}])
    versions[document] += 1
    if turn % 40 == 39:
        index.flush()
"""


def pages(document: int, version: int) -> list[Chunk]:
    """Of three chunks: one that stays, one that is new, and one that comes and goes, so that ids come back."""
    words = ("stays", f"version {version}", f"turn {version % 3}")
    return [chunk(text, version * 3 + at, f"page{document}") for at, text in enumerate(words)]


@pytest.mark.parametrize("trial", range(3))
def test_every_document_is_old_or_new_after_kill_9_among_many_changes(tmp_path: Path, trial: int) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path), _REPLACING_MANY, str(trial)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    sleep(0.5 + random.random() / 2)  # noqa: S311 - a moment
    running.kill()
    running.stdout.close()
    assert running.wait(timeout=10) == -signal.SIGKILL
    index = EdgeIndex.open(tmp_path, embedder=EMBEDDER)
    documents = index.document_ids("T1", "wiki")
    assert documents
    for document_id in documents:
        found = [it.chunk for it in index.export("T1", "wiki", document_id)]
        version = found[0].position // 3
        assert found == pages(int(document_id.removeprefix("page")), version), "one version, whole"
    index.close()


def _panics() -> None:
    """What pyo3 raises when Rust panics: a BaseException by this name, which cannot be imported."""
    raise type("PanicException", (BaseException,), {})


@pytest.mark.parametrize(
    "failing",
    [
        lambda: qdrant_edge.EdgeShard.load("/no/such/folder"),
        lambda: qdrant_edge.Point("not a point id", {}, {}),
        lambda: qdrant_edge.EdgeConfig(vectors=1),  # type: ignore[arg-type]
        _panics,
    ],
    ids=["engine", "value", "type", "panic"],
)
def test_no_exception_of_the_engine_escapes(failing: Callable[[], object]) -> None:
    with pytest.raises(IndexUnavailable), engine_errors():
        failing()


def test_interrupting_is_not_an_error_of_the_engine() -> None:
    with pytest.raises(KeyboardInterrupt), engine_errors():
        raise KeyboardInterrupt


_PROGRAM = """
import sys
from pathlib import Path
from tests.rag.adapters.test_edge import EdgeIndex, WordEmbedder, chunk, pages, replace
folder = Path(sys.argv[1])
exec(sys.argv[2])
"""

_WRITING = """
index = EdgeIndex.open(folder, embedder=WordEmbedder())
old = []
for turn in range(10_000):
    new = [chunk(f"version {turn} part {part}", part) for part in range(5)]
    replace(index, new, old)
    print(turn, flush=True)
    old = new
"""


def _elsewhere(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
