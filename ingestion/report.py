"""What a sync tells while it works and when it is done. Kept as JSON with its run."""

from pydantic import BaseModel, Field

_MOST_FAILURES = 100
"""Failures that are named in a report; more are counted."""


class Progress(BaseModel, frozen=True):
    """Documents looked at, of how many (None: not known beforehand); texts embedded."""

    documents: int = 0
    total: int | None = None
    embedded: int = 0


class Failure(BaseModel, frozen=True):
    """`reason` completes the sentence "this document …"."""

    document: str
    reason: str


class SyncReport(BaseModel):
    """Documents by what became of them; `skipped` counts files by the reason why they are no documents.

    `chunks` is what the source has in the index now, `embedded` how many texts had to be embedded for it.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: dict[str, int] = Field(default_factory=dict)
    failed: list[Failure] = Field(default_factory=list)
    failed_count: int = 0
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0

    def skip(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def fail(self, document: str, reason: str) -> None:
        self.failed_count += 1
        if len(self.failed) < _MOST_FAILURES:
            self.failed.append(Failure(document=document, reason=reason))
