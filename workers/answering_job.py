"""One question from claim to final message.

    claim ─ a sign ─ history, audience, answer (which may be seen to grow) ─ store ─ fence ─ final message ─ finish

A question that nobody asked us has no placeholder, and the answer to it is posted only where it is worth saying.

Each step may be the last before the process dies; the next attempt begins again at the claim and finds what is there.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import monotonic, time
from typing import Protocol

from rag.domain import Answer, Outcome, Question
from rag.drafting import Show
from rag.errors import ConfigError, DatabaseUnavailable, Permanent, ReplyImpossible, Transient, where
from rag.noting import count, lasted, stage
from workers.access import Access
from workers.asked import IN_LINE, Claimed
from workers.attachments import Attached, Attachments
from workers.channels import SettingsOf, as_everywhere
from workers.growing import GrowingMessage, Stopped, TakenOver
from workers.lease import kept
from workers.ledger import Ledger
from workers.people import PeopleOf, nobody
from workers.replies import Replies
from workers.showing import shown
from workers.slack.pacing import NotYet, standing_for
from workers.unasked import Unasked
from workers.warnings import NoWarnings, Warnings

log = logging.getLogger(__name__)

_LONGEST_DELAY_SECONDS = 60.0
_NOT_THE_END = frozenset({"taken over", "in line", "again"})

STOPPED = "Stopped, as you asked. Ask again whenever you like."
STOPPED_HERE = "*Stopped here, as you asked.*"


class Answers(Protocol):
    """Where answers come from (`rag.answering.Answerer`)."""

    def answer(self, question: Question, show: Show | None = None) -> Answer: ...


class AnsweringJob:
    """Answers questions by id. `attempts` is how often an answer is tried before the asker gets an apology instead.

    `people` tells who can be asked what the documents do not say, `attachments` reads the files that came with a question, `verified`
    gives the ids of the sources that hold verified answers. The delay before a further attempt is what the vendor asked for, or doubles from `first_delay_seconds` to a minute.
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
        people: PeopleOf = nobody,
        settings_of: SettingsOf = as_everywhere,
        warnings: Warnings | None = None,
        attachments: Attachments | None = None,
        verified: Callable[[], frozenset[str]] = frozenset,
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
        self._settings_of = settings_of
        self._unasked = Unasked(ledger, settings_of)
        self._warnings = warnings or NoWarnings()
        self._attachments = attachments
        self._verified = verified

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
        with (
            kept(
                lambda: self._still_ours(claimed),
                lease_seconds=self._lease_seconds,
                budget_seconds=self._budget_seconds,
            ),
            standing_for(question_id, asked_at=claimed.asked_at),
            stage("question", question_id=question_id),
        ):
            outcome = self._attempt(claimed)
        _note(claimed, outcome)
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
        except TakenOver:
            return "taken over"
        except NotYet as error:
            return self._in_line(claimed, error)
        except Transient as error:
            return self._again_later(claimed, str(error), error.retry_after_seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, the asker is owed a message
            return self._again_later(claimed, where(error), None)

    def _bring_to_its_end(self, claimed: Claimed) -> str:
        if claimed.withdrawn:
            self._replies.withdraw(claimed)
            self._ledger.finish(claimed)
            return "withdrawn"
        ts = self._begun(claimed)
        answer = claimed.answer
        if answer is None:
            answer, ts = self._worked_out(claimed, ts)
        if not self._still_ours(claimed):
            return "taken over"
        if claimed.incoming.unasked and ts is None and not self._is_worth_saying(claimed, answer):
            self._ledger.finish_silently(claimed)
            return "silent"
        people = answer.outcome is Outcome.NOT_FOUND and bool(self._people(claimed.incoming, answer))
        language = self._settings_of(claimed.incoming.channel_id).language
        message = shown(claimed.question_id, claimed.incoming, answer, people=people, language=language)
        with stage("reply"):
            posted = self._replies.finish(claimed, ts, message)
        if not self._ledger.finish(claimed, posted) and self._ledger.is_withdrawn(claimed.question_id):
            # Deleted at the last moment: whoever saw to that may have found nothing to take away yet.
            self._replies.withdraw(claimed)
        return answer.outcome.value

    def _worked_out(self, claimed: Claimed, ts: str | None) -> tuple[Answer, str | None]:
        """The answer, stored, and the ts of the message in which it grew. Raises TakenOver."""
        attempt = self._ledger.begin_answer(claimed)
        if attempt is None:
            raise TakenOver
        growing = self._growing(claimed, ts)
        answer = self._answer_or_apology(claimed, attempt, growing)
        if not self._ledger.store_answer(claimed, answer):
            raise TakenOver
        if growing is None:
            return answer, ts
        growing.end()
        return answer, growing.ts

    def _growing(self, claimed: Claimed, ts: str | None) -> GrowingMessage | None:
        """The message in which the answer is seen to grow; None where it is not, as where nobody asked us."""
        if claimed.incoming.unasked:
            return None
        return self._replies.growing(claimed, ts, partial(self._ledger.remember_placeholder, claimed))

    def _is_worth_saying(self, claimed: Claimed, answer: Answer) -> bool:
        incoming = claimed.incoming
        return self._unasked.is_worth_saying(incoming, answer) and not self._replies.somebody_replied(
            incoming
        )

    def _begun(self, claimed: Claimed) -> str | None:
        """The ts of the message that the answer replaces: known, found again, or newly posted; None where there is none yet."""
        if claimed.placeholder_ts is not None:
            return claimed.placeholder_ts
        ts = self._replies.find(claimed) if claimed.unsure else None
        if claimed.incoming.unasked:
            return ts
        if ts is None:
            if not self._still_ours(claimed):
                raise Transient("the lease ran out before anything was posted")
            with stage("sign"):
                ts = self._replies.begin(claimed)
        if ts is not None:
            self._ledger.remember_placeholder(claimed, ts)
        return ts

    def _answer_or_apology(self, claimed: Claimed, attempt: int, growing: GrowingMessage | None) -> Answer:
        if attempt > self._attempts:
            # Whatever stopped the tries before this one (it may have killed the worker) is not tried again.
            return Answer(Transient.user_message, Outcome.FAILED)
        try:
            return self._answer(claimed, growing)
        except (ReplyImpossible, TakenOver):
            raise
        except NotYet:
            self._ledger.put_off_answer(claimed)
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

    def _answer(self, claimed: Claimed, growing: GrowingMessage | None) -> Answer:
        if claimed.stopped:
            return stopped(None)
        with stage("audience"):
            audience = self._access.audience(claimed.incoming)
        with stage("history"):
            history = self._replies.history(claimed.incoming)
        settings = self._settings_of(claimed.incoming.channel_id)
        scope = settings.scope(self._verified)
        with stage("attachments"):
            attached = self._attachments.read(claimed.incoming) if self._attachments else Attached()
        question = Question(
            claimed.incoming.text, audience, history, scope, attached.chunks, settings.language
        )
        with stage("answer"):
            answer = self._seen_growing(claimed, question, growing)
        return attached.told(self._warnings.of(answer))

    def _seen_growing(self, claimed: Claimed, question: Question, growing: GrowingMessage | None) -> Answer:
        """The answer, of which `growing` shows as much as is written, until somebody stops it. Raises TakenOver."""
        if growing is None:
            return self._answerer.answer(question)

        def show(draft: Answer) -> None:
            standing = self._ledger.standing(claimed)
            if standing == "lost":
                raise TakenOver
            if standing == "stopped":
                raise Stopped
            growing.show(draft)

        try:
            return self._answerer.answer(question, show)
        except Stopped:
            return stopped(growing.shown)

    def _again_later(self, claimed: Claimed, fault: str, retry_after_seconds: float | None) -> str:
        if retry_after_seconds is not None:
            # Slack said when. Those who were told the same come back one after the other.
            delay = retry_after_seconds * random.uniform(1, 2)  # noqa: S311 - no secret
        else:
            delay = min(self._first_delay_seconds * 2 ** min(claimed.attempt - 1, 10), _LONGEST_DELAY_SECONDS)
        log.warning("trying again in %.0f s id=%s (%s)", delay, claimed.question_id, fault)
        self._ledger.release(claimed, error=fault, delay_seconds=delay)
        return "again"

    def _in_line(self, claimed: Claimed, not_yet: NotYet) -> str:
        """Nothing went wrong: others are first, and this thread has better things to do than to stand in line."""
        self._ledger.release(claimed, error=IN_LINE, delay_seconds=not_yet.retry_after_seconds)
        return "in line"

    def _still_ours(self, claimed: Claimed) -> bool:
        return self._ledger.renew(claimed, lease_seconds=self._lease_seconds)


def _note(claimed: Claimed, outcome: str) -> None:
    count("attempt", result=outcome)
    if outcome not in _NOT_THE_END:
        count("question", outcome=outcome)
        lasted("question", time() - claimed.asked_at, outcome=outcome)


def stopped(draft: Answer | None) -> Answer:
    """What is left of an answer that somebody stopped: as much as they had seen."""
    if draft is None:
        return Answer(STOPPED, Outcome.NEEDS_CLARIFICATION)
    return replace(draft, text=f"{draft.text}\n\n{STOPPED_HERE}")
