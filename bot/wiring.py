"""What the listeners of a workspace are made of: everything that the bot does on the database, by that workspace's settings."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.admin.looks import looks
from bot.app import Identity
from bot.hosting import Hosted
from bot.listeners import (
    Adding,
    AdminChannel,
    AdminCommands,
    Answers,
    Asking,
    Changes,
    ChannelForms,
    Choices,
    DigestButtons,
    DroppedFiles,
    ErasePerson,
    HomeTab,
    Listeners,
    Playground,
    Proposing,
    ReindexCommand,
    SourceCards,
    Verifying,
)
from ingestion.catalogue import Catalogue
from ingestion.estimating import estimated, estimated_file
from ingestion.registering import Registering
from ingestion.runs import Runs
from ingestion.sources.slack_conversations import present
from ingestion.sources.slack_reading import SlackReader
from ingestion.syncing import check_that_it_opens
from rag.settings import Settings
from workers.access import SlackAccess
from workers.admin.admin_sight import AdminSight
from workers.admin.administering import NO_ADMINS, NOT_SETTLED, Administering
from workers.admin.admins import Admins
from workers.admin.audit import Audit
from workers.admin.channel_admin import ChannelAdmin
from workers.admin.insights import insights
from workers.admin.looking import ESTIMATED, FileLook, Tokens
from workers.admin.once import Once
from workers.admin.overseeing import Overseeing
from workers.admin.pinned_list import PinnedLists
from workers.admin.reindexing import Reindexing, ReindexingMessages
from workers.admin.source_admin import SourceAdmin
from workers.admin.trials import Trials
from workers.channels import Channels
from workers.feedback import Feedback
from workers.following import Following
from workers.home import Home
from workers.intake import Intake
from workers.ledger import Ledger
from workers.parts import Parts
from workers.people import People
from workers.privacy.erasing import Erasing
from workers.privacy.purging import Purging
from workers.replies import show_status
from workers.reporting.report_book import ReportBook
from workers.saving import Saving
from workers.slack.client import slack_client
from workers.slack.shared_pace import Paces
from workers.slack_changes import SlackChanges
from workers.unasked import Unasked

_DAYS = 7  # that the home tab of admins tells about…
_MOST_QUESTIONS = 100  # …and of what was not answered, so many are compared: Slack waits three seconds


@dataclass(frozen=True, slots=True)
class Wiring:
    """What all workspaces of a bot have in common. `wake`, `wake_trial`: tell a worker of a question, of a trial, by its id.

    `parts`: of the worker in this process, if there is one. Without it only questions in the same words are brought together.
    """

    engine: Engine
    paces: Paces
    wake: Callable[[str], object]
    wake_trial: Callable[[str], object]
    parts: Parts | None

    def listeners_of(
        self, own: Settings, client: WebClient, identity: Identity, hosted: Hosted | None = None
    ) -> tuple[Listeners, SlackChanges]:
        """By the workspace's settings; `hosted` where it is one of several. Also what follows its channels as sources."""
        workspace = _Workspace(self, own, client, identity, hosted)
        return workspace.listeners(), workspace.changes

    def tokens(self) -> Tokens:
        """As the model counts them, where it is in this process."""
        if self.parts is None:
            return ESTIMATED
        embedder = self.parts.rag.embedder
        return Tokens(embedder.counter, embedder.max_tokens, is_exact=True)


class _Workspace:
    """One workspace's listeners, over what they have in common."""

    def __init__(
        self, wiring: Wiring, settings: Settings, client: WebClient, identity: Identity, hosted: Hosted | None
    ) -> None:
        self.wiring, self.settings, self.client, self.hosted = wiring, settings, client, hosted
        self.identity, self.url = identity, identity.workspace_url
        self.engine, self.team_id = wiring.engine, settings.storage.team_id
        self.slack_team_id = hosted.team_id if hosted else None
        self.admin_channel = settings.admin.channel
        brisk = settings.slack.model_copy(update={"timeout_seconds": 1})
        self.quick = slack_client(brisk, wiring.paces.of(self.team_id), hurry=True)
        self.ledger = Ledger(self.engine, self.slack_team_id)
        self.catalogue = Catalogue(self.engine, self.team_id)
        self.channels = Channels(self.engine, self.team_id)
        self.access = SlackAccess(client, team_id=self.team_id)
        self.sight = AdminSight(client, self.access, self.admin_channel)
        self.changes = SlackChanges(self.engine, self.team_id, partial(present, SlackReader(settings.slack)))
        self.admins, self.audit = Admins(client, self.admin_channel), Audit(self.engine, self.team_id)
        without_channel = NOT_SETTLED if hosted else NO_ADMINS
        self.door = Administering(
            self.admins, self.audit, self.admin_channel, without_channel=without_channel
        )
        self.once = Once(self.engine, self.team_id)
        self.sources = SourceAdmin(self._registering(), self.audit)
        self.channel_admin = ChannelAdmin(self.channels, self.catalogue, self.audit)
        self.saving = Saving(client, self.access, self.engine, team_id=self.team_id, workspace_url=self.url)

    def listeners(self) -> Listeners:
        intake, answer = self._intake(), self.settings.answer
        following = Following(
            *(self.engine, answer.follow_ups), hours=answer.follow_up_hours, settings_of=self.channels.of
        )
        people = People(self.channels.of, self.catalogue, everywhere=answer.people_channel)
        home_tab, reindex, proposing = self._home_tab(), self._reindex(), self._proposing()
        verifying = Verifying(self.saving)
        show_home, aside = home_tab.show_again, partial(_in_thread, "home tab")
        return Listeners(
            Asking(intake, following, Unasked(self.ledger, self.channels.of)),
            Answers(intake, self.ledger, Feedback(self.engine), workspace_url=self.url, people=people.of),
            Choices(intake, self.ledger, self.channels.of),
            verifying,
            home_tab,
            Changes(self.changes, purge=self._purge(), member_left=home_tab.on_member_left),
            self._admin_channel(reindex),
            proposing,
            ChannelForms(self.door, self.channel_admin, show_home=show_home, aside=aside),
            reindex,
            SourceCards(self.door, self.sources, reindex),
            Adding(self.door, proposing),
            DigestButtons(
                *(self.door, self.sight, self.ledger, self.saving), verifying=verifying, proposing=proposing
            ),
            self.hosted.settling if self.hosted else None,
        )

    def _intake(self) -> Intake:
        jobs = self.settings.jobs
        return Intake(
            *(self.ledger, self.wiring.wake),
            queue_limit=jobs.queue_limit,
            workers=jobs.worker_threads,
            sign=partial(show_status, self.quick, settings_of=self.channels.of),
            team_id=self.slack_team_id,
        )

    def _registering(self) -> Registering:
        return Registering(
            *(self.catalogue, Runs(self.engine, self.team_id)),
            lambda: self.settings.slack,
            lambda source: check_that_it_opens(source, self.settings, self.engine),
        )

    def _home_tab(self) -> HomeTab:
        parts, alone = self.wiring.parts, self.hosted is None
        asked = partial(
            insights,
            self.engine,
            days=_DAYS,
            embed=parts.rag.embedder.embed_passages if parts else None,
            most_questions=_MOST_QUESTIONS,
            team_id=self.slack_team_id,
        )
        overseeing = Overseeing(
            *(self.engine, self.sources, self.channel_admin),
            insights=lambda seen: asked(seen=seen),
            sight=self.sight,
            looks=looks(self.settings, self.engine, self.quick, parts, alone=alone),
            slack_team_id=self.slack_team_id,
        )
        home = Home(*(self.catalogue, self.ledger, self.access), admins=self.admins, overview=overseeing.now)
        return HomeTab(home, workspace_url=self.url, admin_channel=self.admin_channel)

    def _admin_channel(self, reindex: ReindexCommand) -> AdminChannel:
        engine, team_id = self.engine, self.team_id
        erase = ErasePerson(self.door, Erasing(engine, team_id, slack_team_id=self.slack_team_id))
        commands = AdminCommands(
            *(self.sources, PinnedLists(engine, team_id), self.audit, self.channel_admin),
            *(ReportBook(engine, team_id), reindex, erase),
        )
        playground = Playground(self.door, Trials(engine, team_id), self.wiring.wake_trial)
        return AdminChannel(self.door, self.once, commands, playground)

    def _reindex(self) -> ReindexCommand:
        return ReindexCommand(
            *(self.door, self.sources, Reindexing(self.engine, self.team_id, alone=self.hosted is None)),
            ReindexingMessages(self.engine, self.team_id, self.client, self.admin_channel),
        )

    def _proposing(self) -> Proposing:
        settings, engine = self.settings, self.engine
        look = FileLook(self.client, settings, self.wiring.tokens(), team_id=self.identity.team_id)
        return Proposing(
            *(self.door, self.sources, self.once),
            estimate=lambda proposal: estimated(proposal, settings, engine),
            files=DroppedFiles(
                self.sources, look, lambda pages, chunks: estimated_file(pages, chunks, settings, engine)
            ),
            aside=partial(_in_thread, "proposal"),
        )

    def _purge(self) -> Callable[[str], object]:
        return self.hosted.uninstall if self.hosted else Purging(self.engine, self.team_id).purge


def _in_thread(name: str, do: Callable[[], None]) -> None:
    threading.Thread(target=do, name=name, daemon=True).start()
