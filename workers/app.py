"""The one place that configures Celery.

Celery only wakes workers: what must not be lost stands in the database (`workers.ledger`, `ingestion.runs`) before a
message is sent, and the sweeps bring back whatever the broker or a dying worker lost. So messages are acknowledged early,
results are not kept, and nothing is ever scheduled for later in the broker.
"""

import logging
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from rag.settings import JobSettings

ANSWER_QUESTION = "footnote.answer_question"
PERFORM_RUN = "footnote.perform_run"
TRY_QUESTION = "footnote.try_question"
SWEEP = "footnote.sweep"

QUEUES = {ANSWER_QUESTION: "answers", PERFORM_RUN: "sync", TRY_QUESTION: "trials", SWEEP: "sweeps"}
"""The queue of each task; every worker consumes all of them."""


def _leave_logging_alone(**_: Any) -> None:
    """Celery would set the level of the root logger, and our own lines would be gone; where somebody listens, it does not."""
    logging.getLogger("celery").setLevel(logging.WARNING)


setup_logging.connect(_leave_logging_alone)


def celery_app(jobs: JobSettings) -> Celery:
    """A Celery application on the broker of `jobs`; tasks are added by `workers.tasks.register`."""
    # kombu wants a host, even for the broker in this process.
    celery = Celery("footnote", broker="memory://localhost//" if jobs.embedded else jobs.broker_url)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_publish_retry=False,  # the sweep is the retry; a listener must not wait for a broker that is away
        task_routes={task: {"queue": queue} for task, queue in QUEUES.items()},
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(jobs),
        beat_schedule={
            "sweep": {
                "task": SWEEP,
                "schedule": _out_of_step(jobs.sweep_seconds),
                # A sweep that nobody took up in time is useless: the next one does its work.
                "options": {"expires": max(5.0, 2 * jobs.sweep_seconds)},
            }
        },
        beat_max_loop_interval=min(1.0, jobs.sweep_seconds),  # also how long a stop waits for the schedule
    )
    # Without this, code in a pool thread resolves to Celery's fallback application and its amqp broker.
    celery.set_default()
    return celery


def _out_of_step(seconds: float) -> float:
    """About as many seconds, and never a whole number.

    An idle worker asks Redis anew every second, and Redis serves whoever has asked for longest. In step with that, one
    worker would get all the sweeps, and the others, who are well, would show no life.
    """
    return seconds if seconds < 1 else round(seconds) + 0.1


def _transport_options(jobs: JobSettings) -> dict[str, Any]:
    if jobs.embedded:
        return {"polling_interval": 0.01}  # seconds; the default of 1 s would be the answer's latency
    return {
        # A listener that wakes a worker must be back within the three seconds that Slack waits, whatever Redis does.
        "socket_timeout": 2,
        "socket_connect_timeout": 2,
        "max_retries": 0,  # of the connection for a message: by default six seconds are spent on trying again
        "socket_keepalive": True,
        "health_check_interval": 5,
        "visibility_timeout": 60,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
