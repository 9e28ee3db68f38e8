"""What a worker needs, built once and closed in reverse order."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import Self

from slack_sdk import WebClient
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.indexing import Indexing, name_of, techniques_of
from ingestion.rebuilding import INDEX_VERSION
from ingestion.runs import Runs
from ingestion.scheduling import Schedule
from ingestion.syncing import Tools
from rag.composition import Rag, compose
from rag.database import open_database
from rag.ports import Index
from rag.settings import Settings, SlackSettings
from workers.access import SlackAccess
from workers.aging import Aging
from workers.answering_job import AnsweringJob
from workers.ledger import Ledger
from workers.private_replies import PrivateReplies, RepliesBySurface
from workers.replies import SlackReplies
from workers.syncing_job import SyncingJob
from workers.warnings import SourceWarnings


class Parts:
    """Database, index, model and Slack client of one process."""

    def __init__(self, settings: Settings, rag: Rag, engine: Engine, indexing: Indexing) -> None:
        storage, jobs = settings.storage, settings.jobs
        client = slack_client(settings.slack)
        self.rag = rag
        self.ledger = Ledger(engine)
        self.catalogue = Catalogue(engine, storage.team_id)
        self.runs = Runs(engine, storage.team_id)
        self.schedule = Schedule(self.catalogue, self.runs)
        self.answering = AnsweringJob(
            self.ledger,
            RepliesBySurface(SlackReplies(client), PrivateReplies()),
            SlackAccess(client, team_id=storage.team_id),
            rag.answerer,
            attempts=jobs.question_attempts,
            lease_seconds=jobs.question_lease_seconds,
            budget_seconds=jobs.question_budget_seconds,
            people=bool(settings.answer.people_channel),
            warnings=SourceWarnings(self.runs),
        )
        self.aging = Aging(engine, storage.team_id, partial(_serving_index, rag), client)
        self.syncing = SyncingJob(
            Tools(settings, engine, self.runs, self.catalogue, rag.serving, indexing=indexing)
        )
        self._closing = ExitStack()
        self._closing.callback(engine.dispose)
        self._closing.callback(rag.close)

    @classmethod
    def build(cls, settings: Settings) -> Self:
        """Load and open everything. Raises ConfigError, or Transient when a service is away."""
        with ExitStack() as opened:
            engine = open_database(settings.storage.database_url)
            opened.callback(engine.dispose)
            techniques = techniques_of(settings)
            rag = opened.enter_context(
                compose(
                    settings,
                    chunking=INDEX_VERSION,
                    indexing=name_of(techniques),
                    sources=Catalogue(engine, settings.storage.team_id).described,
                )
            )
            parts = cls(settings, rag, engine, Indexing(techniques, rag.llm, settings.llm.context_tokens))
            opened.pop_all()
        return parts

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _serving_index(rag: Rag) -> Iterator[Index]:
    with rag.serving.pair() as pair:
        yield pair.index


def slack_client(slack: SlackSettings) -> WebClient:
    """A Web API client that never retries by itself: a second post could be a second message."""
    return WebClient(
        token=slack.bot_token.get_secret_value(),
        base_url=slack.api_url,
        timeout=int(slack.timeout_seconds),
        retry_handlers=[],
    )
