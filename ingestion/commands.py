"""The commands. Each returns its exit code: 0, or 1 when something could not be synced."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from ingestion.display import Display, run_json, status_json
from ingestion.emptying import empty_index
from ingestion.registered import RegisteredSource
from ingestion.runs import Run
from ingestion.working import see_through
from ingestion.workshop import Workshop
from rag.errors import ConfigError, IndexInUse

_LONGEST_NAME = 200


def add(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Register a folder and sync it; a folder registered already takes over what is said of it now."""
    folder = Path(arguments.location).expanduser().resolve()
    if not folder.is_dir():
        raise ConfigError(f"{arguments.location} is not a folder.")
    name = arguments.name or folder.name
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ConfigError("Give the source a name of at most 200 characters with --name.")
    source = _registered(name, folder, arguments, workshop)
    if arguments.no_sync:
        display.line(f"{name}: registered. Index it with: python -m ingestion sync")
        display.data({"runs": []})
        return 0
    return _see_through([source], workshop, display)


def _registered(
    name: str, folder: Path, arguments: argparse.Namespace, workshop: Workshop
) -> RegisteredSource:
    """The source of that name on that folder, new or with what is said of it now."""
    options = {"base_url": arguments.base_url} if arguments.base_url else {}
    known = workshop.catalogue.source_named(name)
    if known and (known.kind, known.location, known.state) == ("folder", str(folder), "active"):
        return workshop.catalogue.change_source(known.id, readers=arguments.readers, options=options)
    return workshop.catalogue.add_source(
        name, kind="folder", location=str(folder), readers=arguments.readers, options=options
    )


def sync(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Sync the named sources, or all; what was half removed is removed."""
    names = dict.fromkeys(arguments.names)
    sources = [_named(name, workshop) for name in names] or workshop.catalogue.sources()
    if not sources:
        display.line("No sources yet: python -m ingestion add FOLDER")
    return _see_through(sources, workshop, display)


def status(_arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """What is indexed. Reads the database alone."""
    statuses, latest = workshop.catalogue.overview(), workshop.runs.latest()
    display.status(statuses, latest)
    display.data({"sources": [status_json(it, latest.get(it.source.id)) for it in statuses]})
    return 0


def remove(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Take a source out, once somebody has confirmed it."""
    source = _named(arguments.name, workshop)
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise ConfigError(f"Say --yes to remove {source.name} without being asked.")
        if input(f"Remove {source.name} and all that is indexed of it? [y/N] ").strip().lower() not in {
            "y",
            "yes",
        }:
            display.line("Nothing was removed.")
            return 0
    run = workshop.runs.request(source.id, "remove", _person())
    return _end([run], workshop, display)


def rebuild(_arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Empty the index and sync all sources anew."""
    try:
        empty_index(workshop)
    except IndexInUse as error:
        raise ConfigError(f"{error} Then rebuild again.") from None
    return _see_through(workshop.catalogue.sources(), workshop, display)


def _see_through(sources: Sequence[RegisteredSource], workshop: Workshop, display: Display) -> int:
    """Have all sources synced, one after the other."""
    # All are asked for first: should this process be stopped, a bot or worker goes on with the rest.
    requested = [
        workshop.runs.request(source.id, "remove" if source.state == "removing" else "sync", _person())
        for source in sources
    ]
    return _end(requested, workshop, display)


def _end(requested: Sequence[Run], workshop: Workshop, display: Display) -> int:
    """See the runs through, and tell how each ended as soon as it has."""
    finished = []
    for run in requested:
        finished.append(see_through(run, workshop, display))
        display.run(finished[-1])
    display.data({"runs": [run_json(run) for run in finished]})
    return 0 if all(run.state == "done" and not _failures(run) for run in finished) else 1


def _failures(run: Run) -> int:
    return run.report.failed_count if run.report else 0


def _named(name: str, workshop: Workshop) -> RegisteredSource:
    source = workshop.catalogue.source_named(name)
    if source is None:
        known = ", ".join(source.name for source in workshop.catalogue.sources()) or "none yet"
        raise ConfigError(f"There is no source called {name}. There are: {known}.")
    return source


def _person() -> str:
    """Who is at the keyboard, for the record."""
    try:
        return f"command by {getpass.getuser()}"[:64]
    except (KeyError, OSError):  # a container's user without a name
        return "command"
