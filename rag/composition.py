"""compose(settings): the parts, wired. With `bot/__main__.py`, the only place that knows in which mode we run."""

import logging
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from rag.adapters.cross_encoder import CrossEncoderReranker
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.adapters.late_interaction import LateInteraction
from rag.adapters.llm_tokenizer import counter_of
from rag.adapters.openai import OpenAILLM
from rag.adapters.openvino_embedder import NotConvertible, OpenvinoEmbedder
from rag.adapters.qdrant_generations import QdrantGenerations
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.answer_cache import AnswerCache, Memory
from rag.answering import Answerer
from rag.budget import CountTokens, estimated_tokens
from rag.checking import ByWords, Check
from rag.errors import ConfigError
from rag.generations import Generations
from rag.ports import LLM, Embedder, Index, TokenEmbedder
from rag.retrieval import Retriever, Technique
from rag.serving import Serving
from rag.settings import IndexSettings, LLMSettings, RetrievalSettings, Settings
from rag.techniques.plan import Parts, plan, usual
from rag.techniques.reranking import Reranking
from rag.techniques.routing import Described, Sources
from rag.techniques.verified import VerifiedFirst
from rag.verdicts import ByModel

log = logging.getLogger(__name__)


class Rag:
    """Everything a process needs to index and to answer; a context manager that closes in reverse order."""

    def __init__(self, serving: Serving, llm: LLM | None) -> None:
        self.serving = serving
        self.llm = llm
        self._closing = ExitStack()
        self._closing.callback(serving.generations.close)
        if llm is not None:
            self._closing.callback(llm.close)

    @property
    def answerer(self) -> Serving:
        """What answers, by the index that serves at the time."""
        return self.serving

    @property
    def embedder(self) -> Embedder:
        """The model that the settings ask for."""
        return self.serving.embedder

    @property
    def index(self) -> Index:
        """The index that serves now. To use it for longer than a call: `serving.pair`."""
        with self.serving.pair() as pair:
            return pair.index

    def ping(self) -> None:
        """Raises the error of the first part that does not work."""
        self.index.ping()
        self.embedder.embed_query("ping")

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def compose(
    settings: Settings, *, chunking: int = 0, indexing: str = "", sources: Sources | None = None
) -> Rag:
    """Load the model, open the index, wire the answerer. `chunking` is the version that an index should be cut with, and
    `indexing` what should stand in it beside the text. `sources` describes what there is to choose from.

    Raises ConfigError (IndexInUse, EmbeddingMismatch) when the operator must act, Transient when a service is away.
    """
    llm = open_llm(settings)
    return Rag(open_serving(settings, llm, chunking=chunking, indexing=indexing, sources=sources), llm)


def open_serving(
    settings: Settings,
    llm: LLM | None,
    *,
    chunking: int,
    indexing: str = "",
    sources: Sources | None = None,
) -> Serving:
    """The index that serves, with the model that built it and the one that the settings ask for."""

    def load(identity: Identity) -> Embedder:
        section = settings.embedding.model_copy(update={"model": identity.model})
        return open_embedder(Settings(embedding=section, storage=settings.storage))

    def wire(embedder: Embedder, index: Index) -> Answerer:
        return answerer_of(settings, embedder, index, llm, sources)

    with ExitStack() as opened:
        generations = open_generations(settings.index, index_folder(settings))
        opened.callback(generations.close)
        embedder = open_embedder(settings)
        wanted = Identity.of(
            embedder,
            chunking=chunking,
            indexing=indexing,
            tokens=settings.indexing.token_vectors,
            model=settings.embedding.model,
        )
        serving = Serving(generations, embedder, wanted, load=load, wire=wire)
        opened.pop_all()
    return serving


def answerer_of(
    settings: Settings, embedder: Embedder, index: Index, llm: LLM | None, sources: Sources | None = None
) -> Answerer:
    """What answers from an index, with the model that built it. Raises ConfigError."""
    section = settings.retrieval
    retriever = Retriever(embedder, index, candidates=section.candidates, passages=section.passages)
    count_tokens = token_counter(settings.llm)
    return Answerer(
        retriever,
        embedder,
        llm,
        answer_threshold=section.answer_threshold,
        context_tokens=settings.llm.context_tokens,
        count_tokens=count_tokens,
        techniques=(
            VerifiedFirst(),
            *plan(section.technique_names, Parts(embedder, sources or _sources(index)), llm),
            *_reranking(section, embedder, index),
            *usual(embedder),
        ),
        check=open_check(settings, llm, embedder, count_tokens),
        draft_check=None if settings.answer.checking == "off" else ByWords(embedder),
        clarifying=settings.answer.clarifying,
        memory=open_memory(settings, llm, embedder, index),
    )


def _reranking(section: RetrievalSettings, embedder: Embedder, index: Index) -> tuple[Technique, ...]:
    """Raises ConfigError when the reranker cannot be loaded."""
    if not section.reranker:
        return ()
    if section.reranker == LateInteraction.name:
        # Both adapters tell the vectors of tokens; the port of embedders does not ask it of others.
        return (Reranking(LateInteraction(cast("TokenEmbedder", embedder), index)),)
    return (Reranking(CrossEncoderReranker(section.reranker)),)


def _sources(index: Index) -> Sources:
    """The sources of the team by their ids, which is all that the index knows of them."""
    return lambda audience: {
        source_id: Described(source_id, source_id.replace("-", " "))
        for source_id in sorted(index.source_ids(audience.team_id))
    }


def token_counter(section: LLMSettings) -> CountTokens:
    """Counts as the language model does where its tokenizer is named, else estimates. Raises ConfigError."""
    return counter_of(section.tokenizer) if section.tokenizer and section.configured else estimated_tokens


def open_check(
    settings: Settings, llm: LLM | None, embedder: Embedder, count_tokens: CountTokens
) -> Check | None:
    """What decides which claims of a written answer stand; None where all do."""
    if llm is None or settings.answer.checking == "off":
        return None
    if settings.answer.checking == "model":
        return ByModel(llm, context_tokens=settings.llm.context_tokens, count_tokens=count_tokens)
    return ByWords(embedder)


def open_memory(settings: Settings, llm: LLM | None, embedder: Embedder, index: Index) -> Memory | None:
    """The written answers of one index; what is quoted takes no longer to quote again than to find."""
    section = settings.answer
    if llm is None or not section.cache_seconds:
        return None
    depends_on = (llm.name, settings.llm.base_url, embedder.name, section, settings.retrieval)
    cache = AnswerCache(seconds=section.cache_seconds, most=section.cache_answers)
    return Memory(cache, index.version, repr(depends_on))


def open_embedder(settings: Settings) -> Embedder:
    """The embedding model, loaded, on the fastest backend that gives its vectors unless one is asked for.

    Takes seconds, half a second once OpenVINO's conversion is kept; once per process.
    """
    section = settings.embedding
    if section.backend == "torch":
        return SentenceTransformerEmbedder(section.model)
    try:
        return OpenvinoEmbedder(section.model, settings.storage.data_dir / "models")
    except NotConvertible as error:
        if section.backend == "openvino":
            raise ConfigError(
                f"EMBEDDING_BACKEND is openvino, but {section.model} needs torch: {error}."
            ) from error
        log.info("the embedding model runs on torch: %s", error)
        return SentenceTransformerEmbedder(section.model)


def index_folder(settings: Settings) -> Path:
    """Where the embedded index lies."""
    return settings.storage.data_dir / "index" / settings.index.collection


def open_generations(section: IndexSettings, folder: Path) -> Generations:
    """The index: on a Qdrant server where INDEX_URL names one, else by the engine in this process in the folder."""
    if section.url:
        return QdrantGenerations.connect(
            section.url,
            api_key=section.api_key.get_secret_value() if section.api_key else None,
            collection=section.collection,
            timeout_seconds=section.timeout_seconds,
        )
    return EdgeGenerations.open(folder)


def open_llm(settings: Settings) -> LLM | None:
    """The language model, or None where none is configured: answers are then extractive."""
    section = settings.llm
    if not section.configured:
        return None
    return OpenAILLM(
        base_url=section.base_url,
        api_key=section.api_key.get_secret_value() if section.api_key else "none",
        model=section.model,
        timeout_seconds=section.timeout_seconds,
    )
