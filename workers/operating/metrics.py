"""What happens in this process as Prometheus metrics, and what waits in the database, read when they are asked for.

Labels are ids, codes and names of our own; their number does not grow with questions or people. docs/operating.md lists them all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from rag.errors import Transient
from rag.noting import Labels
from workers.operating.backlog import Backlog
from workers.operating.probing import within

_READ_SECONDS = 5.0
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 120, 600, 3600)

COUNTED = {
    "question accepted": ("footnote_questions_accepted", "Questions written down.", ()),
    "question": ("footnote_questions", "Questions that came to their end, by how.", ("outcome",)),
    "attempt": ("footnote_question_attempts", "Tries of a question, by how they ended.", ("result",)),
    "slack call": ("footnote_slack_calls", "Calls to Slack's Web API.", ("method",)),
    "slack error": ("footnote_slack_errors", "Those that failed.", ("method", "error")),
    "slack put off": (
        "footnote_slack_put_off",
        "Calls that were not made: it was not their turn.",
        ("method",),
    ),
    "llm call": ("footnote_llm_calls", "Calls to the language model.", ()),
    "llm retry": ("footnote_llm_retries", "Those made again since the connection failed.", ()),
    "llm error": ("footnote_llm_errors", "Those that brought no reply to use.", ("error",)),
    "run": ("footnote_runs", "Runs (syncs and the like) that were left, by how.", ("action", "result")),
    "document": (
        "footnote_sync_documents",
        "Documents of runs that are done, by what became of them.",
        ("result",),
    ),
}
"""Event → name without `_total`, help, labels."""

TIMED = {
    "question": ("footnote_question_seconds", "From the message to the end of the question.", ("outcome",)),
    "stage": ("footnote_stage_seconds", "A part of the work.", ("stage",)),
}


class Metrics:
    """Counts what it is told (a listener of `rag.noting`), in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._counters = {
            event: Counter(name, told, labels, registry=self.registry)
            for event, (name, told, labels) in COUNTED.items()
        }
        self._times = {
            event: Histogram(name, told, labels, buckets=_SECONDS, registry=self.registry)
            for event, (name, told, labels) in TIMED.items()
        }

    def counted(self, event: str, times: int, labels: Labels) -> None:
        if counter := self._counters.get(event):
            (counter.labels(**labels) if labels else counter).inc(times)

    def lasted(self, event: str, seconds: float, labels: Labels) -> None:
        if times := self._times.get(event):
            times.labels(**labels).observe(max(0.0, seconds))

    @contextmanager
    def stage(self, name: str, labels: Labels) -> Iterator[None]:  # noqa: ARG002 - ids are no labels of a metric
        began = monotonic()
        try:
            yield
        finally:
            self.lasted("stage", monotonic() - began, {"stage": name})


class Waiting(Collector):
    """What waits in the database at the moment; says so where it cannot be read."""

    def __init__(self, read: Callable[[], Backlog]) -> None:
        self._read = read

    def describe(self) -> list[Metric]:
        """Nothing, so that it is not read when it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            backlog = within(_READ_SECONDS, self._read)
        except Transient:
            yield _gauge("footnote_backlog_readable", "Whether the database could be asked.", 0)
            return
        yield _gauge("footnote_backlog_readable", "Whether the database could be asked.", 1)
        yield _by(
            "footnote_questions_unfinished",
            "Questions without their last message.",
            "state",
            backlog.questions,
        )
        yield _gauge(
            "footnote_oldest_question_seconds",
            "For how long the oldest of them waits.",
            backlog.oldest_seconds,
        )
        yield _by("footnote_runs_unfinished", "Runs that wait or are worked on.", "state", backlog.runs)
        yield from _progress(backlog)


def _progress(backlog: Backlog) -> Iterator[Metric]:
    """How far the runs at work are; a rebuild, which is of all sources, has an empty source_id."""
    names = {
        "documents": "Documents dealt with by a run that is going on.",
        "total": "How many there are, where that is known.",
        "failed": "How many of them failed.",
        "embedded": "Texts embedded.",
    }
    for field, told in names.items():
        family = GaugeMetricFamily(f"footnote_running_{field}", told, labels=["action", "source_id"])
        for run in backlog.running:
            if (value := getattr(run.progress, field)) is not None:
                family.add_metric([run.action, run.source_id], value)
        yield family


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by(name: str, told: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
