"""Stand-ins for the ports that a sync uses, small enough to read."""

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue, CataloguedDocument
from ingestion.reading import Reading, read
from ingestion.runs import Runs
from ingestion.sources import Original, Skipped, Unlisted
from rag.adapters.edge import EdgeIndex
from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope
from rag.ports import Hits, Index, Stored, TokenVectors, Write


class Crash(Exception):
    """What a fake raises where the process would have died."""


def count_words(text: str) -> int:
    return len(text.split()) + 2


class WordEmbedder:
    """An `Embedder` whose tokens are words and whose vectors are hashes; counts what it was asked to embed."""

    def __init__(
        self, *, max_tokens: int = 64, name: str = "words", on_call: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self.dimensions = 8
        self.max_tokens = max_tokens
        self.batches: list[list[str]] = []
        self._on_call = on_call

    @property
    def embedded(self) -> list[str]:
        return [text for batch in self.batches for text in batch]

    def count_tokens(self, text: str) -> int:
        return count_words(text)

    @property
    def counter(self) -> Callable[[str], int]:
        return count_words

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self._on_call()
        self.batches.append(list(texts))
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Embedding:
        numbers = [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[: self.dimensions]]
        length = math.sqrt(sum(number * number for number in numbers))
        return [number / length for number in numbers]


class OpenReader:
    """A `Reader` in this process: the same reading, without the walls. `taken` is what it was given, by name."""

    def __init__(self, *, max_tokens: int = 64) -> None:
        self.taken: list[str] = []
        self._max_tokens = max_tokens

    def read(
        self, data: bytes, name: str, *, url: str, media_type: str | None = None, by_line: bool = False
    ) -> Reading:
        self.taken.append(name)
        return read(
            data,
            name,
            url=url,
            media_type=media_type,
            by_line=by_line,
            count_tokens=count_words,
            max_tokens=self._max_tokens,
        )


@dataclass
class Workbench:
    """The parts of one sync."""

    engine: Engine
    catalogue: Catalogue
    runs: Runs
    reader: OpenReader
    embedder: WordEmbedder
    index: EdgeIndex


class MeteredIndex:
    """Passes every call on to a real index, after telling `on_call`; so a test can end the process at any of them."""

    def __init__(self, index: Index, on_call: Callable[[], None]) -> None:
        self._index = index
        self._on_call = on_call

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        return self._index.search(text, vector, audience=audience, limit=limit, scope=scope)

    @property
    def holds_tokens(self) -> bool:
        return self._index.holds_tokens

    def interactions(self, asked: TokenVectors, passages: Sequence[Passage]) -> list[float | None]:
        return self._index.interactions(asked, passages)

    def around(self, passage: Passage, *, audience: Audience, reach: int) -> list[Chunk]:
        return self._index.around(passage, audience=audience, reach=reach)

    def stored(self, team_id: str, source_id: str, document_id: str) -> Mapping[str, Stored]:
        self._on_call()
        return self._index.stored(team_id, source_id, document_id)

    def vectors(self, team_id: str, fingerprints: Collection[str]) -> Mapping[str, Embedding]:
        self._on_call()
        return self._index.vectors(team_id, fingerprints)

    def set_readers(self, team_id: str, source_id: str, readers: Collection[str]) -> None:
        self._on_call()
        self._index.set_readers(team_id, source_id, readers)
        self._on_call()

    def replace(
        self,
        team_id: str,
        source_id: str,
        document_id: str,
        *,
        writes: Sequence[Write],
        removed: Sequence[str],
    ) -> None:
        self._on_call()
        self._index.replace(team_id, source_id, document_id, writes=writes, removed=removed)
        self._on_call()

    def delete_document(self, team_id: str, source_id: str, document_id: str) -> None:
        self._on_call()
        self._index.delete_document(team_id, source_id, document_id)
        self._on_call()

    def delete_source(self, team_id: str, source_id: str) -> None:
        self._on_call()
        self._index.delete_source(team_id, source_id)
        self._on_call()

    def version(self, team_id: str) -> str | None:
        return self._index.version(team_id)

    def flush(self) -> None:
        self._on_call()
        self._index.flush()
        self._on_call()

    def export(self, team_id: str, source_id: str, document_id: str) -> list[Write]:
        return self._index.export(team_id, source_id, document_id)

    def source_ids(self, team_id: str) -> frozenset[str]:
        return self._index.source_ids(team_id)

    def document_ids(self, team_id: str, source_id: str) -> frozenset[str]:
        return self._index.document_ids(team_id, source_id)

    def count(self, team_id: str, source_id: str | None = None) -> int:
        self._on_call()
        return self._index.count(team_id, source_id)

    def ping(self) -> None:
        self._index.ping()

    def close(self) -> None:
        self._index.close()


class MeteredCatalogue(Catalogue):
    """A catalogue that tells `on_call` before and after each change of a document."""

    def __init__(self, engine: Engine, team_id: str, on_call: Callable[[], None]) -> None:
        super().__init__(engine, team_id)
        self._on_call = on_call

    def record_all(self, source_id: str, entries: Collection[CataloguedDocument]) -> None:
        self._on_call()
        super().record_all(source_id, entries)
        self._on_call()

    def forget(self, source_id: str, document_ids: Iterable[str]) -> None:
        self._on_call()
        super().forget(source_id, document_ids)
        self._on_call()


class Shelf:
    """A source in memory: what is put on it is listed. An exception put in the place of a text is raised on reading."""

    def __init__(self, **texts: str) -> None:
        self.texts: dict[str, str | bytes | Exception] = {f"{name}.md": text for name, text in texts.items()}
        self.others: list[Skipped | Unlisted] = []
        self.read: list[str] = []
        self.base_url = "https://docs.example.com/"
        self.ends_with: Exception | None = None

    def originals(self) -> Iterator[Original | Skipped | Unlisted]:
        yield from self.others
        for name in sorted(self.texts):
            yield Original(
                id=name,
                name=name,
                url=self.base_url + name,
                version=hashlib.sha256(repr(self.texts[name]).encode()).hexdigest(),
                read=lambda name=name: self._read(name),  # type: ignore[misc]
            )

        if self.ends_with:
            raise self.ends_with

    def count(self) -> int:
        return len(self.texts)

    def _read(self, name: str) -> bytes:
        self.read.append(name)
        content = self.texts[name]
        if isinstance(content, Exception):
            raise content
        return content if isinstance(content, bytes) else content.encode()


def dies_at(call: int) -> Callable[[], None]:
    """A function that raises Crash the `call`-th time it is called, counting from 0, and never again."""
    calls = iter(range(call + 1))

    def on_call() -> None:
        if next(calls, None) == call:
            raise Crash

    return on_call
