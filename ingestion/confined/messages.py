"""What passes between us and the process that reads. JSON, checked on arrival."""

from typing import Literal

from pydantic import BaseModel, Field

from ingestion.parsing import DocumentEmpty
from ingestion.reading import Reading, ReadingCutShort
from rag.errors import DocumentUnreadable

CRASHED = "crashed its reader"
LONGEST_REASON = 300  # characters


def too_much(megabytes: int) -> str:
    """The reason of a document that wants more memory than it may have."""
    return f"needs more than {megabytes} MB to read"


class Orders(BaseModel, frozen=True):
    """What the process is told once: the model's window, and how long, how much and how often it may read."""

    max_tokens: int
    seconds: float
    megabytes: int
    documents: int


class Task(BaseModel, frozen=True):
    """What is told of one document; its bytes follow. See `ingestion.sources.Original`."""

    name: str
    url: str
    media_type: str | None = None
    by_line: bool = False


class Reply(BaseModel, frozen=True):
    """A reading, or the reason why there is none. `last`: the process ends after this one."""

    outcome: Literal["read", "empty", "unreadable", "cut short"]
    reading: Reading | None = None
    reason: str = Field(default=CRASHED, max_length=LONGEST_REASON)
    last: bool = False

    def opened(self) -> Reading:
        """The reading. Raises what `Reader.read` raises."""
        match self.outcome:
            case "read" if self.reading is not None:
                return self.reading
            case "empty":
                raise DocumentEmpty(self.reason)
            case "unreadable":
                raise DocumentUnreadable(self.reason)
            case _:
                raise ReadingCutShort(self.reason)
