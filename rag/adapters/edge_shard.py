"""The engine's files in one folder: taking the folder for this process, creating, loading, and its errors.

<folder>/owner.lock     held while open; who does not get it is told so (a generation's is its root's)
<folder>/identity.json  the model the vectors came from
<folder>/change.json    replacements since the last flush, a line each; see `edge_change`
<folder>/shard/         what the engine writes
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    HnswIndexConfig,
    IntegerIndexParams,
    KeywordIndexParams,
    Memory,
    Modifier,
    MultiVectorComparator,
    MultiVectorConfig,
    UpdateOperation,
    VectorStorageDatatype,
)

from rag.adapters.identity import Identity
from rag.errors import ConfigError, FootnoteError, IndexInUse, IndexUnavailable

DENSE = "dense"
SPARSE = "sparse"
TOKENS = "tokens"

_GRAPH_FROM_CHUNKS = 50_000
"""Up to here comparing with every vector takes under 4 ms, and a graph would cost seconds at the start."""

_NO_GRAPH = 2**40


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turns whatever the engine raises into IndexUnavailable: it knows only `Exception`, and panics."""
    try:
        yield
    except FootnoteError:
        raise
    except Exception as error:
        raise IndexUnavailable("The embedded index failed.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # pyo3's, which cannot be imported
            raise
        raise IndexUnavailable("The embedded index panicked.") from error


def hold(folder: Path) -> FileLock:
    """Takes the folder for this process. Raises IndexInUse when another opener has it."""
    # Closing may happen in another thread than opening.
    lock = FileLock(folder / "owner.lock", thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexInUse(
            f"The index in {folder} is in use by another process, usually the running bot: stop that first."
        ) from None
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be used for the index: {error.strerror}.") from error
    return lock


def open_shard(folder: Path, identity: Identity) -> EdgeShard:
    """The shard in the folder, created where there is none.

    Raises EmbeddingMismatch when it was built with another model, IndexUnavailable when it cannot be read.
    """
    shard_folder = folder / "shard"
    with engine_errors():
        exists = (shard_folder / "edge_config.json").exists()
    if exists:
        identity.check(recorded(folder / "identity.json"), place=str(folder))
        with engine_errors():
            shard = EdgeShard.load(str(shard_folder), _config(identity))
    else:
        with engine_errors():
            shutil.rmtree(shard_folder, ignore_errors=True)  # left by a crash while it was created
            shard_folder.mkdir()
            write_durably(folder / "identity.json", identity.record())
            shard = EdgeShard.create(str(shard_folder), _config(identity))
    with engine_errors():
        _index_fields(shard)
        # Nothing else in the process runs meanwhile, hence only here. It returns at once unless there is a graph
        # to build or much to clear away.
        shard.optimize()
    return shard


def write_durably(path: Path, content: Mapping[str, Any]) -> None:
    """The file holds either what it held before or all of `content`, whenever the machine stops."""
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def recorded(path: Path) -> dict[str, Any]:
    """What `write_durably` wrote; nothing where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _config(identity: Identity) -> EdgeConfig:
    kilobytes = _GRAPH_FROM_CHUNKS * identity.dimensions * 4 // 1000
    vectors = {DENSE: EdgeVectorParams(identity.dimensions, Distance.Cosine)}
    if identity.tokens:
        vectors[TOKENS] = EdgeVectorParams(
            identity.dimensions,
            Distance.Cosine,
            multivector_config=MultiVectorConfig(MultiVectorComparator.MaxSim),
            datatype=VectorStorageDatatype.Float16,
            # Only ever asked for a few chunks at a time: no graph, and read from the disk when they are asked for.
            hnsw_config=HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=_NO_GRAPH),
            memory=Memory.Cold,
        )
    return EdgeConfig(
        vectors=vectors,
        sparse_vectors={SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        optimizers=EdgeOptimizersConfig(indexing_threshold=kilobytes),
    )


def _index_fields(shard: EdgeShard) -> None:
    """Payload indexes; without them every filter would read every payload."""
    wanted: dict[str, KeywordIndexParams | IntegerIndexParams] = {
        "team_id": KeywordIndexParams(is_tenant=True),
        "source_id": KeywordIndexParams(),
        "document_id": KeywordIndexParams(),
        "readers": KeywordIndexParams(),
        "fingerprint": KeywordIndexParams(),
        "position": IntegerIndexParams(lookup=False, range=True),
    }
    for field in wanted.keys() - shard.info().payload_schema.keys():
        shard.update(UpdateOperation.create_field_index(field, wanted[field]))
