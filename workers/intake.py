"""A question is written down, then a worker is woken. The order is the promise: once written, it will be answered."""

import logging
from collections.abc import Callable
from dataclasses import replace

from kombu.exceptions import OperationalError

from rag.domain import Answer, Outcome
from rag.noting import count
from workers.asked import Incoming
from workers.following import says_stop
from workers.ledger import Ledger

log = logging.getLogger(__name__)

MAX_QUESTION_CHARS = 4000
HOW_TO_ASK = (
    "Ask me a question about your team's documents, for example: “How many days of leave do I have?” "
    "I answer in this thread, with links to the passages I used."
)
ASK_ABOUT_FILE = (
    "Ask something about the file: send it once more together with your question, for example: “What does this say about "
    "deadlines?”"
)
TOO_LONG = (
    f"That is longer than I can read at once (over {MAX_QUESTION_CHARS:,} characters). "
    "Please put the question itself in a few sentences."
)

STOPPED = "I'll be quiet in this thread from now on. Mention me whenever you want to ask again."

Wake = Callable[[str], object]
"""Tells a worker that the question with this id waits; may raise kombu's OperationalError."""

Sign = Callable[[Incoming], object]
"""Shows that a question was heard; never raises, and takes a second at most."""


class Intake:
    """Takes questions in. `queue_limit` is how many unanswered ones may wait before further ones are declined.

    `team_id` (Slack's): questions are of that workspace, also those that people from a connected one ask in it.
    With as many before it as there are `workers`, a question waits for one: `sign` shows its asker that it was heard.
    """

    def __init__(
        self,
        ledger: Ledger,
        wake: Wake,
        *,
        queue_limit: int,
        workers: int = 1,
        sign: Sign | None = None,
        team_id: str | None = None,
    ) -> None:
        self._team_id = team_id
        self._ledger = ledger
        self._wake = wake
        self._queue_limit = queue_limit
        self._workers = workers
        self._sign = sign

    def accept(self, incoming: Incoming) -> None:
        """Write the question down and wake a worker; a question already known is left alone.

        Raises DatabaseUnavailable: then it must not be acknowledged. A broker that is away is no error; the sweeper
        wakes a worker later.
        """
        if self._team_id:
            incoming = replace(incoming, team_id=self._team_id)
        ready = self._ready_answer(incoming)
        if incoming.unasked and ready is not None:
            return  # a hint, or that we are busy: of no use to somebody who did not ask us
        accepted = self._ledger.accept(incoming, ready)
        if not accepted.new:
            log.info("question already known id=%s", accepted.question_id)
            return
        log.info("question accepted id=%s ahead=%d", accepted.question_id, accepted.ahead)
        count("question accepted")
        if self._sign is not None and accepted.ahead >= self._workers:
            self._sign(
                incoming
            )  # before a worker is woken: after its answer it would stand there for nothing
        self._try_to_wake(accepted.question_id)

    def reword(self, team_id: str, channel_id: str, ts: str, text: str) -> None:
        """A message was edited; if it is a question that is being answered, it is answered anew. Raises DatabaseUnavailable."""
        if text.strip() and (question_id := self._ledger.reword(team_id, channel_id, ts, text)):
            log.info("question edited id=%s", question_id)
            self._try_to_wake(question_id)

    def withdraw(self, team_id: str, channel_id: str, ts: str) -> None:
        """A message was deleted; if it was a question, no answer is left. Raises DatabaseUnavailable."""
        if question_id := self._ledger.withdraw(team_id, channel_id, ts):
            log.info("question deleted id=%s", question_id)
            self._try_to_wake(question_id)

    def stop(self, team_id: str, channel_id: str, thread_ts: str) -> None:
        """Somebody wants no more of what is being answered in this thread. Raises DatabaseUnavailable."""
        for question_id in self._ledger.stop(team_id, channel_id, thread_ts):
            log.info("question stopped id=%s", question_id)
            self._try_to_wake(question_id)

    def _ready_answer(self, incoming: Incoming) -> Answer | None:
        if not incoming.text.strip():
            return Answer(ASK_ABOUT_FILE if incoming.files else HOW_TO_ASK, Outcome.NEEDS_CLARIFICATION)
        if incoming.thread_ts != incoming.ts and says_stop(incoming.text):
            return Answer(STOPPED, Outcome.NEEDS_CLARIFICATION)
        if len(incoming.text) > MAX_QUESTION_CHARS:
            return Answer(TOO_LONG, Outcome.NEEDS_CLARIFICATION)
        waiting = self._ledger.counts().get("accepted", 0)
        if waiting >= self._queue_limit:
            return Answer(busy(waiting), Outcome.FAILED)
        return None

    def _try_to_wake(self, question_id: str) -> None:
        try:
            self._wake(question_id)
        except OperationalError as error:
            log.warning(
                "queue not reachable, the sweeper will try id=%s (%s)",
                question_id,
                type(error).__name__,
            )


def busy(waiting: int) -> str:
    """What is said to the asker when too many questions wait."""
    return f"I'm busy: {waiting} questions are waiting before yours. Please ask again in a few minutes."
