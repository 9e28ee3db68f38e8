"""The key that seals tokens, made and changed."""

from argparse import Namespace
from pathlib import Path

import pytest
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Installation

from bot.commands.keys import reseal, show_new_key
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings, SlackOAuthSettings, StorageSettings
from workers.tenancy.installations import Installations
from workers.tenancy.sealing import Seal, new_key


def settings_with(folder: Path, keys: str) -> Settings:
    return Settings(
        storage=StorageSettings(data_dir=folder), slack_oauth=SlackOAuthSettings(token_key=SecretStr(keys))
    )


def test_what_was_sealed_with_the_old_key_is_opened_by_the_new_one_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = new_key(), new_key()
    settings = settings_with(tmp_path, f"{new},{old}")
    engine = open_database(settings.storage.database_url)
    kept = Installations(engine, Seal(old))
    kept.save(Installation(team_id="T1", bot_token="xoxb-1", user_id="U1"))
    reseal(settings, Namespace())
    [installed] = kept.all()
    assert Installations(engine, Seal(new)).token(installed) == "xoxb-1"
    with pytest.raises(ConfigError, match="SLACK_TOKEN_KEY does not open"):
        kept.token(installed)
    engine.dispose()
    said = capsys.readouterr().out
    assert "1 workspaces" in said
    assert "xoxb" not in said


def test_a_new_key_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_new_key(settings_with(tmp_path, "none"), Namespace()) == 0
    Seal(capsys.readouterr().out.strip())
