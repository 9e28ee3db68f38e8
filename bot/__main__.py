"""`python -m bot`: take questions from Slack, and in embedded mode answer them, too.

`python -m bot insights`: what was asked and what came of it, for those who look after the documents.

`python -m bot channel`: what is set for single channels, shown and changed.

`python -m bot doctor`: what works, what does not, and what to do about it; exit code 1 where something does not.

`python -m bot erase U0123ABCD`: one person is forgotten.

`python -m bot audit`: what admins did, and what was refused.

`python -m bot health`: exit code 0 while this container's bot is connected to Slack (for a health check).

`python -m bot key`, `python -m bot reseal`: the key that seals the tokens of workspaces, made and changed.

`python -m bot manifest https://bot.example.com`: the app's manifest for HTTP mode.
"""

import argparse
import json
import logging
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot import audit_log, erasing, keys
from bot.app import Identity, build_app, identify
from bot.channel_settings import add_arguments, change_or_show
from bot.connection import stay_connected
from bot.doctor import diagnose
from bot.hosting import Hosted, Hosting
from bot.http_door import HttpDoor
from bot.http_manifest import with_request_url
from bot.http_server import behind_door, listening, serve
from bot.insights import show_insights
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
from bot.looks import looks
from ingestion.catalogue import Catalogue
from ingestion.estimating import estimated, estimated_file
from ingestion.registering import Registering
from ingestion.runs import Runs
from ingestion.sources.slack_conversations import present
from ingestion.sources.slack_reading import SlackReader
from ingestion.syncing import check_that_it_opens
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings
from workers.access import SlackAccess
from workers.admin_sight import AdminSight
from workers.administering import NO_ADMINS, NOT_SETTLED, Administering
from workers.admins import Admins
from workers.app import ANSWER_QUESTION, TRY_QUESTION, celery_app
from workers.audit import Audit
from workers.backlog import backlog
from workers.channel_admin import ChannelAdmin
from workers.channels import Channels
from workers.embedded import embedded_worker
from workers.erasing import Erasing
from workers.feedback import Feedback
from workers.following import Following
from workers.health import healthy
from workers.home import Home
from workers.insights import Embed, insights
from workers.intake import Intake
from workers.ledger import Ledger
from workers.logs import log_to_stderr
from workers.looking import ESTIMATED, FileLook, Tokens
from workers.metrics import Waiting
from workers.monitoring import Ping, monitored
from workers.once import Once
from workers.overseeing import Overseeing
from workers.parts import Parts
from workers.people import People
from workers.pinned_list import PinnedLists
from workers.probing import ping_broker, ping_database
from workers.purging import Purging
from workers.reindexing import Reindexing, ReindexingMessages
from workers.replies import show_status
from workers.report_book import ReportBook
from workers.saving import Saving
from workers.shared_pace import Paces
from workers.slack_changes import SlackChanges, followed
from workers.slack_client import slack_client
from workers.source_admin import SourceAdmin
from workers.standing import Look
from workers.tasks import register, sender
from workers.tracing import traced
from workers.trials import Trials
from workers.unasked import Unasked
from workers.waiting import when_possible

log = logging.getLogger(__name__)

Command = Callable[[Settings, argparse.Namespace], int]

_MANIFEST = Path(__file__).parent.parent / "manifest.json"
_DAYS = 7  # that the home tab of admins tells about…
_MOST_QUESTIONS = 100  # …and of what was not answered, so many are compared: Slack waits three seconds
_SWEEPS_BETWEEN = 5  # two looks at what was heard in Slack: what comes in between makes one run


def main() -> int:
    """The exit code: 0 after a clean stop, 2 when a setting must be changed."""
    arguments = _parser().parse_args()
    try:
        return _COMMANDS.get(arguments.command, _run)(Settings(), arguments)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _run(settings: Settings, _: argparse.Namespace) -> int:
    log_to_stderr(settings.log)
    run(settings, _stopped_by_signal())
    return 0


def _health(settings: Settings, _: argparse.Namespace) -> int:
    return 0 if healthy(settings.jobs.heartbeat_file) else 1


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    logging.disable()  # what the checks find is told in a line each
    warnings.simplefilter("ignore")
    return diagnose(settings, as_json=arguments.json)


def _manifest(_: Settings, arguments: argparse.Namespace) -> int:
    manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
    print(json.dumps(with_request_url(manifest, arguments.url), indent=2))
    return 0


def _shown(show: Callable[[Settings, argparse.Namespace], None]) -> Command:
    def command(settings: Settings, arguments: argparse.Namespace) -> int:
        log_to_stderr(settings.log)
        show(settings, arguments)
        return 0

    return command


_COMMANDS: Mapping[str, Command] = {
    "health": _health,
    "doctor": _doctor,
    "manifest": _manifest,
    "insights": _shown(lambda settings, said: show_insights(settings, days=said.days, as_json=said.json)),
    "channel": _shown(change_or_show),
    "audit": _shown(audit_log.show_audit),
    "erase": _shown(erasing.erase),
    "key": keys.show_new_key,
    "reseal": _shown(keys.reseal),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="take questions from Slack (default)")
    commands.add_parser("health", help="exit code 0 while connected to Slack")
    doctor = commands.add_parser("doctor", help="what works, what does not, and what to do about it")
    doctor.add_argument("--json", action="store_true", help="for programs")
    asked = commands.add_parser("insights", help="what was asked and what came of it")
    asked.add_argument("--days", type=int, default=30, help="how far back (30)")
    asked.add_argument("--json", action="store_true", help="for programs")
    manifest = commands.add_parser("manifest", help="the app's manifest for HTTP mode")
    manifest.add_argument("url", help="where Slack reaches this bot, such as https://bot.example.com")
    add_arguments(commands.add_parser("channel", help="what is set for single channels"))
    audit_log.add_arguments(commands.add_parser("audit", help="what admins did, and what was refused"))
    erasing.add_arguments(commands.add_parser("erase", help="forget what one person asked and rated"))
    commands.add_parser("key", help="a fresh key for SLACK_TOKEN_KEY")
    commands.add_parser("reseal", help="seal the workspaces' tokens with the first key of SLACK_TOKEN_KEY")
    return parser


def run(settings: Settings, stop: threading.Event) -> None:
    """The bot process, until `stop` is set. Raises ConfigError when the operator must act."""
    slack, jobs = settings.slack, settings.jobs
    signing_secret = _signing_secret(settings)
    celery = celery_app(jobs)
    paces = Paces(jobs.broker_url)
    client = slack_client(slack, paces.of(settings.storage.team_id), hurry=True)
    with ExitStack() as stack:
        stack.enter_context(traced(settings.tracing, process="bot"))
        monitoring = stack.enter_context(monitored(settings.monitoring))
        pings: dict[str, Ping] = {"broker": partial(ping_broker, jobs.broker_url)}
        identity = None if slack.is_for_several else when_possible(lambda: identify(client), stop)
        embed: Embed | None = None
        parts: Parts | None = None
        tokens: Tokens | None = None
        if jobs.embedded:
            parts = stack.enter_context(when_possible(lambda: Parts.build(settings, paces), stop))
            # Nobody else can hold the index: what a killed bot left half-way is taken up now, not when its lease ends.
            parts.runs.free_all()
            parts.trials.free_all()
            pings.update(parts.pings)
            embed = parts.rag.embedder.embed_passages
            tokens = Tokens(parts.rag.embedder.counter, parts.rag.embedder.max_tokens, is_exact=True)
            register(celery, parts)
            stack.enter_context(embedded_worker(celery, threads=jobs.worker_threads))
        engine = when_possible(lambda: open_database(settings.storage.database_url), stop)
        stack.callback(engine.dispose)
        monitoring.watch({"database": partial(ping_database, engine), **pings})
        monitoring.collect(Waiting(partial(backlog, engine)))
        wake, wake_trial = sender(celery, ANSWER_QUESTION), sender(celery, TRY_QUESTION)

        def listeners_of(
            own: Settings, client: WebClient, identity: Identity, hosted: Hosted | None = None
        ) -> tuple[Listeners, SlackChanges]:
            quick = slack_client(
                own.slack.model_copy(update={"timeout_seconds": 1}), paces.of(own.storage.team_id), hurry=True
            )
            intake = Intake(
                Ledger(engine, hosted.team_id if hosted else None),
                wake,
                queue_limit=jobs.queue_limit,
                workers=jobs.worker_threads,
                sign=partial(show_status, quick, settings_of=Channels(engine, own.storage.team_id).of),
                team_id=hosted.team_id if hosted else None,
            )
            changes = SlackChanges(engine, own.storage.team_id, partial(present, SlackReader(own.slack)))
            listeners = _listeners(
                own,
                engine,
                client,
                identity=identity,
                intake=intake,
                changes=changes,
                embed=embed,
                looks=looks(own, engine, quick, parts, alone=hosted is None),
                wake_trial=wake_trial,
                tokens=tokens,
                hosted=hosted,
            )
            return listeners, changes

        follow = partial(followed, seconds=_SWEEPS_BETWEEN * jobs.sweep_seconds)
        if identity is None:
            hosting = Hosting(settings, engine, paces, listeners_of)
            stack.enter_context(follow(hosting))
            _serve(hosting.door(), settings, stop)
            return
        listeners, changes = listeners_of(settings, client, identity)
        stack.enter_context(follow(changes))
        _receive(build_app(client, identity, listeners, signing_secret=signing_secret), settings, stop)


def _signing_secret(settings: Settings) -> str:
    """None is needed where we open the connection ourselves."""
    return settings.slack_http.signing_secret.get_secret_value() if settings.slack.mode == "http" else ""


def _receive(app: App, settings: Settings, stop: threading.Event) -> None:
    """Take what Slack sends, until `stop` is set."""
    heartbeat = settings.jobs.heartbeat_file
    if settings.slack.app_token is not None and settings.slack.mode == "socket":
        stay_connected(app, settings.slack.app_token.get_secret_value(), stop, heartbeat=heartbeat)
    else:
        _serve(behind_door(app, _signing_secret(settings)), settings, stop)


def _serve(door: HttpDoor, settings: Settings, stop: threading.Event) -> None:
    listener = listening(settings.slack_http.http_host, settings.slack_http.http_port)
    serve(door, listener, stop, heartbeat=settings.jobs.heartbeat_file)


def _listeners(
    settings: Settings,
    engine: Engine,
    client: WebClient,
    *,
    identity: Identity,
    intake: Intake,
    changes: SlackChanges,
    embed: Embed | None,
    looks: Mapping[str, Look],
    wake_trial: Callable[[str], object],
    tokens: Tokens | None,
    hosted: Hosted | None = None,
) -> Listeners:
    """All of them, over one database. Without `embed` only questions in the same words are brought together; `hosted` where the
    workspace is one of several.
    """
    slack_team_id = hosted.team_id if hosted else None
    answer, team_id, url = settings.answer, settings.storage.team_id, identity.workspace_url
    ledger, catalogue, channels = (
        Ledger(engine, slack_team_id),
        Catalogue(engine, team_id),
        Channels(engine, team_id),
    )
    access = SlackAccess(client, team_id=team_id)
    following = Following(engine, answer.follow_ups, hours=answer.follow_up_hours, settings_of=channels.of)
    admins, audit = Admins(client, settings.admin.channel), Audit(engine, team_id)
    registering = Registering(
        catalogue,
        Runs(engine, team_id),
        lambda: settings.slack,
        lambda source: check_that_it_opens(source, settings, engine),
    )
    without_channel = NOT_SETTLED if hosted else NO_ADMINS
    door = Administering(admins, audit, settings.admin.channel, without_channel=without_channel)
    source_admin, once = SourceAdmin(registering, audit), Once(engine, team_id)
    people = People(channels.of, catalogue, everywhere=answer.people_channel)
    channel_admin = ChannelAdmin(channels, catalogue, audit)
    asked = partial(
        insights,
        engine,
        days=_DAYS,
        embed=embed,
        most_questions=_MOST_QUESTIONS,
        team_id=slack_team_id,
    )
    overview = Overseeing(engine, source_admin, channel_admin, asked, looks, slack_team_id).now
    home = Home(catalogue, ledger, access, admins=admins, overview=overview)
    home_tab = HomeTab(home, workspace_url=url, admin_channel=settings.admin.channel)
    reindex = ReindexCommand(
        *(door, source_admin, Reindexing(engine, team_id, alone=hosted is None)),
        ReindexingMessages(engine, team_id, client, settings.admin.channel),
    )
    saving = Saving(client, access, engine, team_id=team_id, workspace_url=url)
    verifying = Verifying(saving)
    proposing = Proposing(
        *(door, source_admin, once),
        estimate=lambda proposal: estimated(proposal, settings, engine),
        files=DroppedFiles(
            source_admin,
            FileLook(client, settings, tokens or ESTIMATED, team_id=identity.team_id),
            lambda pages, chunks: estimated_file(pages, chunks, settings, engine),
        ),
        aside=partial(_in_thread, "proposal"),
    )
    erase = ErasePerson(door, Erasing(engine, team_id, slack_team_id=slack_team_id))
    return Listeners(
        Asking(intake, following, Unasked(ledger, channels.of)),
        Answers(intake, ledger, Feedback(engine), workspace_url=url, people=people.of),
        Choices(intake, ledger, channels.of),
        verifying,
        home_tab,
        Changes(
            changes,
            purge=hosted.uninstall if hosted else Purging(engine, team_id).purge,
            member_left=home_tab.on_member_left,
        ),
        AdminChannel(
            *(door, once),
            AdminCommands(
                *(source_admin, PinnedLists(engine, team_id), audit, channel_admin),
                *(ReportBook(engine, team_id), reindex, erase),
            ),
            Playground(door, Trials(engine, team_id), wake_trial),
        ),
        proposing,
        ChannelForms(
            *(door, channel_admin), show_home=home_tab.show_again, aside=partial(_in_thread, "home tab")
        ),
        reindex,
        SourceCards(door, source_admin, reindex),
        Adding(door, proposing, aside=partial(_in_thread, "proposal")),
        DigestButtons(
            *(door, AdminSight(client, access, settings.admin.channel), ledger, saving),
            verifying=verifying,
            proposing=proposing,
        ),
        hosted.settling if hosted else None,
    )


def _in_thread(name: str, do: Callable[[], None]) -> None:
    threading.Thread(target=do, name=name, daemon=True).start()


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    sys.exit(main())
