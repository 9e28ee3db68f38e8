"""What a worker needs, built once and closed in reverse order."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import Self

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
from rag.settings import Settings
from workers.access import SlackAccess
from workers.aging import Aging
from workers.answering_job import AnsweringJob
from workers.attachments import SlackAttachments
from workers.channels import Channels
from workers.ledger import Ledger
from workers.pacing import Pace
from workers.people import People
from workers.pinned_list import PinnedList, PinnedLists
from workers.private_replies import PrivateReplies, RepliesBySurface
from workers.probing import ping_database
from workers.reindexing import ReindexingMessages
from workers.replies import SlackReplies
from workers.retention import Retention
from workers.slack_client import slack_client
from workers.source_words import listed
from workers.syncing_job import SyncingJob
from workers.warnings import SourceWarnings


class Parts:
    """Database, index, model and Slack client of one process."""

    def __init__(self, settings: Settings, rag: Rag, engine: Engine, indexing: Indexing, pace: Pace) -> None:
        storage, jobs = settings.storage, settings.jobs
        client = slack_client(settings.slack, pace)
        self.rag = rag
        self.engine = engine
        self.ledger = Ledger(engine)
        self.catalogue = Catalogue(engine, storage.team_id)
        self.runs = Runs(engine, storage.team_id)
        self.schedule = Schedule(self.catalogue, self.runs)
        settings_of = Channels(engine, storage.team_id).of
        self.answering = AnsweringJob(
            self.ledger,
            RepliesBySurface(
                SlackReplies(client, known=self.ledger.knows_message, streaming=settings.answer.streaming),
                PrivateReplies(),
            ),
            SlackAccess(client, team_id=storage.team_id),
            rag.answerer,
            attempts=jobs.question_attempts,
            lease_seconds=jobs.question_lease_seconds,
            budget_seconds=jobs.question_budget_seconds,
            people=People(settings_of, self.catalogue, everywhere=settings.answer.people_channel).of,
            settings_of=settings_of,
            warnings=SourceWarnings(self.runs),
            attachments=SlackAttachments(client, settings, rag.embedder),
        )
        aging = Aging(engine, storage.team_id, partial(_serving_index, rag), client)
        retention = Retention(engine, storage.retention_days)
        pinned = PinnedList(
            PinnedLists(engine, storage.team_id),
            client,
            settings.admin.channel,
            lambda: listed(self.catalogue.overview(), self.runs.latest()),
        )
        reindexing = ReindexingMessages(engine, storage.team_id, client, settings.admin.channel)
        self.swept = (reindexing, retention, aging, pinned)
        self.syncing = SyncingJob(
            Tools(settings, engine, self.runs, self.catalogue, rag.serving, indexing=indexing)
        )
        self._closing = ExitStack()
        self._closing.callback(engine.dispose)
        self._closing.callback(rag.close)

    @classmethod
    def build(cls, settings: Settings, pace: Pace) -> Self:
        """Load and open everything; Slack is called at `pace`. Raises ConfigError, or Transient when a service is away."""
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
            indexing = Indexing(techniques, rag.llm, settings.llm.context_tokens)
            parts = cls(settings, rag, engine, indexing, pace)
            opened.pop_all()
        return parts

    @property
    def pings(self) -> dict[str, Callable[[], None]]:
        """What must answer for a worker to work, by name."""
        return {"database": partial(ping_database, self.engine), "index": self._ping_index}

    def _ping_index(self) -> None:
        """That which serves now."""
        self.rag.index.ping()

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
