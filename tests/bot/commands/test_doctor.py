"""The doctor says what is wrong in a line, whatever is wrong; Slack is the sandbox."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.commands.doctor import Check, checks_of, examine, line, summary
from bot.commands.doctor_services import broker, database, index, language_model, settings_of
from bot.commands.doctor_slack import admin_channel, bot_token, judged, receiving, scopes
from bot.commands.finding import Finding, failed, fine, warning
from bot.scopes import FEATURES
from evals.processes import free_port
from rag.adapters.edge_generations import EdgeGenerations
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import (
    AdminSettings,
    IndexSettings,
    JobSettings,
    LLMSettings,
    Settings,
    SlackHttpSettings,
    SlackSettings,
    StorageSettings,
)
from sandbox.server import SandboxServer
from tests.scripted_llm import Fault, ScriptedLLM

ROOT = Path(__file__).parent.parent.parent.parent
CLOSED = f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(manifest=ROOT / "manifest.json") as server:
        yield server


def slack(server: SandboxServer, **changed: Any) -> SlackSettings:
    given = {"bot_token": server.bot_token, "app_token": server.app_token, "api_url": server.api_url}
    return SlackSettings(**(given | changed), timeout_seconds=2)


def one(findings: list[Finding]) -> Finding:
    assert len(findings) == 1
    return findings[0]


def states(findings: list[Finding]) -> list[str]:
    return [finding.state for finding in findings]


def test_tokens_that_are_right(server: SandboxServer) -> None:
    settings = Settings(slack=slack(server))
    token, granted = bot_token(settings)
    assert (token.state, granted.state) == ("ok", "ok")
    assert one(receiving(settings)).state == "ok"


@pytest.mark.parametrize(
    ("token", "code"),
    [("xoxb-wrong", "invalid_auth"), ("", "not_allowed_token_type")],
    ids=["wrong", "mixed up"],
)
def test_a_token_that_is_refused(server: SandboxServer, token: str, code: str) -> None:
    settings = Settings(
        slack=slack(server).model_copy(update={"bot_token": SecretStr(token or server.app_token)})
    )
    found = one(bot_token(settings))
    assert found.state == "failed" and code in found.text
    assert "SLACK_BOT_TOKEN" in found.remedy
    assert "wrong" not in found.text + found.remedy


def test_slack_that_is_away(server: SandboxServer) -> None:
    settings = Settings(
        slack=slack(server, api_url=f"http://{CLOSED}/api/"), admin=AdminSettings(channel="C01ADMIN")
    )
    for check in (bot_token, receiving, admin_channel):
        found = one(check(settings))
        assert found.state == "failed" and "SLACK_API_URL" in found.remedy


def test_a_missing_scope_is_named_with_what_does_not_work(tmp_path: Path) -> None:
    manifest = json.loads((ROOT / "manifest.json").read_text())
    manifest["oauth_config"]["scopes"]["bot"].remove("files:read")
    manifest["oauth_config"]["scopes"]["bot"].append("reactions:write")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with SandboxServer(manifest=tmp_path / "manifest.json") as server:
        token, lacking, unused = bot_token(Settings(slack=slack(server)))
    assert token.state == "ok"
    assert (
        lacking.state == "failed" and "files:read" in lacking.text and FEATURES["files:read"] in lacking.text
    )
    assert unused.state == "warning" and "reactions:write" in unused.text


def test_by_http_a_secret_is_needed_and_no_app_token(server: SandboxServer) -> None:
    by_http = slack(server).model_copy(update={"mode": "http", "app_token": None})
    secret = SlackHttpSettings(signing_secret=SecretStr("s" * 32))
    assert one(receiving(Settings(slack=by_http, slack_http=secret))).state == "ok"
    with pytest.raises(ConfigError, match="SLACK_SIGNING_SECRET"):
        receiving(Settings(slack=by_http))


def test_every_scope_is_missed() -> None:
    assert len(scopes(set())) == len(FEATURES)
    assert states(scopes(set(FEATURES))) == ["ok"]


def test_slack_that_tells_no_scopes() -> None:
    with SandboxServer() as server:
        assert states(bot_token(Settings(slack=slack(server)))) == ["ok", "warning"]


@pytest.mark.parametrize(
    ("channel", "state", "said"),
    [
        ("", "warning", "ADMIN_CHANNEL is not set"),
        ("C01ADMIN", "ok", "private"),
        ("C01GENERAL", "failed", "public"),
        ("C0NOWHERE", "failed", "not there"),
    ],
)
def test_the_admin_channel(server: SandboxServer, channel: str, state: str, said: str) -> None:
    found = one(admin_channel(Settings(slack=slack(server), admin=AdminSettings(channel=channel))))
    assert found.state == state and said in found.text


@pytest.mark.parametrize("fault", [{"is_ext_shared": True}, {"is_archived": True}, {"is_member": False}])
def test_an_admin_channel_that_is_not_as_it_must_be(fault: dict[str, bool]) -> None:
    assert judged("C1", {"is_private": True, "is_member": True} | fault).state == "failed"


def test_the_broker() -> None:
    assert one(broker(Settings(jobs=JobSettings(broker_url="memory://")))).state == "ok"
    away = one(broker(Settings(jobs=JobSettings(broker_url=f"redis://:hidden@{CLOSED}/0"))))
    assert away.state == "failed" and "BROKER_URL" in away.remedy
    assert "hidden" not in away.text + away.remedy


def test_the_database(tmp_path: Path) -> None:
    file = tmp_path / "footnote.db"
    settings = Settings(storage=StorageSettings(database_url=f"sqlite:///{file}"))
    assert one(database(settings)).state == "ok"
    assert not file.exists()
    file.touch()
    assert one(database(settings)).state == "warning"
    open_database(f"sqlite:///{file}").dispose()
    assert one(database(settings)).state == "ok"
    url = f"postgresql+psycopg://me:hidden@{CLOSED}/footnote"
    away = one(database(Settings(storage=StorageSettings(database_url=url))))
    assert away.state == "failed" and "hidden" not in away.text + away.remedy


def test_the_index(tmp_path: Path) -> None:
    settings = Settings(storage=StorageSettings(data_dir=tmp_path), index=IndexSettings())
    assert one(index(settings)).state == "ok"
    assert list(tmp_path.iterdir()) == []
    held = EdgeGenerations.open(tmp_path / "index" / "footnote")
    assert "open" in one(index(settings)).text
    held.close()
    assert one(index(settings)).state == "warning"
    away = one(index(Settings(storage=StorageSettings(), index=IndexSettings(url=f"http://{CLOSED}"))))
    assert away.state == "failed" and "INDEX_URL" in away.remedy


def test_the_language_model() -> None:
    def asked(url: str | None) -> Finding:
        return one(language_model(Settings(llm=LLMSettings(base_url=url, timeout_seconds=2))))

    with ScriptedLLM() as llm:
        llm.enqueue("ok", Fault("status", status=401), Fault("status", status=503))
        assert asked(llm.base_url).state == "ok"
        refused, away = asked(llm.base_url), asked(llm.base_url)
    assert refused.state == "failed" and "LLM_API_KEY" in refused.text
    assert away.state == "failed" and "LLM_BASE_URL" in away.remedy


def test_no_check_stops_the_others_or_takes_for_ever() -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("with something secret")

    def asleep() -> list[Finding]:
        time.sleep(60)
        return []

    began = time.monotonic()
    checks = [Check("a", broken), Check("b", asleep, seconds=0.2), Check("c", lambda: [fine("c", "well")])]
    found = list(examine(checks))
    assert states(found) == ["failed", "failed", "ok"]
    assert "secret" not in found[0].text
    assert time.monotonic() - began < 5


def test_what_people_read() -> None:
    assert line(failed("x", "it is [red]", "Do it.")).endswith(r"it is \[red]. Do it.")
    assert summary([fine("x", "")]) == "All is well."
    assert summary([warning("x", ""), fine("y", "")]) == "Nothing failed; 1 to look at."
    assert summary([failed("x", "")]).startswith("1 failed")


def test_settings_without_a_fault() -> None:
    assert one(settings_of(Settings())).state == "ok"


def test_names_of_checks_are_told_once() -> None:
    names = [check.name for check in checks_of(Settings())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("token", "code"), [("", 0), ("xoxb-wrong", 1)], ids=["well", "ill"])
def test_the_command(server: SandboxServer, tmp_path: Path, token: str, code: int) -> None:
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - the process started here needs one
        "HF_HUB_OFFLINE": "1",
        "SLACK_BOT_TOKEN": token or server.bot_token,
        "SLACK_APP_TOKEN": server.app_token,
        "SLACK_API_URL": server.api_url,
        "ADMIN_CHANNEL": "C01ADMIN",
        "DATA_DIR": str(tmp_path),
        "RETRIEVAL_PASSAGES": "0" if code else "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (code, "")
    assert told["verdict"] == ("failed" if code else "ok")
    wrong = {check["name"] for check in told["checks"] if check["state"] == "failed"}
    assert wrong == ({"settings", "bot token", "admin channel"} if code else set())
