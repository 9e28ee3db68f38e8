"""The commands. Each returns its exit code: 0, or 1 when something could not be synced."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from ingestion.display import Display, run_json, status_json
from ingestion.kinds import KINDS, checked_options, in_words, recognise
from ingestion.registered import RegisteredSource
from ingestion.registering import Registering, Wanted
from ingestion.runs import ALL_SOURCES, Run
from ingestion.working import see_through
from ingestion.workshop import Workshop
from rag.errors import ConfigError

_SHOWN_FAILURES = 100


def add(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Register a source and sync it; one registered already takes over what is said of it now."""
    proposal = recognise(arguments.location, kind=arguments.kind)
    given = dict(arguments.options) | ({"base_url": arguments.base_url} if arguments.base_url else {})
    wanted = Wanted(
        proposal,
        name=arguments.name or proposal.name,
        options=checked_options(proposal.kind, given),
        readers=arguments.readers or frozenset(),
        every=arguments.every,
    )
    source, asked = _registering(workshop).put(wanted, by=_person(), sync=not arguments.no_sync)
    kind = KINDS[source.kind]
    display.note(
        f"{source.name}: {kind.words}, read by {', '.join(sorted(source.readers))}, "
        f"synced {in_words(source.every_seconds)}."
    )
    if arguments.no_sync:
        display.line(f"{source.name}: registered. Index it with: python -m ingestion sync")
    return _end(asked, workshop, display)


def _registering(workshop: Workshop) -> Registering:
    def opens(source: RegisteredSource) -> None:
        from ingestion.syncing import check_that_it_opens  # noqa: PLC0415  # the clients of every kind

        check_that_it_opens(source, workshop.settings, workshop.engine)

    return Registering(workshop.catalogue, workshop.runs, lambda: workshop.settings.slack, opens)


def sync(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Sync the named sources, or all; what was half removed is removed."""
    names = dict.fromkeys(arguments.names)
    sources = [_named(name, workshop) for name in names] or workshop.catalogue.sources()
    if not sources:
        display.line("No sources yet: python -m ingestion add FOLDER-OR-ADDRESS")
    return _see_through(sources, workshop, display)


def audience(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Change who may read a source; nothing is embedded for it."""
    source = _named(arguments.name, workshop)
    _, run = _registering(workshop).change_readers(source, arguments.readers, by=_person())
    return _end([run], workshop, display)


def pause(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Sync a source no more by itself, until it is resumed."""
    source = workshop.catalogue.pause(_named(arguments.name, workshop).id)
    display.line(f"{source.name}: paused. It goes on with: python -m ingestion resume '{source.name}'")
    display.data({"source": source.name, "is_paused": True})
    return 0


def resume(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Sync a paused source by its schedule again."""
    source = workshop.catalogue.resume(_named(arguments.name, workshop).id)
    display.line(f"{source.name}: synced {in_words(source.every_seconds)}.")
    display.data({"source": source.name, "is_paused": False})
    return 0


def schedule(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Change how often a source is synced by itself."""
    source = _named(arguments.name, workshop)
    workshop.catalogue.schedule(source.id, arguments.every)
    display.line(f"{source.name}: synced {in_words(arguments.every)}.")
    display.data({"source": source.name, "every_seconds": arguments.every})
    return 0


def people(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Change who is asked what a source does not say."""
    source = workshop.catalogue.name_people(_named(arguments.name, workshop).id, arguments.channel)
    display.line(
        f"{source.name}: what it does not say is asked in {source.people_channel}."
        if source.people_channel
        else f"{source.name}: names nobody to be asked."
    )
    display.data({"source": source.name, "people_channel": source.people_channel or None})
    return 0


def status(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """What is indexed: all sources, or one with what could not be read. Reads the database alone."""
    if arguments.name:
        _named(arguments.name, workshop)
    chosen = [it for it in workshop.catalogue.overview() if arguments.name in {None, it.source.name}]
    latest = workshop.runs.latest()
    failing = {it.source.id: workshop.catalogue.failing(it.source.id, limit=_SHOWN_FAILURES) for it in chosen}
    if arguments.name:
        display.details(chosen[0], latest.get(chosen[0].source.id), failing[chosen[0].source.id])
    else:
        display.status(chosen, latest)
    rebuild = latest.get(ALL_SOURCES)
    display.data(
        {
            "sources": [status_json(it, latest.get(it.source.id), failing[it.source.id]) for it in chosen],
            "rebuild": run_json(rebuild) if rebuild else None,
        }
    )
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
    """Build the index anew beside the one that answers, and switch."""
    return _end([workshop.runs.request(ALL_SOURCES, "rebuild", _person())], workshop, display)


def move(arguments: argparse.Namespace, workshop: Workshop, display: Display) -> int:
    """Copy the index or the database to another engine."""
    from ingestion.moving import move_database, move_index  # noqa: PLC0415  # the clients of every engine

    runs, settings, to = workshop.runs, workshop.settings, arguments.to
    with display.progress("moving") as show:
        if to.startswith(("sqlite:", "postgresql")):
            moved = move_database(settings, to, runs=runs)
        else:
            moved = move_index(settings, None if to == "embedded" else to, runs=runs, told=show)
    display.line(
        f"Copied and compared: {moved.what}. Before you start the bot again, set {moved.settings[0]}"
    )
    display.data({"moved": moved.what, "settings": moved.settings})
    return 0


def _see_through(sources: Sequence[RegisteredSource], workshop: Workshop, display: Display) -> int:
    """Have all sources synced, one after the other."""
    ask = _registering(workshop).ask
    # All are asked for first: should this process be stopped, a bot or worker goes on with the rest.
    return _end([ask(source, "sync", _person()) for source in sources], workshop, display)


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
