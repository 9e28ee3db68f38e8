"""A question on its way: as it came, as it is held, as it ended. Kept by `workers.ledger`."""

from dataclasses import dataclass
from typing import Literal

from rag.domain import Answer, Outcome


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a question: its id in Slack, and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A question as it came from Slack. `thread_ts` is where the reply goes: the thread, or the message itself; empty where it
    goes to the channel. With a `response_url` the reply goes there, to the asker alone. `unasked`: it was asked of nobody in
    particular.
    """

    team_id: str
    channel_id: str
    ts: str
    thread_ts: str
    user_id: str
    text: str
    response_url: str | None = None
    unasked: bool = False
    files: tuple[File, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether nobody but the asker reads the answer."""
        return self.response_url is not None

    @property
    def is_written(self) -> bool:
        """Whether `ts` is that of a message: a command, a click and a form leave none."""
        return ":" not in self.ts


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen of the `options` of an answer that asked back: the one at `place`, from 0."""

    asked: Incoming
    answer: Answer
    place: int

    @property
    def text(self) -> str:
        return self.answer.options[self.place]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an incoming question: its id, whether it is new, how many unanswered ones came before it."""

    question_id: str
    new: bool
    ahead: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A question held by `owner`. `attempt` counts the tries so far, this one included, from 1; `asked_at` is in seconds since 1970.

    `unsure`: an earlier try ended in a way that may have left a message of which no ts is known.
    """

    question_id: str
    owner: str
    attempt: int
    incoming: Incoming
    placeholder_ts: str | None
    answer: Answer | None
    withdrawn: bool = False
    stopped: bool = False
    asked_at: float = 0.0
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question somebody asked, and how it ended; `ts` is the message, None where only they see the answer, and `outcome`
    None where there is none yet.
    """

    text: str
    channel_id: str
    ts: str | None
    outcome: Outcome | None


IN_LINE = "in line for Slack"
"""Why a try ended that came too early: whatever it had posted was noted."""

State = Literal["accepted", "answered", "finished"]
Standing = Literal["wanted", "stopped", "lost"]
