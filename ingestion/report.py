"""What a sync tells while it works and when it is done. Kept as JSON with its run."""

from collections.abc import Callable, Mapping

from pydantic import BaseModel, Field

_MOST_FAILURES = 100
"""Failures that are named in a report; more are counted."""


class Progress(BaseModel, frozen=True):
    """Documents dealt with, of how many (None: not known beforehand), and how many of them failed; texts embedded."""

    documents: int = 0
    total: int | None = None
    failed: int = 0
    embedded: int = 0


class Failure(BaseModel, frozen=True):
    """`reason` completes the sentence "this document …"."""

    document: str
    reason: str


class SyncReport(BaseModel):
    """Documents by what became of them; `skipped` counts files by the reason why they are no documents.

    Of the failed, `quarantined` are not tried again until they change, or, where they could not be fetched, until
    tomorrow. `chunks` is what the source has in the index now; of the new ones `embedded` texts had to be embedded,
    `reused` had a vector already, here or in another document. `masked` counts the secrets taken out of what was read,
    by kind.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: dict[str, int] = Field(default_factory=dict)
    failed: list[Failure] = Field(default_factory=list)
    failed_count: int = 0
    quarantined: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    masked: dict[str, int] = Field(default_factory=dict)
    seconds: float = 0

    def skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def mask(self, counts: Mapping[str, int]) -> None:
        for kind, count in counts.items():
            self.masked[kind] = self.masked.get(kind, 0) + count

    def fail(self, document: str, reason: str, *, for_good: bool = False) -> None:
        """`for_good`: until it changes."""
        self.failed_count += 1
        self.quarantined += for_good
        if len(self.failed) < _MOST_FAILURES:
            self.failed.append(Failure(document=document, reason=reason))


class Tally:
    """The report of a sync that is going on, told to whoever watches."""

    def __init__(self, total: int | None, progress: Callable[[Progress], None]) -> None:
        self.report = SyncReport()
        self.documents = 0
        self._total = total
        self._progress = progress

    def tell(self) -> None:
        """Tell how far it is. Raises what the watcher raises, to end the sync."""
        report = self.report
        self._progress(
            Progress(
                documents=self.documents,
                total=self._total,
                failed=report.failed_count,
                embedded=report.embedded,
            )
        )
