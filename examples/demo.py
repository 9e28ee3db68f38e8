"""`make demo`: the sandbox and the bot as a user would run them, the handbook indexed, five questions asked.

`python -m examples.demo --stay` (`make sandbox`) keeps both running until Ctrl-C, to chat with on the sandbox's page.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from sandbox.client import Message, Sandbox

ROOT = Path(__file__).parent.parent
HANDBOOK = ROOT / "examples" / "handbook"
DATA = ROOT / "data" / "demo"
PLACEHOLDER = "Looking through the documents …"

_START_SECONDS = 90
_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Asked:
    """A question of the demo. Without `channel` it is a direct message; `follows` continues that question's thread."""

    person: str
    text: str
    channel: str | None = None
    follows: int | None = None


QUESTIONS = (
    Asked("marco", "how many days of paid leave do i get in a year?", channel="general"),
    Asked("marco", "and how many can i keep for next year?", channel="general", follows=0),
    Asked("priya", "customer sees WR-4107, what now"),
    Asked("marco", "what's the per diem for tokyo", channel="general"),
    Asked("priya", "defibrilator leeds were is it", channel="general"),
)


def main() -> int:
    """0 when every question got its answer, 1 when one did not, 2 when something could not be started."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8910, help="of the sandbox (8910)")
    parser.add_argument("--stay", action="store_true", help="keep running until Ctrl-C, to chat on the page")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the processes started here are ended, too
    try:
        with running(arguments.port, console) as sandbox:
            if arguments.stay:
                return stay(sandbox, console)
            return ask_all(sandbox, console)
    except ProcessLookupError as error:
        console.print(f"[red]{error}[/red]")
        return 2
    except KeyboardInterrupt:
        return 0


@contextmanager
def running(port: int, console: Console, more: Mapping[str, str] | None = None) -> Iterator[Sandbox]:
    """Sandbox and bot running, the handbook indexed, with `more` settings; both are ended with the block."""
    DATA.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--site", str(HANDBOOK), "--manifest", str(ROOT / "manifest.json")]
    with process("sandbox", ["-m", "sandbox", *arguments], {}) as sandbox_process:
        sandbox = Sandbox(url)
        wait_until(lambda: answers(sandbox), "sandbox", sandbox_process)
        settings = {
            "SLACK_API_URL": f"{url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-sandbox-footnote",
            "SLACK_APP_TOKEN": "xapp-sandbox-footnote",
            "DATA_DIR": str(DATA),
            "DATABASE_URL": "",
            "BROKER_URL": "memory://",
            "INDEX_URL": "",
            "ADMIN_CHANNEL": "C01ADMIN",
            "FETCH_TRUSTED_HOSTS": "127.0.0.1",  # the sandbox's own site, so that it can be added as a source
            **(more or {}),
        }
        with process("bot", ["-m", "bot"], settings) as bot_process:
            wait_until(lambda: sum(sandbox.sockets().values()), "bot", bot_process)
            console.print(f"The sandbox stands in for Slack at {url}; the bot is connected.")
            index(url, settings)
            yield sandbox


def index(url: str, settings: Mapping[str, str]) -> None:
    """Index the handbook with the command a user would type; the running bot does the work."""
    command = [sys.executable, "-m", "ingestion", "add", str(HANDBOOK / "pages")]
    command += ["--name", "handbook", "--base-url", f"{url}/site/pages/"]
    if subprocess.run(command, cwd=ROOT, env=environment(settings), check=False).returncode:
        raise ProcessLookupError(f"The handbook could not be indexed; see {DATA / 'bot.log'}.")


def ask_all(sandbox: Sandbox, console: Console) -> int:
    """Ask the questions one after the other and print each thread when it has its answer."""
    threads: list[tuple[str, str]] = []
    unanswered = 0
    for asked in QUESTIONS:
        channel, thread, ts = ask(sandbox, asked, threads)
        threads.append((channel, thread))
        started = time.monotonic()
        reply = wait_for_answer(sandbox, channel, thread, ts)
        seconds = time.monotonic() - started
        unanswered += reply is None
        show(console, asked, reply, seconds)
    if unanswered:
        console.print(
            f"[red]{unanswered} of {len(QUESTIONS)} questions got no answer; see {DATA / 'bot.log'}.[/red]"
        )
        return 1
    console.print("Try it yourself: [bold]make sandbox[/bold], then open the page it names.")
    return 0


def ask(sandbox: Sandbox, asked: Asked, threads: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Post the question as the person; its channel, the thread its answer belongs to, and its own ts."""
    if asked.channel is None:
        channel, ts = sandbox.direct(asked.person, asked.text)
        return channel, ts, ts
    thread = threads[asked.follows][1] if asked.follows is not None else None
    ts = sandbox.post(asked.person, f"@footnote {asked.text}", channel=asked.channel, thread_ts=thread)
    return asked.channel, thread or ts, ts


def wait_for_answer(sandbox: Sandbox, channel: str, thread: str, asked_ts: str) -> Message | None:
    """The bot's last word on the question, or None when there is none in time."""

    def is_final(message: Message) -> bool:
        return float(message.ts) > float(asked_ts) and message.text != PLACEHOLDER

    try:
        return sandbox.wait_for_reply(channel, thread, _ANSWER_SECONDS, is_final)
    except TimeoutError:
        return None


def show(console: Console, asked: Asked, reply: Message | None, seconds: float) -> None:
    """Print a question with its answer as a person reads them."""
    place = f"#{asked.channel}" if asked.channel else "direct message"
    indent = "  ↳ " if asked.follows is not None else ""
    console.print(f"\n[bold]{indent}{asked.person}[/bold] in {place}: {asked.text}")
    if reply is None:
        console.print("[red]no answer[/red]")
        return
    console.print(
        Panel(Text(shown(reply)), title=f"footnote · {seconds:.1f} s", title_align="left", width=110)
    )


def shown(reply: Message) -> str:
    """The reply as a person reads it. A mark is a link, too, but its address stands with the source."""
    return re.sub(r"(\[\d+\]) <[^>]+>", r"\1", reply.as_text())


def stay(sandbox: Sandbox, console: Console) -> int:
    """Wait for Ctrl-C."""
    console.print(f"Open [bold]{sandbox.url}/[/bold] and ask. Ctrl-C ends sandbox and bot.")
    console.print(
        f"To administer: choose Ines there, and write [bold]@footnote help[/bold] in footnote-admin, or drop {sandbox.url}/site/pages/"
    )
    signal.pause()
    return 0


@contextmanager
def process(
    name: str, arguments: list[str], settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process with its output in `data/demo/<name>.log`, ended with the block."""
    with (DATA / f"{name}.log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment(settings), stdout=log, stderr=log
        )
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(30)
            except subprocess.TimeoutExpired:
                started.kill()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with the settings of the demo in place of its own."""
    inherited = dict(os.environ)  # noqa: TID251 - handed on to the processes started here
    return {**inherited, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", **settings}


def answers(sandbox: Sandbox) -> bool:
    """Whether the sandbox is there."""
    try:
        return bool(sandbox.workspace())
    except OSError:
        return False


def wait_until(ready: Callable[[], object], name: str, started: subprocess.Popen[bytes]) -> None:
    """Return when `ready()` is true. Raises ProcessLookupError, with the log's last line, when it never is."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        if ready():
            return
        time.sleep(0.1)
    log = DATA / f"{name}.log"
    last = (log.read_text().strip().splitlines() or ["it says nothing"])[-1]
    raise ProcessLookupError(f"The {name} did not start: {last} (see {log})")


if __name__ == "__main__":
    sys.exit(main())
