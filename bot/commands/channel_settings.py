"""`python -m bot channel`: what is set for single channels, shown and changed."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.commands.keyboard import at_keyboard
from ingestion.catalogue import Catalogue
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings
from workers.channels import AS_EVERYWHERE, MOST_HOURS, Channels, ChannelSettings
from workers.languages import LANGUAGES

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_EVERYWHERE = "as everywhere"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be said after `python -m bot channel`."""
    command.add_argument(
        "channel", nargs="?", metavar="ID", help="a channel's id, like C0123ABCD (default: all)"
    )
    command.add_argument(
        "--follow-ups",
        choices=("questions", "always", "never", "default"),
        help="what is answered without a mention in a thread where the bot has answered",
    )
    command.add_argument(
        "--auto-answer",
        metavar="BAR",
        help="the confidence (0 to 1, as 0.6) from which on questions are answered that nobody asked the bot; off: none are",
    )
    command.add_argument(
        "--people",
        metavar="ID",
        help="the channel whose people are asked what the documents do not say; none: nobody is; default: as everywhere",
    )
    command.add_argument(
        "--sources",
        metavar="NAMES",
        help="the sources that are searched, with commas between; all: every one",
    )
    command.add_argument(
        "--language",
        choices=(*LANGUAGES, "default"),
        help="the language of all answers there; default: each asker's own",
    )
    command.add_argument(
        "--hours",
        metavar="N",
        help="for how long after the last question a thread is followed; default: as everywhere",
    )
    command.add_argument("--reset", action="store_true", help="everything as everywhere again")


def change_or_show(settings: Settings, arguments: argparse.Namespace) -> None:
    """Do what was said, and print how it is now. Raises ConfigError, DatabaseUnavailable."""
    engine = open_database(settings.storage.database_url)
    try:
        team_id = settings.storage.team_id
        channels = Channels(engine, team_id)
        names = {source.id: source.name for source in Catalogue(engine, team_id).sources()}
        channel_id = arguments.channel and checked_channel(arguments.channel)
        asked = said(arguments, names)
        if (asked or arguments.reset) and not channel_id:
            raise ConfigError("Say which channel by its id: python -m bot channel C0123ABCD …")
        if asked or arguments.reset:
            before = AS_EVERYWHERE if arguments.reset else channels.of(channel_id)
            channels.put(channel_id, replace(before, **asked), by=at_keyboard())
        console = Console()
        if channel_id:
            console.print(one(channel_id, channels.of(channel_id), names))
        else:
            console.print(listed(channels, names))
    finally:
        engine.dispose()


def checked_channel(text: str) -> str:
    """A channel's id. Raises ConfigError for a name: it may be another channel's tomorrow."""
    if not _CHANNEL.fullmatch(text):
        raise ConfigError(
            f"{text} is no channel id such as C0123ABCD. In Slack it stands at the end of the channel's details."
        )
    return text


def said(arguments: argparse.Namespace, names: Mapping[str, str]) -> dict[str, Any]:
    """The fields that were given, as `ChannelSettings` has them; `names` are those of the sources by id. Raises ConfigError."""
    found: dict[str, Any] = {}
    if arguments.follow_ups:
        found["follow_ups"] = None if arguments.follow_ups == "default" else arguments.follow_ups
    if arguments.auto_answer:
        found["auto_answer"] = None if arguments.auto_answer == "off" else _bar(arguments.auto_answer)
    if arguments.people:
        found["people_channel"] = _people(arguments.people)
    if arguments.sources:
        found["sources"] = None if arguments.sources == "all" else _sources(arguments.sources, names)
    if arguments.language:
        found["language"] = None if arguments.language == "default" else arguments.language
    if arguments.hours:
        found["follow_up_hours"] = None if arguments.hours == "default" else _hours(arguments.hours)
    return found


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise ConfigError(
            f"--hours is a number of hours up to {MOST_HOURS} such as 8, or default; not {text}."
        )
    return hours


def _bar(text: str) -> float:
    try:
        bar = float(text)
    except ValueError:
        bar = -1.0
    if not 0 <= bar <= 1:
        raise ConfigError(f"--auto-answer is off, or a confidence from 0 to 1 such as 0.6; not {text}.")
    return bar


def _people(text: str) -> str | None:
    return None if text == "default" else "" if text == "none" else checked_channel(text)


def _sources(given: str, names: Mapping[str, str]) -> frozenset[str]:
    ids = {name: source_id for source_id, name in names.items()}
    asked = [name for part in given.split(",") if (name := part.strip())]
    for name in asked:
        if name not in ids:
            near = get_close_matches(name, ids, n=1)
            known = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(ids) or 'none yet'}."
            raise ConfigError(f"There is no source called {name}. {known}")
    if not asked:
        raise ConfigError("Name at least one source with --sources, or say all.")
    return frozenset(ids[name] for name in asked)


def one(channel_id: str, settings: ChannelSettings, names: Mapping[str, str]) -> Table:
    """What holds in a channel, for people."""
    table = Table(title=channel_id, title_justify="left", show_header=False)
    for what, value in _in_words(settings, names).items():
        table.add_row(what, value)
    return table


def listed(channels: Channels, names: Mapping[str, str]) -> Table:
    """All channels for which something is set, for people."""
    table = Table("channel", *_in_words(AS_EVERYWHERE, names), "changed")
    for channel_id, changed in channels.all().items():
        words = _in_words(changed.settings, names).values()
        table.add_row(channel_id, *words, f"{changed.at:%Y-%m-%d %H:%M} UTC, {changed.by}")
    return table


def _in_words(settings: ChannelSettings, names: Mapping[str, str]) -> dict[str, str]:
    """A removed source is still named: while it is, nothing else is searched in its place."""
    searched = sorted(names.get(source_id, "(removed)") for source_id in settings.sources or ())
    nobody_named = _EVERYWHERE if settings.people_channel is None else "nobody"
    return {
        "follow-ups": settings.follow_ups or _EVERYWHERE,
        "auto-answer": "off" if settings.auto_answer is None else f"from {settings.auto_answer:g}",
        "people asked": settings.people_channel or nobody_named,
        "language": LANGUAGES[settings.language] if settings.language else "the asker's",
        "followed for": f"{settings.follow_up_hours:g} h" if settings.follow_up_hours else _EVERYWHERE,
        "sources": ", ".join(searched) if settings.sources is not None else "all",
    }
