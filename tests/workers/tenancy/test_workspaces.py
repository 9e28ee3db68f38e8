"""What is built for each workspace: once, anew when its installation changes, never with what opens the operator's doors."""

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine

from rag.errors import DatabaseUnavailable
from rag.settings import Settings, SlackSettings, StorageSettings, TenancySettings
from rag.tenancy import settings_for, settings_here
from workers.tenancy.installations import Installations, Installed
from workers.tenancy.sealing import Seal, new_key
from workers.tenancy.workspaces import Workspaces

KEY = new_key()


def settings() -> Settings:
    return Settings(
        slack=SlackSettings(mode="http", client_id="1.2"), storage=StorageSettings(team_id="default")
    )


@pytest.fixture
def kept(engine: Engine) -> Installations:
    kept = Installations(engine, Seal(KEY))
    for team_id in ("T1", "T2"):
        kept.save(Installation(team_id=team_id, bot_token=f"xoxb-{team_id}", user_id="U1"))
    return kept


def built(own: Settings, installed: Installed) -> list[str]:
    return [installed.team_id, own.storage.team_id, own.slack.bot_token.get_secret_value(), own.admin.channel]


def test_once_and_anew_when_token_or_admin_channel_is_another(kept: Installations) -> None:
    workspaces = Workspaces(settings(), kept, built)
    first = workspaces.of("T1")
    assert first == ["T1", "T1", "xoxb-T1", ""]
    assert workspaces.of("T1") is first
    assert workspaces.all()[0] is first
    kept.administer_from("T1", "C1")
    changed = workspaces.of("T1")
    assert changed == ["T1", "T1", "xoxb-T1", "C1"]
    kept.save(Installation(team_id="T1", bot_token="xoxb-new", user_id="U2"))
    assert workspaces.of("T1") == ["T1", "T1", "xoxb-new", "C1"]
    assert [one[0] for one in workspaces.all()] == ["T1", "T2"]


def test_none_where_it_is_not_installed_any_more_or_never_was(kept: Installations) -> None:
    workspaces = Workspaces(settings(), kept, built)
    assert workspaces.of("T1") is not None
    kept.delete_bot(enterprise_id=None, team_id="T1")
    assert workspaces.of("T1") is None
    assert workspaces.of("T9") is None
    assert [one[0] for one in workspaces.all()] == ["T2"]


def test_a_token_that_cannot_be_opened_leaves_that_workspace_out(
    engine: Engine, kept: Installations, caplog: pytest.LogCaptureFixture
) -> None:
    other = Installations(engine, Seal(new_key()))
    other.save(Installation(team_id="T3", bot_token="xoxb-T3", user_id="U1"))
    workspaces = Workspaces(settings(), kept, built)
    assert workspaces.of("T3") is None
    assert [one[0] for one in workspaces.all()] == ["T1", "T2"]
    assert "workspace T3 is not served: SLACK_TOKEN_KEY does not open" in caplog.text
    assert "xoxb" not in caplog.text


class Away(Installations):
    def of(self, team_id: str) -> Installed | None:
        raise DatabaseUnavailable("away")


def test_a_database_that_is_away_is_told(engine: Engine) -> None:
    with pytest.raises(DatabaseUnavailable):
        Workspaces(settings(), Away(engine, Seal(KEY)), built).of("T1")


def test_commands_of_the_operators_open_none_of_their_doors_for_a_workspace() -> None:
    alone = Settings(tenancy=TenancySettings(client_id=""))
    assert settings_here(alone) is alone
    given = settings()
    several = settings_here(Settings(**vars(given) | {"tenancy": TenancySettings(client_id="1.2")}))
    assert several.git.token is None
    assert several.storage.team_id == "default"
    assert settings_for(given, "T1").storage.database_url == given.storage.database_url
