"""Tokens of workspaces: kept sealed, opened for their own workspace alone, forgotten when the app is taken out. On both databases."""

from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine, select, update

from rag.database import open_database, transaction
from rag.errors import ConfigError
from workers.privacy.erasing import SOMEBODY, Erasing
from workers.tenancy.install_states import InstallStates, TooMany, install_states
from workers.tenancy.installations import WORKSPACE_URL, Installations, installations
from workers.tenancy.sealing import Seal, new_key

KEY = new_key()
TOKEN = "xoxb-1111-very-secret"


def installation(team_id: str = "T1", token: str = TOKEN, user_id: str = "U1INES") -> Installation:
    return Installation(
        app_id="A1",
        team_id=team_id,
        team_name="Fernway",
        bot_token=token,
        bot_id="B1",
        bot_user_id="U1BOT",
        bot_scopes="chat:write,users:read",
        user_id=user_id,
        custom_values={WORKSPACE_URL: "https://fernway.slack.com/"},
    )


@pytest.fixture
def store(engine: Engine) -> Installations:
    return Installations(engine, Seal(KEY))


def test_what_was_saved_is_found_with_its_token(store: Installations) -> None:
    store.save(installation())
    installed = store.of("T1")
    assert installed is not None
    assert (installed.team_name, installed.bot_user_id, installed.installed_by) == (
        "Fernway",
        "U1BOT",
        "U1INES",
    )
    assert installed.workspace_url == "https://fernway.slack.com/"
    assert installed.scopes == "chat:write,users:read"
    assert store.token(installed) == TOKEN
    bot = store.find_bot(enterprise_id=None, team_id="T1")
    assert bot is not None
    assert (bot.bot_token, bot.team_id) == (TOKEN, "T1")
    assert store.find_bot(enterprise_id=None, team_id="T2") is None
    assert store.find_bot(enterprise_id="E1", team_id="T1", is_enterprise_install=True) is None


def test_the_last_installation_counts_and_the_admin_channel_stays(store: Installations) -> None:
    store.save(installation())
    assert store.administer_from("T1", "C1ADMIN")
    assert not store.administer_from("T2", "C1ADMIN")
    store.save(installation(token="xoxb-2"))
    [only] = store.all()
    assert (store.token(only), only.admin_channel) == ("xoxb-2", "C1ADMIN")


def test_one_is_forgotten_and_the_others_stay(store: Installations) -> None:
    store.save(installation("T1"))
    store.save(installation("T2", "xoxb-2"))
    store.delete_installation(enterprise_id=None, team_id="T1", user_id="U1INES")
    assert store.of("T1") is not None, "one person's permission is not the app's"
    for _ in range(2):
        store.delete_all(enterprise_id=None, team_id="T1")
    assert [one.team_id for one in store.all()] == ["T2"]


@pytest.mark.parametrize(
    "given", [installation(token=""), Installation(user_id="U1", enterprise_id="E1", bot_token="xoxb-1")]
)
def test_without_a_workspace_or_a_bot_there_is_nothing_to_keep(
    store: Installations, given: Installation
) -> None:
    with pytest.raises(ConfigError):
        store.save(given)
    assert store.all() == []


def test_no_token_can_be_read_in_the_database_file(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    Installations(engine, Seal(KEY)).save(installation())
    engine.dispose()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"U1INES" in written
    assert TOKEN.encode() not in written
    assert b"very-secret" not in written
    assert b"xoxb" not in written


def test_nor_does_what_is_kept_say_it_when_it_is_printed(store: Installations) -> None:
    store.save(installation())
    installed = store.of("T1")
    assert installed is not None
    assert installed.sealed_token not in repr(installed)


def test_a_token_copied_to_another_workspace_opens_to_nothing(store: Installations, engine: Engine) -> None:
    store.save(installation("T1"))
    store.save(installation("T2", "xoxb-2"))
    with transaction(engine) as connection:
        sealed = connection.execute(
            select(installations.c.bot_token).where(installations.c.team_id == "T1")
        ).scalar_one()
        connection.execute(
            update(installations).where(installations.c.team_id == "T2").values(bot_token=sealed)
        )
    second = store.of("T2")
    assert second is not None
    with pytest.raises(ConfigError, match="workspace T2"):
        store.token(second)


def test_another_key_opens_nothing_and_a_further_one_seals_anew(store: Installations, engine: Engine) -> None:
    store.save(installation())
    newer = new_key()
    with pytest.raises(ConfigError, match="SLACK_TOKEN_KEY does not open"):
        Installations(engine, Seal(newer)).find_bot(enterprise_id=None, team_id="T1")
    both = Installations(engine, Seal(f"{newer}, {KEY}"))
    assert both.reseal() == 1
    alone = Installations(engine, Seal(newer))
    assert [alone.token(one) for one in alone.all()] == [TOKEN]


@pytest.mark.parametrize(
    "keys",
    ["", " , ", "secret", f"{KEY},secret", KEY[:-2]],
    ids=["none", "empty", "no key", "one of two", "cut off"],  # a key is another one in each process
)
def test_what_is_no_key_is_told_without_being_shown(keys: str) -> None:
    with pytest.raises(ConfigError, match="SLACK_TOKEN_KEY is malformed") as raised:
        Seal(keys)
    assert "secret" not in str(raised.value)


def test_who_installed_it_may_be_erased(store: Installations, engine: Engine) -> None:
    store.save(installation(user_id="U1INES"))
    store.save(installation("T2", user_id="U1INES"))
    assert Erasing(engine, "T1").erase("U1INES", by="test").names == 1
    assert [one.installed_by for one in store.all()] == [SOMEBODY, "U1INES"]


def test_a_state_is_good_once(engine: Engine) -> None:
    states = InstallStates(engine)
    state, other = states.issue(), states.issue()
    assert not states.consume("forged")
    assert states.consume(state)
    assert not states.consume(state)
    assert states.consume(other)


def test_a_state_is_good_for_its_time_and_then_deleted(engine: Engine) -> None:
    old = InstallStates(engine, seconds=-1).issue()
    states = InstallStates(engine)
    assert not states.consume(old)
    states.issue()
    with transaction(engine) as connection:
        assert len(connection.execute(select(install_states)).all()) == 1


def test_states_are_not_kept_as_they_are_and_not_without_end(engine: Engine) -> None:
    states = InstallStates(engine, most=2)
    issued = {states.issue(), states.issue()}
    with pytest.raises(TooMany):
        states.issue()
    with transaction(engine) as connection:
        assert not issued & {*connection.execute(select(install_states.c.hash)).scalars()}
