"""The bot process: what Slack sends is taken in, in its embedded mode it is answered, too, until somebody stops it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from celery import Celery
from slack_bolt import App

from bot.app import build_app, identify
from bot.connection import stay_connected
from bot.hosting import Hosting
from bot.http_door import HttpDoor
from bot.http_server import behind_door, listening, serve
from bot.wiring import Wiring
from rag.database import open_database
from rag.settings import Settings
from workers.app import ANSWER_QUESTION, TRY_QUESTION, celery_app
from workers.embedded import embedded_worker
from workers.operating.backlog import backlog
from workers.operating.health import Heartbeat
from workers.operating.metrics import Waiting
from workers.operating.monitoring import Ping, monitored
from workers.operating.probing import ping_broker, ping_database
from workers.operating.tracing import traced
from workers.parts import Parts
from workers.slack.client import slack_client
from workers.slack.shared_pace import Paces
from workers.slack_changes import followed
from workers.tasks import register, sender
from workers.waiting import when_possible

_SWEEPS_BETWEEN = 5  # two looks at what was heard in Slack: what comes in between makes one run


def run(settings: Settings, stop: threading.Event) -> None:
    """Until `stop` is set. Raises ConfigError when the operator must act."""
    jobs, own_id = settings.jobs, settings.storage.team_id
    celery, paces, heartbeat = celery_app(jobs), Paces(jobs.broker_url), Heartbeat(jobs.heartbeat_file)
    client = slack_client(settings.slack, paces.of(own_id), hurry=True)
    with ExitStack() as stack:
        stack.enter_context(traced(settings.tracing, process="bot"))
        monitoring = stack.enter_context(monitored(settings.monitoring))
        is_alone = not settings.slack.is_for_several
        identity = when_possible(lambda: identify(client), stop) if is_alone else None
        parts = stack.enter_context(_working(settings, celery, paces, stop)) if jobs.embedded else None
        engine = when_possible(lambda: open_database(settings.storage.database_url), stop)
        stack.callback(engine.dispose)
        pings: dict[str, Ping] = {
            "database": partial(ping_database, engine),
            "broker": partial(ping_broker, jobs.broker_url),
            "Slack": heartbeat.ping,
        }
        monitoring.watch(pings | (parts.pings if parts else {}))
        monitoring.collect(Waiting(partial(backlog, engine)))
        wake, wake_trial = sender(celery, ANSWER_QUESTION), sender(celery, TRY_QUESTION)
        wiring = Wiring(engine, paces, wake, wake_trial, parts)
        follow = partial(followed, seconds=_SWEEPS_BETWEEN * jobs.sweep_seconds)
        if identity is None:
            hosting = Hosting(settings, engine, paces, wiring.listeners_of)
            stack.enter_context(follow(hosting))
            _serve(hosting.door(), settings, stop, heartbeat)
        else:
            listeners, changes = wiring.listeners_of(settings, client, identity)
            stack.enter_context(follow(changes))
            secret = _signing_secret(settings)
            app = build_app(client, identity, listeners, signing_secret=secret)
            _receive(app, settings, stop, heartbeat)


@contextmanager
def _working(settings: Settings, celery: Celery, paces: Paces, stop: threading.Event) -> Iterator[Parts]:
    """A worker in this process while the block runs."""
    with when_possible(lambda: Parts.build(settings, paces), stop) as parts:
        # Nobody else can hold the index: what a killed bot left half-way is taken up now, not when its lease ends.
        parts.runs.free_all()
        parts.trials.free_all()
        register(celery, parts)
        with embedded_worker(celery, threads=settings.jobs.worker_threads):
            yield parts


def _signing_secret(settings: Settings) -> str:
    """None is needed where we open the connection ourselves."""
    return settings.slack_http.signing_secret.get_secret_value() if settings.slack.mode == "http" else ""


def _receive(app: App, settings: Settings, stop: threading.Event, heartbeat: Heartbeat) -> None:
    """Take what Slack sends, until `stop` is set."""
    if settings.slack.app_token is not None and settings.slack.mode == "socket":
        stay_connected(app, settings.slack.app_token.get_secret_value(), stop, heartbeat)
    else:
        _serve(behind_door(app, _signing_secret(settings)), settings, stop, heartbeat)


def _serve(door: HttpDoor, settings: Settings, stop: threading.Event, heartbeat: Heartbeat) -> None:
    listener = listening(settings.slack_http.http_host, settings.slack_http.http_port)
    serve(door, listener, stop, heartbeat)
