"""The doctor's checks of what stands behind the bot: settings, broker, database, index, models. Nothing is changed by them."""

from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.commands.finding import Finding, failed, fine, warning
from rag.composition import index_folder, open_embedder, open_generations, open_llm
from rag.database import connect, is_current
from rag.errors import (
    ConfigError,
    DatabaseUnavailable,
    IndexInUse,
    IndexUnavailable,
    LLMUnavailable,
    Permanent,
)
from rag.ports import Message
from rag.settings import Settings
from workers.operating.probing import BrokerUnavailable, ping_broker

_READ_ELSEWHERE = {
    "slack",
    "slack_http",
    "slack_oauth",
    "admin",
    "storage",
    "jobs",
    "index",
    "embedding",
    "llm",
}
_START = "at the first start"
_IN_COMPOSE = "Start it, and check the address, password and network in"


def settings_of(settings: Settings) -> list[Finding]:
    """The sections that no other check reads: a fault in those of the others is told there."""
    faults = []
    for section in set(Settings.names()) - _READ_ELSEWHERE:
        try:
            getattr(settings, section)
        except ConfigError as error:
            faults.append(failed("settings", str(error)))
    return faults or [fine("settings", "they can be read")]


def broker(settings: Settings) -> list[Finding]:
    jobs = settings.jobs
    if jobs.embedded:
        return [fine("broker", "none is needed: the bot process works alone (BROKER_URL is memory://)")]
    try:
        ping_broker(jobs.broker_url)
    except BrokerUnavailable as error:
        return [failed("broker", str(error), f"{_IN_COMPOSE} BROKER_URL.")]
    return [fine("broker", "Redis answers")]


def database(settings: Settings) -> list[Finding]:
    url = settings.storage.database_url
    if _is_new_file(url):
        return [fine("database", f"SQLite; its file is made {_START}")]
    engine = connect(url)
    try:
        current = is_current(engine)
    except DatabaseUnavailable as error:
        return [failed("database", str(error), f"{_IN_COMPOSE} DATABASE_URL.")]
    finally:
        engine.dispose()
    if not current:
        text = "it answers; its tables are of another version of Footnote"
        return [warning("database", text, "Starting the bot or a worker brings older ones up to date.")]
    return [fine("database", f"{engine.dialect.name} answers, and its tables are up to date")]


def _is_new_file(url: str) -> bool:
    """Connecting would make it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return False
    return (
        parsed.get_backend_name() == "sqlite"
        and bool(parsed.database)
        and not Path(str(parsed.database)).exists()
    )


def index(settings: Settings) -> list[Finding]:
    section, folder = settings.index, index_folder(settings)
    if not section.url and not folder.exists():
        return [fine("index", f"in {folder}; it is made {_START}")]
    try:
        with closing(open_generations(section, folder)) as generations:
            serving = generations.serving()
    except IndexInUse:
        return [fine("index", f"in {folder}; a process (usually the running bot) has it open")]
    except IndexUnavailable as error:
        place = "INDEX_URL and INDEX_API_KEY" if section.url else "DATA_DIR, and the rights on its folder"
        return [failed("index", str(error), f"{_IN_COMPOSE} {place}.")]
    if serving is None:
        return [warning("index", "it answers, and is empty", "Add documents: python -m ingestion add.")]
    built_with = serving.identity.model
    if built_with and built_with != settings.embedding.model:
        text = f"it was built with {built_with}, and EMBEDDING_MODEL is {settings.embedding.model}"
        return [
            warning(
                "index", text, "The bot builds it anew by itself, and answers from the old one meanwhile."
            )
        ]
    return [fine("index", "it answers")]


def embedding_model(settings: Settings) -> list[Finding]:
    """Loads it, which takes seconds."""
    embedder = open_embedder(settings)
    dimensions = len(embedder.embed_query("ping"))
    return [fine("embedding model", f"{settings.embedding.model} gives vectors of {dimensions} dimensions")]


def language_model(settings: Settings) -> list[Finding]:
    """Asks it for a word, which costs a few tokens."""
    name, model = "language model", open_llm(settings)
    if model is None:
        return [fine(name, "none is configured: answers are quotes")]
    try:
        with closing(model):
            model.complete([Message("user", "Reply with the word ok.")])
    except Permanent as error:
        return [failed(name, str(error))]
    except LLMUnavailable as error:
        return [failed(name, str(error), "Check LLM_BASE_URL, and that the endpoint runs.")]
    return [fine(name, f"{model.name} replies")]
