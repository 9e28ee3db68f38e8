"""`python -m bot key` and `python -m bot reseal`: the key that seals the tokens of workspaces, made and changed."""

import argparse
import sys

from rag.database import open_database
from rag.settings import Settings
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal, new_key


def show_new_key(_: Settings, __: argparse.Namespace) -> int:
    """Print a fresh one; nothing is changed."""
    sys.stdout.write(f"{new_key()}\n")
    return 0


def reseal(settings: Settings, _: argparse.Namespace) -> None:
    """Seal what is kept with the first key of SLACK_TOKEN_KEY. Raises ConfigError where no key opens it."""
    seal = Seal(settings.slack_oauth.token_key.get_secret_value())
    engine = open_database(settings.storage.database_url)
    try:
        number = Installations(engine, seal).reseal()
    finally:
        engine.dispose()
    sys.stdout.write(f"Sealed the tokens of {number} workspaces with the first key; the other keys can go.\n")
