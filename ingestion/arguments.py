"""What can be said on the command line."""

import argparse
import re
from urllib.parse import urlsplit

from rag.domain import MEMBERS, PUBLIC

_READER = re.compile(rf"{MEMBERS}|{PUBLIC}|channel:[CG][A-Z0-9]{{2,20}}")


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m ingestion`."""
    top = argparse.ArgumentParser(
        prog="python -m ingestion",
        description="Sources of documents: add them, sync them, look at them, remove them.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add = commands.add_parser("add", help="register a folder and index it")
    add.add_argument("location", help="a folder with .md, .html and .txt files")
    add.add_argument("--name", help="what to call the source (default: the folder's name)")
    add.add_argument("--base-url", type=_url, help="where people open these files: the address of the folder")
    add.add_argument(
        "--readers",
        type=_readers,
        default=frozenset({MEMBERS}),
        help="who may read it: members (default), public, or channel:C0123; several with commas",
    )
    add.add_argument("--no-sync", action="store_true", help="only register it")

    sync = commands.add_parser("sync", help="index what changed")
    sync.add_argument("names", nargs="*", metavar="NAME", help="sources (default: all)")

    commands.add_parser("status", help="what is indexed, and how the last runs went")

    remove = commands.add_parser("remove", help="take a source and all its chunks out of the index")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help="do not ask")

    commands.add_parser(
        "rebuild", help="empty the index and index everything anew, as after a change of the model"
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


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address that begins with https:// or http://")
    return text
