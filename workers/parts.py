"""What a worker needs, built once and closed in reverse order."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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
from workers.admin.admin_sight import AdminSight
from workers.admin.explaining_job import ExplainingJob
from workers.admin.pinned_list import PinnedList, PinnedLists
from workers.admin.reindexing import ReindexingMessages
from workers.admin.source_words import listed
from workers.admin.trials import Trials
from workers.aging import Aging
from workers.answering_job import AnsweringJob
from workers.attachments import SlackAttachments
from workers.channels import Channels, verified_sources
from workers.ledger import Ledger
from workers.operating.probing import ping_database
from workers.people import People
from workers.privacy.retention import Retention
from workers.private_replies import PrivateReplies, RepliesBySurface
from workers.replies import SlackReplies
from workers.reporting.digest import DigestReader
from workers.reporting.digests import Digests
from workers.reporting.report_book import ReportBook
from workers.reporting.report_posting import ReportPosting
from workers.reporting.reports import Reports, Standings
from workers.reporting.usage import Usage
from workers.reporting.weekly import Weekly
from workers.slack.client import slack_client
from workers.slack.names import names_of
from workers.slack.pacing import Pace
from workers.slack.shared_pace import Paces
from workers.sweeping import Swept
from workers.syncing_job import SyncingJob
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal
from workers.tenancy.several import SeveralJobs
from workers.warnings import SourceWarnings


@dataclass(frozen=True, slots=True)
class Shared:
    """What all workspaces have in common. `one`: see SyncingJob."""

    rag: Rag
    engine: Engine
    indexing: Indexing
    ledger: Ledger
    one: threading.Lock = field(default_factory=threading.Lock)


class Workspace:
    """The jobs of one workspace, by settings of its own; `slack_team_id` where it is one of several."""

    def __init__(
        self, settings: Settings, shared: Shared, pace: Pace, *, slack_team_id: str | None = None
    ) -> None:
        storage, jobs = settings.storage, settings.jobs
        self.client = client = slack_client(settings.slack, pace)
        rag, engine, indexing, self.ledger = shared.rag, shared.engine, shared.indexing, shared.ledger
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
        aging = Aging(
            *(engine, storage.team_id, partial(_serving_index, rag), client),
            settings_of=settings_of,
            slack_team_id=slack_team_id,
        )
        usage = Usage(engine, storage.team_id, slack_team_id=slack_team_id)
        pinned = PinnedList(
            PinnedLists(engine, storage.team_id),
            client,
            settings.admin.channel,
            lambda: listed(self.catalogue.overview(), self.runs.latest(), usage.of_sources()),
        )
        posting = ReportPosting(ReportBook(engine, storage.team_id), client, settings.admin.channel)
        sight = AdminSight(client, access, settings.admin.channel)
        reports = Reports(posting, Standings(engine, self.catalogue), usage, sight.readers, engine)
        reader = DigestReader(
            *(engine, self.catalogue, sight, rag.embedder.embed_passages), slack_team_id=slack_team_id
        )
        digests = Digests(posting, reader.read, Weekly.parse(settings.admin.digest), engine)
        reindexing = ReindexingMessages(engine, storage.team_id, client, settings.admin.channel)
        self.swept: tuple[Swept, ...] = (reindexing, aging, pinned, reports, digests, self.trials)
        self.syncing = SyncingJob(
            Tools(settings, engine, self.runs, self.catalogue, rag.serving, indexing=indexing),
            one=shared.one,
            rebuilds=slack_team_id is None,
        )


class Parts:
    """Database, index and model of one process, and the jobs that are done with them: those of the workspace, or of several."""

    def __init__(self, settings: Settings, shared: Shared, paces: Paces) -> None:
        engine, rag, own = shared.engine, shared.rag, settings.storage.team_id
        self.rag = rag
        self.engine = engine
        self.ledger = shared.ledger
        alone = Workspace(settings, shared, paces.of(own))
        jobs: Workspace | SeveralJobs = alone
        if settings.slack.is_for_several:
            seal = Seal(settings.slack_oauth.token_key.get_secret_value())

            def build(own_settings: Settings, team_id: str) -> Workspace:
                return Workspace(own_settings, shared, paces.of(team_id), slack_team_id=team_id)

            jobs = SeveralJobs(settings, engine, Installations(engine, seal), alone, build)
        self.answering, self.syncing, self.explaining = jobs.answering, jobs.syncing, jobs.explaining
        self.runs, self.trials, self.schedule = jobs.runs, jobs.trials, jobs.schedule
        self.swept = (Retention(engine, settings.storage.retention_days), *jobs.swept)
        self._closing = ExitStack()
        self._closing.callback(engine.dispose)
        self._closing.callback(rag.close)

    @classmethod
    def build(cls, settings: Settings, paces: Paces) -> Self:
        """Load and open everything; Slack is called at the pace of each workspace. Raises ConfigError, or Transient when a service is away."""
        with ExitStack() as opened:
            engine = open_database(settings.storage.database_url)
            opened.callback(engine.dispose)
            techniques = techniques_of(settings)
            rag = opened.enter_context(
                compose(
                    settings,
                    chunking=INDEX_VERSION,
                    indexing=name_of(techniques),
                    sources=lambda audience: Catalogue(engine, audience.team_id).described(audience),
                )
            )
            indexing = Indexing(techniques, rag.llm, settings.llm.context_tokens)
            parts = cls(settings, Shared(rag, engine, indexing, Ledger(engine)), paces)
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
