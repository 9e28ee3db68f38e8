"""The outside world on one page. Adapters stand in `rag/adapters/`; each raises only the errors of `rag.errors`."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from rag.domain import EVERYWHERE, Audience, Chunk, Embedding, Passage, Scope

Model = TypeVar("Model", bound=BaseModel)


class Embedder(Protocol):
    """Text to vectors. Passages and queries apart, since some models treat them differently."""

    @property
    def name(self) -> str:
        """Identifies the vector space: vectors of embedders with different names are never compared."""

    @property
    def dimensions(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """The window of the model in its own tokens; what is beyond it would be cut off."""

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` as the model counts them, its special tokens included, never cut."""

    @property
    def counter(self) -> Callable[[str], int]:
        """`count_tokens` for another process: it can be pickled, and needs no model there."""

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        """Unit vectors in the order of `texts`. Raises EmbedderUnavailable."""

    def embed_query(self, text: str) -> Embedding:
        """The unit vector of a question. Raises EmbedderUnavailable."""


TokenVectors = npt.NDArray[np.float32]
"""The vectors of a text's tokens, one row of unit length each, in order; none of the model's own signs."""


class TokenEmbedder(Protocol):
    """A model that also tells the vectors of single tokens. Adapters of `Embedder` are, where the model allows."""

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        """In the order of `texts`, which are passages or a question. Raises EmbedderUnavailable."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, two lists apart, each best first and ranked from 1: by meaning, by words."""

    dense: tuple[Passage, ...]
    sparse: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the index holds of one chunk: enough to tell whether anything must be written."""

    fingerprint: str
    payload_hash: str


@dataclass(frozen=True, slots=True)
class Write:
    """A chunk to store. Without `vector`, what is stored of vectors is kept and only the payload is refreshed.

    `tokens` are stored where the index holds such.
    """

    chunk: Chunk
    vector: Embedding | None
    tokens: TokenVectors | None = None


class Index(Protocol):
    """Chunks with their vectors. Every method is scoped to one team; reading needs an audience.

    All methods raise IndexUnavailable. Opening raises EmbeddingMismatch when the index was built with another model, and
    IndexInUse when another process holds it; which index is open when there are two says `rag.generations`.
    """

    def search(
        self, text: str, vector: Embedding, *, audience: Audience, limit: int, scope: Scope = EVERYWHERE
    ) -> Hits:
        """The chunks that `audience` may read, nearest in meaning and in words, at most `limit` in each list.

        Audience and scope are part of the query itself. An unknown team or an empty set of readers finds nothing.
        """

    @property
    def holds_tokens(self) -> bool:
        """Whether chunks are stored with the vectors of their tokens."""

    def interactions(self, asked: TokenVectors, passages: Sequence[Passage]) -> list[float | None]:
        """How well the tokens of passages that a search found answer those asked (MaxSim), in the order of the passages.

        The mean over `asked`, at least one row, of the cosine with the passage's nearest token; None where none is stored.
        """

    def around(self, passage: Passage, *, audience: Audience, reach: int) -> list[Chunk]:
        """The chunks at most `reach` positions before and after the passage in its document, in order, itself included; no summary."""

    def stored(self, team_id: str, source_id: str, document_id: str) -> Mapping[str, Stored]:
        """What is held of one document, by `Chunk.point_id`."""

    def vectors(self, team_id: str, fingerprints: Collection[str]) -> Mapping[str, Embedding]:
        """The dense vectors held of texts with these fingerprints, in whatever document of the team; those not held are left out."""

    def set_readers(self, team_id: str, source_id: str, readers: Collection[str]) -> None:
        """From now on these, and nobody else, may read the source. Chunks without any reader stay without.

        Writes nothing where it is so already. Raises ValueError without a reader.
        """

    def export(self, team_id: str, source_id: str, document_id: str) -> list[Write]:
        """The document's chunks in order with their vectors, as `replace` of another index takes them."""

    def source_ids(self, team_id: str) -> frozenset[str]:
        """The sources of which at least one chunk is held."""

    def replace(
        self,
        team_id: str,
        source_id: str,
        document_id: str,
        *,
        writes: Sequence[Write],
        removed: Sequence[str],
    ) -> None:
        """Bring one document from its old chunks to its new ones in one step; `removed` are point ids.

        Returns when the change is visible, and no longer lost with this process; `flush` makes it durable. Raises ValueError when a write is of another document, and
        IndexUnavailable, with nothing written, when a vector to keep is not there.
        """

    def delete_document(self, team_id: str, source_id: str, document_id: str) -> None:
        """Nothing of the document can be found afterwards; no error when there was nothing. Durable with `flush`."""

    def delete_source(self, team_id: str, source_id: str) -> None:
        """Nothing of the source can be found afterwards. Durable."""

    def version(self, team_id: str) -> str | None:
        """Equal only where the team's readers may find the same, whatever process changed it; None while it is being changed.
        What is read after asking is at least as new.
        """

    def flush(self) -> None:
        """All changes up to now are durable when it returns. May take as long as many changes: once a batch."""

    def document_ids(self, team_id: str, source_id: str) -> frozenset[str]:
        """The documents of which at least one chunk is held."""

    def count(self, team_id: str, source_id: str | None = None) -> int:
        """Chunks held, of one source or of all."""

    def ping(self) -> None: ...

    def close(self) -> None: ...


class Reranker(Protocol):
    """Reads question and passage together, which tells more than comparing two vectors, and takes longer."""

    @property
    def name(self) -> str: ...

    def scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        """How well each passage answers, higher = better, in the order given; comparable within one call only.

        Raises EmbedderUnavailable.
        """


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an LLM."""

    role: Literal["system", "user", "assistant"]
    content: str


class LLM(Protocol):
    """A chat model. All methods raise LLMUnavailable (worth retrying; LLMReplyUnusable where a reply did come), LLMRefused
    (not), or another Permanent when a setting is wrong (key, model, address).
    """

    @property
    def name(self) -> str: ...

    def complete(self, messages: Sequence[Message]) -> str:
        """The whole reply; never empty."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply in pieces as they come. Not retried once the first piece has come."""

    def parse(self, messages: Sequence[Message], model: type[Model]) -> Model:
        """The reply as an instance of `model`."""

    def close(self) -> None: ...
