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
from workers.admin_sight import AdminSight
from workers.aging import Aging
from workers.answering_job import AnsweringJob
from workers.attachments import SlackAttachments
from workers.channels import Channels, verified_sources
from workers.digest import DigestReader
from workers.digests import Digests
from workers.explaining_job import ExplainingJob
from workers.ledger import Ledger
from workers.pacing import Pace
from workers.people import People
from workers.people_names import names_of
from workers.pinned_list import PinnedList, PinnedLists
from workers.private_replies import PrivateReplies, RepliesBySurface
from workers.probing import ping_database
from workers.reindexing import ReindexingMessages
from workers.replies import SlackReplies
from workers.report_book import ReportBook
from workers.report_posting import ReportPosting
from workers.reports import Reports, Standings
from workers.retention import Retention
from workers.slack_client import slack_client
from workers.source_words import listed
from workers.syncing_job import SyncingJob
from workers.trials import Trials
from workers.usage import Usage
from workers.warnings import SourceWarnings
from workers.weekly import Weekly


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
        self.trials = Trials(engine, storage.team_id)
        settings_of = Channels(engine, storage.team_id).of
        access = SlackAccess(client, team_id=storage.team_id)
        self.answering = AnsweringJob(
            self.ledger,
            RepliesBySurface(
                SlackReplies(
                    client,
                    known=self.ledger.knows_message,
                    streaming=settings.answer.streaming,
                    settings_of=settings_of,
                ),
                PrivateReplies(),
            ),
            access,
            rag.answerer,
            attempts=jobs.question_attempts,
            lease_seconds=jobs.question_lease_seconds,
            budget_seconds=jobs.question_budget_seconds,
            people=People(settings_of, self.catalogue, everywhere=settings.answer.people_channel).of,
            settings_of=settings_of,
            warnings=SourceWarnings(self.runs),
            attachments=SlackAttachments(client, settings, rag.embedder),
            verified=partial(verified_sources, self.catalogue),
        )
        self.explaining = ExplainingJob(
            *(self.trials, client, access, rag.serving),
            settings_of=settings_of,
            names=partial(names_of, client),
            lease_seconds=jobs.question_budget_seconds,
            best=settings.retrieval.passages,
            verified=partial(verified_sources, self.catalogue),
        )
        aging = Aging(engine, storage.team_id, partial(_serving_index, rag), client, settings_of=settings_of)
        retention = Retention(engine, storage.retention_days)
        usage = Usage(engine, storage.team_id)
        pinned = PinnedList(
            PinnedLists(engine, storage.team_id),
            client,
            settings.admin.channel,
            lambda: listed(self.catalogue.overview(), self.runs.latest(), usage.of_sources()),
        )
        posting = ReportPosting(ReportBook(engine, storage.team_id), client, settings.admin.channel)
        sight = AdminSight(client, access, settings.admin.channel)
        reports = Reports(posting, Standings(engine, self.catalogue), usage, sight.readers, engine)
        reader = DigestReader(engine, self.catalogue, sight, rag.embedder.embed_passages)
        digests = Digests(posting, reader.read, Weekly.parse(settings.admin.digest), engine)
        reindexing = ReindexingMessages(engine, storage.team_id, client, settings.admin.channel)
        self.swept = (reindexing, retention, aging, pinned, reports, digests, self.trials)
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
