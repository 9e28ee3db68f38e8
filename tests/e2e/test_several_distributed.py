"""Two workspaces served by processes of their own, by the settings of .env: as docker-compose.yml starts them, with one worker killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from evals.stack import ServerMissing, Stack, distributed
from sandbox.client import Message, Sandbox
from tests.conftest import missing
from tests.e2e.installing import install
from tests.e2e.test_http_mode import SECRET, delivered_to, free_port
from tests.e2e.waiting import eventually
from tests.sandbox.test_installs import second_workspace
from workers.replies import PLACEHOLDER
from workers.tenancy.sealing import new_key

TEAMS = {"T01FERNWAY": "25", "T02BRIGHT": "31"}
QUESTION = "<@U01FOOTNOTE> how many days of annual leave do I have?"
SECONDS = 40


@dataclass
class Hosting:
    stack: Stack
    port: int

    def slack(self, team_id: str) -> Sandbox:
        url = self.stack.sandbox.url
        return self.stack.sandbox if team_id == "T01FERNWAY" else Sandbox(f"{url}/{team_id}")

    def command(self, *arguments: str, team_id: str = "default") -> str:
        """What a command of the operator's prints."""
        ended = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.stack.folder,
            env=self.stack.environment | {"TEAM_ID": team_id},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def ask(self, team_id: str) -> str:
        return self.slack(team_id).post("marco", QUESTION, channel="general")

    def answer(self, team_id: str, ts: str) -> Message:
        return self.slack(team_id).wait_for_reply("general", ts, SECONDS, lambda one: one.text != PLACEHOLDER)

    def answered(self, team_id: str) -> str:
        return self.answer(team_id, self.ask(team_id)).as_text()


@pytest.fixture(scope="module")
def hosting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosting]:
    port = free_port()
    settings = {
        "SLACK_MODE": "http",
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_CLIENT_ID": "client-footnote",
        "SLACK_CLIENT_SECRET": "secret-footnote",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_TOKEN_KEY": new_key(),
        "SLACK_HTTP_PORT": str(port),
        "QUESTION_LEASE_SECONDS": "4",
        "SWEEP_SECONDS": "1",
    }
    seed = second_workspace(tmp_path_factory.mktemp("seed"))
    with ExitStack() as closing:
        try:
            stack = closing.enter_context(distributed(workers=2, settings=settings, teams=[seed]))
        except ServerMissing as error:
            missing("servers for the distributed mode", error)
            return
        hosting = Hosting(stack, port)
        for team_id, days in TEAMS.items():
            eventually(lambda team_id=team_id: delivered_to(hosting.slack(team_id), port), 30)
            assert install(port, team_id)[0] == 200
            folder = tmp_path_factory.mktemp(team_id)
            (folder / "leave.md").write_text(
                f"# Annual leave\n\nFull-time employees have {days} days of annual leave each year."
            )
            hosting.command("ingestion", "add", str(folder), "--name", "handbook", team_id=team_id)
        yield hosting


@pytest.mark.parametrize(("team_id", "days"), TEAMS.items())
def test_each_is_answered_from_its_own(hosting: Hosting, team_id: str, days: str) -> None:
    said = hosting.answered(team_id)
    assert f"{days} days" in said
    assert not [other for other in TEAMS.values() if other != days and f"{other} days" in said]


def test_a_worker_killed_in_the_middle_mixes_nothing_up(hosting: Hosting) -> None:
    victim = hosting.stack.workers[0]
    asked = [(team_id, hosting.ask(team_id)) for _ in range(4) for team_id in TEAMS]
    victim.kill()
    victim.start()
    for team_id, ts in asked:
        said = hosting.answer(team_id, ts).as_text()
        assert f"{TEAMS[team_id]} days" in said
        assert len([one for one in hosting.slack(team_id).thread("general", ts) if one.from_app]) == 1


def test_the_doctor_looks_at_both_and_a_rebuild_keeps_both(hosting: Hosting) -> None:
    found = json.loads(hosting.command("bot", "doctor", "--json"))
    told = {one["name"]: one["state"] for one in found["checks"]}
    assert {name: told[name] for name in told if name.startswith("workspace")} == {
        f"workspace {team_id}": "warning"
        for team_id in TEAMS  # nobody administers it yet
    }
    hosting.command("ingestion", "rebuild")
    for team_id, days in TEAMS.items():
        assert f"{days} days" in hosting.answered(team_id)
        assert "handbook" in hosting.command("ingestion", "status", team_id=team_id)
    assert "handbook" not in hosting.command("ingestion", "status")


def test_no_process_logs_a_token_a_code_or_what_was_said(hosting: Hosting) -> None:
    for process in hosting.stack.processes:
        if process.name not in {"sandbox", "redis", "index"}:
            written = process.output()
            assert not [word for word in ("xoxb", "code=", "state=", "annual leave") if word in written]
