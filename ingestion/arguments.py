"""What can be said on the command line."""

import argparse
import re
from urllib.parse import urlsplit

from ingestion.kinds import KINDS, interval
from ingestion.registering import AS_THE_KIND
from rag.domain import MEMBERS, PUBLIC

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_READER = re.compile(rf"{MEMBERS}|{PUBLIC}|channel:{_CHANNEL.pattern}")


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m ingestion`."""
    top = argparse.ArgumentParser(
        prog="python -m ingestion",
        description="Sources of documents: add them, sync them, look at them, remove them.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add = commands.add_parser(
        "add",
        help="register a source and index it",
        epilog="What a kind takes as an option, and what it needs: docs/sources.md.",
    )
    add.add_argument(
        "location",
        help="a folder, or the address of a web site, a Git repository, a Confluence space, a Notion page, or a Slack channel",
    )
    add.add_argument("--name", help="what to call the source (default: a name made of the location)")
    add.add_argument("--kind", choices=[*KINDS], help="what it is, where its address does not tell")
    add.add_argument(
        "--readers",
        type=_readers,
        help="who may read it: members (default), public, or channel:C0123; several with commas",
    )
    add.add_argument(
        "--every", type=_every, default=AS_THE_KIND, help="how often it is synced by itself: 30m, 6h, 1d, off"
    )
    add.add_argument("--base-url", type=_url, help="where people open the files of a folder")
    add.add_argument(
        "--option",
        dest="options",
        type=_option,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="as include=*.md, branch=main, depth=2; may be given several times",
    )
    add.add_argument("--no-sync", action="store_true", help="only register it")

    sync = commands.add_parser("sync", help="index what changed")
    sync.add_argument("names", nargs="*", metavar="NAME", help="sources (default: all)")

    audience = commands.add_parser("audience", help="change who may read a source, from the next question on")
    audience.add_argument("name", metavar="NAME")
    audience.add_argument(
        "readers", type=_readers, metavar="READERS", help="members, public, channel:C0123, …"
    )

    schedule = commands.add_parser("schedule", help="change how often a source is synced by itself")
    schedule.add_argument("name", metavar="NAME")
    schedule.add_argument("every", type=_every, metavar="EVERY", help="30m, 6h, 1d, off")

    for name, what in (
        ("pause", "sync a source no more by itself, until it is resumed"),
        ("resume", "sync a paused source by its schedule again"),
    ):
        commands.add_parser(name, help=what).add_argument("name", metavar="NAME")

    people = commands.add_parser("people", help="change who is asked what a source does not say")
    people.add_argument("name", metavar="NAME")
    people.add_argument(
        "channel", type=_channel, metavar="CHANNEL", help="a Slack channel's id, like C0123ABCD; none: nobody"
    )

    status = commands.add_parser("status", help="what is indexed, and how the last runs went")
    status.add_argument(
        "name", nargs="?", metavar="NAME", help="one source, with what could not be read and why"
    )

    remove = commands.add_parser("remove", help="take a source and all its chunks out of the index")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help="do not ask")

    commands.add_parser("rebuild", help="build the index anew beside the one that answers, and switch")

    move = commands.add_parser("move", help="copy the index or the database to another engine")
    move.add_argument(
        "--to",
        required=True,
        type=_target,
        metavar="URL",
        help="a Qdrant server (http://…), embedded, or a database (postgresql+psycopg://…, sqlite:///…)",
    )

    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="results as JSON")
    return top


def _readers(text: str) -> frozenset[str]:
    readers = frozenset(filter(None, (part.strip() for part in text.split(","))))
    if not readers or not all(_READER.fullmatch(reader) for reader in readers):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not members, public or channel:C0123, with commas between"
        )
    return readers


def _target(text: str) -> str:
    if text != "embedded" and not text.startswith(
        ("http://", "https://", "postgresql+psycopg://", "sqlite:///")
    ):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither `embedded` nor begins with http://, https://, postgresql+psycopg:// or sqlite:///"
        )
    return text


def _every(text: str) -> float | None:
    try:
        return interval(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _channel(text: str) -> str:
    if text != "none" and not _CHANNEL.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a channel's id such as C0123ABCD, nor none")
    return "" if text == "none" else text


def _option(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip().replace("-", "_"), value.strip()


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address that begins with https:// or http://")
    return text
