"""`python -m bot` with SLACK_MODE=http: Slack delivers to its Request URL, and all goes on as with a socket."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.running import run
from rag.settings import Settings, SlackHttpSettings, SlackSettings
from sandbox.client import Message, Refused, Sandbox
from sandbox.server import SandboxServer
from tests.e2e.conftest import index
from tests.e2e.pages import write_pages
from tests.e2e.test_ask import last
from tests.e2e.waiting import eventually
from workers.replies import PLACEHOLDER

ROOT = Path(__file__).parent.parent.parent
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
QUESTION = "how many days of annual leave do I have?"
SECONDS = 20


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def url_of(port: int) -> str:
    return f"http://127.0.0.1:{port}/slack/events"


def delivered_to(sandbox: Sandbox, port: int, secret: str = SECRET) -> bool:
    """Whether the bot gives the challenge back; then the sandbox delivers there."""
    try:
        sandbox.deliver_to(url_of(port), secret)
    except Refused:
        return False
    return True


@pytest.fixture(scope="module")
def by_http(
    server: SandboxServer, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """The bot of this folder's other tests, without a socket and without the token for one."""
    port = free_port()
    slack = settings.slack.model_dump() | {"mode": "http", "app_token": None}
    told = Settings(
        **vars(settings)
        | {
            "slack": SlackSettings(**slack),
            "slack_http": SlackHttpSettings(signing_secret=SECRET, http_port=port),
        }
    )
    stop = threading.Event()
    thread = threading.Thread(target=run, args=[told, stop], name="bot")
    thread.start()
    try:
        eventually(lambda: delivered_to(server.client, port), 60)
        index(told, write_pages(tmp_path_factory.mktemp("pages")))
        yield server.client
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def is_final(message: Message) -> bool:
    return message.text != PLACEHOLDER


def test_a_mention_is_answered_without_a_socket(by_http: Sandbox) -> None:
    ts = by_http.post("marco", f"<@U01FOOTNOTE> {QUESTION}", channel="general")
    assert "25 days" in by_http.wait_for_reply("general", ts, SECONDS, is_final).as_text()
    assert sum(by_http.sockets().values()) == 0


@pytest.mark.parametrize("with_header", [True, False])
def test_what_slack_tells_again_is_answered_once(by_http: Sandbox, with_header: bool) -> None:
    by_http.duplicate_events(4, with_header=with_header)
    by_http.refuse_acks(1)
    ts = by_http.post("marco", f"<@U01FOOTNOTE> {QUESTION}", channel="general")
    by_http.wait_for_reply("general", ts, SECONDS, is_final)
    eventually(lambda: all(one["outcome"] != "pending" for one in by_http.deliveries("app_mention")))
    assert len([message for message in by_http.thread("general", ts) if message.from_app]) == 1


def test_a_slash_command_is_answered_to_the_asker(by_http: Sandbox) -> None:
    by_http.command("marco", "/ask", QUESTION, channel="general")
    assert "25 days" in last(by_http, "marco", "general").as_text()
    told = by_http.deliveries("slash_commands")[-1]
    assert told["outcome"] == "acknowledged"
    assert told["ack_payload"]["response_type"] == "ephemeral"


def test_a_form_opens_stays_without_a_question_and_takes_one(by_http: Sandbox) -> None:
    by_http.shortcut("marco", "ask_anywhere")
    assert by_http.deliveries("interactive")[-1]["outcome"] == "acknowledged"
    form = by_http.views("marco")[-1]["id"]
    refused = by_http.submit("marco", form, {"question": "   "})
    assert refused.get("errors") or refused.get("response_action") == "errors"
    assert by_http.submit("marco", form, {"question": QUESTION})["outcome"] == "acknowledged"


def test_who_signs_with_another_secret_gets_no_challenge_back(
    by_http: Sandbox, server: SandboxServer
) -> None:
    [url] = [known.url for known in server.platform.deliveries.request_urls.values()]
    with pytest.raises(Refused, match="url_verification_failed"):
        by_http.deliver_to(url, "another secret")
    by_http.deliver_to(url, SECRET)


def test_the_command_is_healthy_while_it_serves_and_stops_cleanly(
    server: SandboxServer, tmp_path: Path
) -> None:
    port, beat = free_port(), tmp_path / "heartbeat"
    inherited = dict(os.environ)  # noqa: TID251 - handed on to the processes started here
    environment = inherited | {
        "SLACK_MODE": "http",
        "SLACK_API_URL": server.api_url,
        "SLACK_BOT_TOKEN": server.bot_token,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_HTTP_PORT": str(port),
        "HEARTBEAT_FILE": str(beat),
        "DATA_DIR": str(tmp_path / "data"),
    }
    command = [sys.executable, "-m", "bot"]
    health = [*command, "health"]
    assert subprocess.run(health, cwd=ROOT, env=environment, check=False).returncode == 1
    bot = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        eventually(beat.exists, 60)
        assert subprocess.run(health, cwd=ROOT, env=environment, check=False).returncode == 0
    finally:
        bot.send_signal(signal.SIGTERM)
        _, said = bot.communicate(timeout=30)
    assert bot.returncode == 0
    assert "Traceback" not in said
    assert SECRET not in said
