"""Processes that can be killed and started again, each with its own environment and output."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"
_ROOT = Path(__file__).parent.parent
_READY_SECONDS = 90.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05


class NotReady(Exception):
    """A process ended, or did not get ready in time; the text has the end of its output."""


class Process:
    """One process that can be killed and started again, always the same way."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        ready: Callable[[], bool],
        heartbeat: Path | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = [*command]
        self._folder = folder
        self._environment = {**environment, **({"HEARTBEAT_FILE": str(heartbeat)} if heartbeat else {})}
        self._ready = ready
        self._heartbeat = heartbeat
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_to_stop = False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, or start it again, without waiting until it is ready."""
        if self._heartbeat:
            self._heartbeat.unlink(missing_ok=True)
        self._asked_to_stop = False
        with self.log.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches only us, and we end the others in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Raises NotReady."""
        deadline = time.monotonic() + seconds
        while not self._ready():
            if not self.running or time.monotonic() > deadline:
                raise NotReady(f"{self.name} is not ready:\n{self.output()[-2000:]}")
            time.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """As the machine does it when memory is short: at once, without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def ask_to_stop(self) -> None:
        """SIGTERM, once."""
        if self._process is not None and not self._asked_to_stop:
            self._asked_to_stop = True
            self._process.terminate()

    def stop(self, seconds: float = _STOP_SECONDS) -> int | None:
        """Ask it to end, wait, and kill it if it does not. The exit code; None when it had to be killed."""
        if self._process is None:
            return None
        self.ask_to_stop()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def until(happened: Callable[[], bool], what: str, seconds: float) -> None:
    """Wait. Raises NotReady that says for what."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise NotReady(f"waited {seconds:.0f} s for {what}")
        time.sleep(_POLL_SECONDS)


def end_on_sigterm() -> None:
    """Let a SIGTERM end this command as Ctrl-C does, so that what it started ends, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
