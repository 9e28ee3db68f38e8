"""A bot in a sandbox's workspace whose listeners are called as Slack calls them, whoever is said to have written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from slack_bolt import BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.app import build_app, identify
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
from evals.formats import bundled_counter
from ingestion.catalogue import Catalogue
from ingestion.estimating import Estimate
from ingestion.kinds import Proposal
from ingestion.registered import RegisteredSource
from ingestion.registering import Registering
from ingestion.runs import Runs
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import FetchSettings, Settings, SlackSettings
from sandbox.client import Message, Sandbox
from sandbox.server import SandboxServer
from workers.access import SlackAccess
from workers.admin.admin_sight import AdminSight
from workers.admin.administering import Administering
from workers.admin.admins import Admins
from workers.admin.audit import Audit
from workers.admin.channel_admin import ChannelAdmin
from workers.admin.insights import insights
from workers.admin.looking import FileLook, Tokens
from workers.admin.once import Once
from workers.admin.overseeing import Overseeing
from workers.admin.pinned_list import PinnedLists
from workers.admin.reindexing import Reindexing, ReindexingMessages
from workers.admin.source_admin import SourceAdmin
from workers.admin.trials import Trials
from workers.channels import Channels, as_everywhere
from workers.feedback import Feedback
from workers.following import Following
from workers.home import Home
from workers.intake import Intake
from workers.ledger import Ledger
from workers.privacy.erasing import Erasing
from workers.reporting.report_book import ReportBook
from workers.saving import Saving
from workers.slack_changes import SlackChanges
from workers.unasked import Unasked

ME, ADMIN_CHANNEL = "U01FOOTNOTE", "C01ADMIN"
MANIFEST = Path(__file__).parent.parent.parent / "manifest.json"


def opens(source: RegisteredSource) -> None:
    if "unopenable" in source.location:
        raise ConfigError("That address cannot be opened.")


class AdminOffice:
    """A source "wiki", and an admin channel with Ines in it."""

    def __init__(self, server: SandboxServer, engine: Engine) -> None:
        self.sandbox = server.client
        self.server = server
        self.engine = engine
        self.asked: list[str] = []
        self.tried: list[str] = []
        self.trials = Trials(engine, "T1")
        self.estimates: dict[Proposal, Estimate] = {}
        self.catalogue, self.runs, self.audit = (
            Catalogue(engine, "T1"),
            Runs(engine, "T1"),
            Audit(engine, "T1"),
        )
        self.client = client = WebClient(token=server.bot_token, base_url=server.api_url)
        slack = SlackSettings(
            bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url, timeout_seconds=3
        )
        ledger, access = Ledger(engine), SlackAccess(client, team_id="T1")
        intake = Intake(ledger, self.asked.append, queue_limit=10)
        registering = Registering(self.catalogue, self.runs, lambda: slack, opens)
        door = Administering(Admins(client, ADMIN_CHANNEL), self.audit, ADMIN_CHANNEL)
        admin, once = SourceAdmin(registering, self.audit), Once(engine, "T1")
        self.channels = Channels(engine, "T1")
        self.channel_admin = ChannelAdmin(self.channels, self.catalogue, self.audit)
        sight = AdminSight(client, access, ADMIN_CHANNEL)
        looks = {"Slack": lambda: "answers"}
        overview = Overseeing(
            *(engine, admin, self.channel_admin),
            insights=lambda seen: insights(engine, days=7, embed=None, seen=seen),
            sight=sight,
            looks=looks,
        ).now
        admins = Admins(client, ADMIN_CHANNEL)
        home = Home(self.catalogue, ledger, access, admins=admins, overview=overview)
        home_tab = HomeTab(home, admin_channel=ADMIN_CHANNEL)
        self.messages = ReindexingMessages(engine, "T1", client, ADMIN_CHANNEL)
        reindex = ReindexCommand(door, admin, Reindexing(engine, "T1"), self.messages)
        self.ledger, self.reports = ledger, ReportBook(engine, "T1")
        saving = Saving(client, access, engine, team_id="T1")
        verifying = Verifying(saving)
        proposing = Proposing(
            *(door, admin, once),
            estimate=lambda it: self.estimates.get(it, Estimate()),
            files=self.files(admin, slack),
        )
        erase = ErasePerson(door, Erasing(engine, "T1"))
        listeners = Listeners(
            Asking(intake, Following(engine, "questions", hours=1), Unasked(ledger, as_everywhere)),
            Answers(intake, ledger, Feedback(engine)),
            Choices(intake, ledger),
            verifying,
            home_tab,
            Changes(SlackChanges(engine, "T1", lambda _: None), member_left=home_tab.on_member_left),
            AdminChannel(
                *(door, once),
                AdminCommands(
                    *(admin, PinnedLists(engine, "T1"), self.audit),
                    *(self.channel_admin, self.reports, reindex, erase),
                ),
                Playground(door, self.trials, self.tried.append),
            ),
            proposing,
            ChannelForms(door, self.channel_admin, show_home=home_tab.show_again),
            reindex,
            SourceCards(door, admin, reindex),
            Adding(door, proposing),
            DigestButtons(
                *(door, AdminSight(client, access, ADMIN_CHANNEL), ledger, saving),
                verifying=verifying,
                proposing=proposing,
            ),
        )
        self.app = build_app(client, identify(client), listeners)
        self.wiki = self.catalogue.add_source(
            "wiki", kind="web", location="https://wiki.example.com", readers={"members"}, every_seconds=3600
        )

    def files(self, admin: SourceAdmin, slack: SlackSettings) -> DroppedFiles:
        settings = Settings(slack=slack, fetch=FetchSettings(max_megabytes=1))
        tokens = Tokens(bundled_counter(), 256, is_exact=True)
        look = FileLook(self.client, settings, tokens, team_id="T01FERNWAY")
        return DroppedFiles(admin, look, lambda pages, chunks: Estimate(pages, chunks, 2.0, 7))

    def says(self, user: str, text: str, *, channel: str = ADMIN_CHANNEL, **more: Any) -> str:
        """A mention as Slack tells of it: people who have left, or never were there, can be said to have written it. Its timestamp."""
        ts = self.sandbox.post("ines", f"(for {user})", channel=channel)
        self.tell(
            {
                "type": "app_mention",
                "user": user,
                "text": f"<@{ME}> {text}",
                "ts": ts,
                "channel": channel,
                **more,
            }
        )
        return ts

    def drops(self, user: str, text: str, *, channel: str = ADMIN_CHANNEL, **more: Any) -> str:
        """A message without a mention."""
        ts = self.sandbox.post("ines", f"(for {user})", channel=channel)
        event = {
            "type": "message",
            "channel_type": "group",
            "user": user,
            "text": text,
            "ts": ts,
            "channel": channel,
        }
        self.tell(event | more)
        return ts

    @contextmanager
    def connected(self) -> Iterator[Sandbox]:
        """What people do in the sandbox reaches the bot."""
        handler = SocketModeHandler(self.app, self.server.app_token, ping_interval=1)
        handler.connect()
        self.sandbox.wait_for_socket()
        yield self.sandbox
        handler.client.auto_reconnect_enabled = False
        self.sandbox.disconnect("abrupt")
        with suppress(AttributeError):  # a session that is gone already
            handler.close()

    def tell(self, event: dict[str, Any]) -> None:
        body = {"type": "event_callback", "team_id": "T01FERNWAY", "event": event}
        assert self.app.dispatch(BoltRequest(body=body, mode="socket_mode")).status == 200

    def types(self, command: dict[str, str]) -> str:
        """A slash command, whoever is said to have typed it; what they are told at once."""
        body = {**command, "response_url": "http://127.0.0.1:1/", "trigger_id": "t"}
        answer = self.app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        assert answer.status == 200
        return str(answer.body)

    def fetch(self, url: str) -> bytes:
        """A file's bytes, as the bot may read them."""
        request = Request(url, headers={"Authorization": f"Bearer {self.server.bot_token}"})
        with urlopen(request, timeout=5) as answer:
            return bytes(answer.read())

    def replies(self, ts: str, channel: str = ADMIN_CHANNEL) -> list[Message]:
        return [one for one in self.sandbox.thread(channel, ts) if one.from_app]

    def reply(self, ts: str) -> Message:
        [only] = self.replies(ts)
        return only

    def click(self, user: str, message: Message, action_id: str) -> None:
        """As Slack tells of it, again whoever is said to have clicked."""
        [value] = [one["value"] for one in message.buttons() if one["action_id"] == action_id]
        url = f"{urlsplit(self.server.url).scheme}://{urlsplit(self.server.url).netloc}/nowhere"
        body = {
            "type": "block_actions",
            "team": {"id": "T01FERNWAY"},
            "user": {"id": user},
            "channel": {"id": ADMIN_CHANNEL},
            "message": {"ts": message.ts},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": ADMIN_CHANNEL},
            "response_url": url,
            "trigger_id": "t",
            "actions": [{"action_id": action_id, "value": value, "type": "button", "block_id": "b"}],
        }
        self.app.dispatch(BoltRequest(body=json.dumps(body), mode="socket_mode"))

    def action(self, source: RegisteredSource) -> str | None:
        run = self.runs.latest().get(source.id)
        return run.action if run else None


@contextmanager
def admin_office(folder: Path) -> Iterator[AdminOffice]:
    engine = open_database(f"sqlite:///{folder / 'footnote.db'}")
    with SandboxServer(manifest=MANIFEST) as server:
        yield AdminOffice(server, engine)
    engine.dispose()
