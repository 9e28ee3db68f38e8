"""`python -m workers`: a worker process, as many as wanted. `python -m workers beat`: the schedule, one process.

`python -m workers health`: exit code 0 while the worker of this container consumes messages (for a health check).
"""

import argparse
import logging
import signal
import sys
import threading
from functools import partial
from typing import Any

from celery.beat import Scheduler, SchedulingError, Service

from rag.errors import ConfigError
from rag.settings import JobSettings, Settings
from workers.app import QUEUES, celery_app
from workers.operating.health import Heartbeat, healthy
from workers.operating.logs import log_to_stderr
from workers.operating.monitoring import monitored
from workers.operating.probing import ping_broker
from workers.operating.tracing import traced
from workers.parts import Parts
from workers.slack.shared_pace import Paces
from workers.tasks import register
from workers.waiting import when_possible

log = logging.getLogger(__name__)


def main() -> int:
    """The exit code: 0 after a clean stop, 1 when not healthy, 2 when a setting must be changed."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("work", "beat", "health"), default="work")
    command = parser.parse_args().command
    settings = Settings()
    try:
        log_to_stderr(settings.log)
        if command == "health":
            return 0 if healthy(settings.jobs.heartbeat_file) else 1
        return beat(settings) if command == "beat" else work(settings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def work(settings: Settings) -> int:
    """Consume all queues until SIGTERM; running jobs are finished first."""
    jobs = distributed(settings)
    paces = Paces(jobs.broker_url)
    with (
        traced(settings.tracing, process="worker"),
        monitored(settings.monitoring) as monitoring,
        when_possible(lambda: Parts.build(settings, paces), threading.Event()) as parts,
    ):
        monitoring.watch({**parts.pings, "broker": partial(ping_broker, jobs.broker_url)})
        celery = celery_app(jobs)
        register(celery, parts, heartbeat=jobs.heartbeat_file)
        worker = celery.Worker(
            pool="threads",
            concurrency=jobs.worker_threads,
            queues=list(QUEUES.values()),
            without_gossip=True,
            without_mingle=True,
            loglevel="WARNING",
            quiet=True,
        )
        worker.start()
        return int(worker.exitcode or 0)


def beat(settings: Settings) -> int:
    """Send the sweeps until SIGTERM."""
    jobs = distributed(settings)
    heartbeat = Heartbeat(jobs.heartbeat_file)
    service = Service(celery_app(jobs), scheduler_cls=partial(BeatingScheduler, heartbeat=heartbeat))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: service.stop())
    with monitored(settings.monitoring) as monitoring:
        monitoring.watch({"broker": partial(ping_broker, jobs.broker_url), "schedule": heartbeat.ping})
        service.start()
    return 0


class BeatingScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """The heart beats whenever a message has really been sent; one that could not be is a line in the log."""

    def __init__(self, *arguments: Any, heartbeat: Heartbeat, **settings: Any) -> None:
        self._heartbeat = heartbeat
        super().__init__(*arguments, **settings)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            log.warning("%s not sent, the broker is away (%s)", entry.name, type(error.__context__).__name__)
        else:
            self._heartbeat.beat()


def distributed(settings: Settings) -> JobSettings:
    """The job settings. Raises ConfigError in embedded mode, where the bot process is its own and only worker."""
    if settings.jobs.embedded:
        raise ConfigError("BROKER_URL is memory://: the bot process works alone then; see .env.example.")
    return settings.jobs


if __name__ == "__main__":
    sys.exit(main())
