"""A run seen to its end: done here, or asked of the process that holds the index and followed."""

import os
import socket
import uuid
from collections.abc import Callable
from time import monotonic, sleep

from ingestion.display import Display, Show
from ingestion.performing import perform
from ingestion.runs import AGAIN_SECONDS, Run, Runs
from ingestion.workshop import Workshop
from rag.errors import Transient

PATIENCE_SECONDS = 30.0
_LOOK_EVERY = 0.25  # seconds


class NobodyWorks(Transient):
    """The run was asked for, and nobody has taken it up; it stays asked for."""


def see_through(run: Run, workshop: Workshop, display: Display) -> Run:
    """The finished run. Raises NobodyWorks, ConfigError when the index cannot be opened, DatabaseUnavailable."""
    tools = workshop.tools
    with display.progress(run.source_name) as show:

        def take_up() -> None:
            if tools is None:
                return
            # A sync does not start before a rebuild that somebody asked for is done.
            first = [other.id for other in workshop.runs.waiting() if other.action == "rebuild"]
            for run_id in dict.fromkeys([*first, run.id]):
                perform(run_id, owner=_owner(), tools=tools, on_progress=show)

        return follow(run, workshop.runs, show, take_up=take_up, note=display.note)


def follow(
    run: Run,
    runs: Runs,
    show: Show,
    *,
    take_up: Callable[[], None] = lambda: None,
    note: Callable[[str], None] = lambda _: None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Run:
    """The run once it is finished, whoever does it; `take_up` is called now and again to do it if it is free.

    `note` is told what it is put off for. Raises NobodyWorks when for `patience_seconds` no run at all was going on.
    """
    idle_since = monotonic()
    noted = 0
    while True:
        take_up()
        now = runs.get(run.id) or run
        if now.is_finished:
            return now
        if now.progress:
            show(now.progress)
        if now.error and now.attempts > noted:
            noted, idle_since = now.attempts, monotonic() + AGAIN_SECONDS * now.attempts
            note(f"{now.error} It is tried again in a while.")
        if any(other.state == "running" for other in runs.latest().values()):
            idle_since = max(idle_since, monotonic())
        elif monotonic() - idle_since > patience_seconds:
            raise NobodyWorks(
                f"The {now.action} of {now.source_name} is asked for, but for {patience_seconds:.0f} s nobody has "
                "taken it up: another process holds the index and does not work. Is the bot running well? "
                "The run stays in the queue until a bot or worker takes it up."
            )
        sleep(_LOOK_EVERY)


def _owner() -> str:
    return f"command {socket.gethostname()[:20]} {os.getpid()} {uuid.uuid4().hex[:8]}"
