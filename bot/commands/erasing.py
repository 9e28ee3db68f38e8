"""`python -m bot erase U0123ABCD`: forget one person."""

import argparse
from collections.abc import Callable
from functools import partial

from rich.console import Console

from bot.commands.keyboard import at_keyboard
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings
from workers.privacy.erasing import Erased, Erasing, person_of
from workers.tenancy.installations import slack_team_of

Ask = Callable[[str], str]

NOTHING = "There is nothing of {}."
STOPPED = "Nothing was erased."


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be said after `python -m bot erase`."""
    command.add_argument("person", metavar="ID", help="a person's id in Slack, like U0123ABCD")
    command.add_argument("--yes", action="store_true", help="do not ask whether to go on")


def erase(settings: Settings, arguments: argparse.Namespace, *, ask: Ask = input) -> None:
    """Say what there is, `ask`, and erase it. Raises ConfigError, DatabaseUnavailable."""
    person = person_of(arguments.person)
    say = partial(Console().print, highlight=False, markup=False, soft_wrap=True)
    engine = open_database(settings.storage.database_url)
    try:
        team_id = settings.storage.team_id
        erasing = Erasing(engine, team_id, slack_team_id=slack_team_of(engine, team_id))
        found = erasing.count(person)
        if found.is_nothing:
            say(NOTHING.format(person))
            return
        say(f"{person}: {told(found)}.")
        if not (arguments.yes or _agreed(ask)):
            say(STOPPED)
            return
        say(f"Erased: {told(erasing.erase(person, by=at_keyboard()))}.")
    finally:
        engine.dispose()


def told(erased: Erased) -> str:
    """The numbers in words."""
    return ", ".join(
        (
            _number(erased.questions, "question"),
            _number(erased.ratings, "rating"),
            f"the name under {_number(erased.verified_answers, 'verified answer')}",
            f"the name in {_number(erased.names, 'other place')}",
        )
    )


def _agreed(ask: Ask) -> bool:
    try:
        return ask("This cannot be undone. Erase? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        raise ConfigError("Nobody is there to answer; say --yes to erase without being asked.") from None


def _number(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"
