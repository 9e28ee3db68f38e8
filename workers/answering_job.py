"""One question from claim to final message.

    claim ─ placeholder ─ history, audience, answer ─ store ─ fence ─ final message ─ finish

Each step may be the last before the process dies; the next attempt begins again at the claim and finds what is there.
"""

import logging
import random
from time import monotonic
from typing import Protocol

from rag.domain import Answer, Outcome, Question
from rag.errors import ConfigError, DatabaseUnavailable, Permanent, ReplyImpossible, Transient, where
from workers.access import Access
from workers.attachments import Attached, Attachments
from workers.lease import kept
from workers.ledger import Claimed, Ledger
from workers.rendering import Rendered, render
from workers.replies import Replies

log = logging.getLogger(__name__)

_LONGEST_DELAY_SECONDS = 60.0


class Answers(Protocol):
    """Where answers come from (`rag.answering.Answerer`)."""

    def answer(self, question: Question) -> Answer: ...


class AnsweringJob:
    """Answers questions by id. `attempts` is how often an answer is tried before the asker gets an apology instead.

    `attachments` reads the files that came with a question. `people`: whether there are some who can be asked what the documents do not say. The delay before a further attempt is what the vendor asked for, or doubles from `first_delay_seconds` to a minute.
    """

    def __init__(
        self,
        ledger: Ledger,
        replies: Replies,
        access: Access,
        answerer: Answers,
        *,
        attempts: int,
        lease_seconds: float,
        budget_seconds: float,
        first_delay_seconds: float = 1.0,
        people: bool = False,
        attachments: Attachments | None = None,
    ) -> None:
        self._ledger = ledger
        self._replies = replies
        self._access = access
        self._answerer = answerer
        self._attempts = attempts
        self._lease_seconds = lease_seconds
        self._budget_seconds = budget_seconds
        self._first_delay_seconds = first_delay_seconds
        self._people = people
        self._attachments = attachments

    def run(self, question_id: str) -> None:
        """Bring the question one attempt further, to its end if all goes well. Never raises: the sweep comes back."""
        try:
            self._run(question_id)
        except DatabaseUnavailable as error:
            log.warning("left to the sweep id=%s (%s)", question_id, error)

    def _run(self, question_id: str) -> None:
        claimed = self._ledger.claim(question_id, lease_seconds=self._lease_seconds)
        if claimed is None:
            return
        started = monotonic()
        with kept(
            lambda: self._still_ours(claimed),
            lease_seconds=self._lease_seconds,
            budget_seconds=self._budget_seconds,
        ):
            outcome = self._attempt(claimed)
        log.info(
            "question id=%s attempt=%d outcome=%s seconds=%.3f",
            claimed.question_id,
            claimed.attempt,
            outcome,
            monotonic() - started,
        )

    def _attempt(self, claimed: Claimed) -> str:
        try:
            return self._bring_to_its_end(claimed)
        except ReplyImpossible as error:
            log.warning("no way to reply id=%s (%s)", claimed.question_id, error)
            self._ledger.finish(claimed)
            return "undeliverable"
        except Transient as error:
            return self._again_later(claimed, str(error), error.retry_after_seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, the asker is owed a message
            return self._again_later(claimed, where(error), None)

    def _bring_to_its_end(self, claimed: Claimed) -> str:
        if claimed.withdrawn:
            self._replies.withdraw(claimed)
            self._ledger.finish(claimed)
            return "withdrawn"
        placeholder = self._placeholder(claimed)
        answer = claimed.answer
        if answer is None:
            attempt = self._ledger.begin_answer(claimed)
            if attempt is None:
                return "taken over"
            answer = self._answer_or_apology(claimed, attempt)
            if not self._ledger.store_answer(claimed, answer):
                return "taken over"
        if not self._still_ours(claimed):
            return "taken over"
        self._replies.finish(claimed, placeholder, _rendered(claimed, answer, people=self._people))
        if not self._ledger.finish(claimed) and self._ledger.is_withdrawn(claimed.question_id):
            # Deleted at the last moment: whoever saw to that may have found nothing to take away yet.
            self._replies.withdraw(claimed)
        return answer.outcome.value

    def _placeholder(self, claimed: Claimed) -> str:
        """The ts of the message that the answer replaces: known, found again, or newly posted."""
        if claimed.placeholder_ts is not None:
            return claimed.placeholder_ts
        ts = self._replies.find(claimed) if claimed.attempt > 1 else None
        if ts is None:
            if not self._still_ours(claimed):
                raise Transient("the lease ran out before the placeholder was posted")
            ts = self._replies.begin(claimed)
        self._ledger.remember_placeholder(claimed, ts)
        return ts

    def _answer_or_apology(self, claimed: Claimed, attempt: int) -> Answer:
        if attempt > self._attempts:
            # Whatever stopped the tries before this one (it may have killed the worker) is not tried again.
            return Answer(Transient.user_message, Outcome.FAILED)
        try:
            return self._answer(claimed)
        except ReplyImpossible:
            raise
        except Transient as error:
            if attempt < self._attempts:
                raise
            log.error("giving up id=%s (%s)", claimed.question_id, error)  # noqa: TRY400 - no traceback: no content
            return Answer(error.user_message, Outcome.FAILED)
        except (Permanent, ConfigError) as error:
            log.error("cannot answer id=%s (%s)", claimed.question_id, type(error).__name__)  # noqa: TRY400
            return Answer(getattr(error, "user_message", Permanent.user_message), Outcome.FAILED)
        except Exception as error:  # noqa: BLE001 - a fault of ours; trying again would end the same way
            log.error("fault while answering id=%s %s", claimed.question_id, where(error))  # noqa: TRY400
            return Answer(Permanent.user_message, Outcome.FAILED)

    def _answer(self, claimed: Claimed) -> Answer:
        audience = self._access.audience(claimed.incoming)
        history = self._replies.history(claimed.incoming)
        attached = self._attachments.read(claimed.incoming) if self._attachments else Attached()
        question = Question(claimed.incoming.text, audience, history, attached.chunks)
        return attached.told(self._answerer.answer(question))

    def _again_later(self, claimed: Claimed, fault: str, retry_after_seconds: float | None) -> str:
        if retry_after_seconds is not None:
            # Slack said when. Those who were told the same come back one after the other.
            delay = retry_after_seconds * random.uniform(1, 2)  # noqa: S311 - no secret
        else:
            delay = min(self._first_delay_seconds * 2 ** min(claimed.attempt - 1, 10), _LONGEST_DELAY_SECONDS)
        log.warning("trying again in %.0f s id=%s (%s)", delay, claimed.question_id, fault)
        self._ledger.release(claimed, error=fault, delay_seconds=delay)
        return "again"

    def _still_ours(self, claimed: Claimed) -> bool:
        return self._ledger.renew(claimed, lease_seconds=self._lease_seconds)


def _rendered(claimed: Claimed, answer: Answer, *, people: bool) -> Rendered:
    """The question stands above its answer where no message of the asker does: in private, and where it was shared."""
    incoming = claimed.incoming
    shared = not incoming.thread_ts
    return render(
        answer,
        question_id=claimed.question_id,
        restated=incoming.text if incoming.is_private or shared else None,
        asker=incoming.user_id if shared else None,
        private=incoming.is_private,
        people=people,
    )
