"""`python -m bot erase`: what it says, and that it asks first."""

import argparse
from pathlib import Path

import pytest

from bot.commands.erasing import NOTHING, STOPPED, add_arguments, erase
from rag.database import open_database
from rag.domain import Answer, Outcome
from rag.errors import ConfigError
from rag.settings import Settings, StorageSettings
from workers.asked import Incoming
from workers.ledger import Ledger

FOUND = "1 question, 0 ratings, the name under 0 verified answers, the name in 0 other places"


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([*words])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(storage=StorageSettings(data_dir=tmp_path, database_url="", team_id="T"))
    engine = open_database(settings.storage.database_url)
    asked = Incoming("T1", "C1", "1.5", "1.5", "U0INES", "how many days?")
    Ledger(engine).accept(asked, Answer("25", Outcome.ANSWERED))
    engine.dispose()
    return settings


def yes(_: str) -> str:
    return "y"


def nobody(_: str) -> str:
    raise EOFError


def test_it_asks_and_erases(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    erase(settings, arguments("U0INES"), ask=lambda _: "")
    assert capsys.readouterr().out == f"U0INES: {FOUND}.\n{STOPPED}\n"
    erase(settings, arguments("U0INES"), ask=yes)
    assert capsys.readouterr().out == f"U0INES: {FOUND}.\nErased: {FOUND}.\n"
    erase(settings, arguments("U0INES"), ask=nobody)
    assert capsys.readouterr().out == NOTHING.format("U0INES") + "\n"


def test_nobody_is_asked_where_that_is_said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="--yes"):
        erase(settings, arguments("U0INES"), ask=nobody)
    erase(settings, arguments("U0INES", "--yes"), ask=nobody)
    assert f"Erased: {FOUND}." in capsys.readouterr().out
