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
from pathlib import Path

from bot.commands import audit_log, erasing, keys
from bot.commands.channel_settings import add_arguments, change_or_show
from bot.commands.doctor import diagnose
from bot.commands.http_manifest import with_request_url
from bot.commands.insights import show_insights
from bot.running import run
from rag.errors import ConfigError
from rag.settings import Settings
from workers.operating.health import healthy
from workers.operating.logs import log_to_stderr

log = logging.getLogger(__name__)

Command = Callable[[Settings, argparse.Namespace], int]

_MANIFEST = Path(__file__).parent.parent / "manifest.json"


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


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    sys.exit(main())
