"""The durable record of every question: why none is lost and none is answered twice.

    (nothing) ── accept ──▶ accepted ── store_answer ──▶ answered ── finish ──▶ finished
                              │  ▲                          │  ▲
                              └──┘ release, lease ran out   └──┘ release, lease ran out

accepted   written before Slack's event is acknowledged, once per (team, channel, ts); no answer yet
answered   the answer's text is stored, the final message is not known to be posted; whoever takes it up posts this text
finished   the final message is in the thread

What was answered unasked may end without a message: it is finished, and no answer is kept.

A question that is edited before its end is accepted anew: whoever holds it loses it. One that is deleted is withdrawn: from
whatever state it becomes answered, and its end is that no message is left.

A job holds a question by a lease: an owner (one for each attempt) and a time after which anybody may take over. Every
write of a job names its owner and does nothing when the lease is no longer its own; `renew` just before the post is the
fence. The queue carries only ids: a lost or doubled message costs nothing, since `due` brings back whatever is
unfinished, unheld and not just enqueued. `attempts` keeps a line for each try. All times are the database's.
"""

import uuid
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from rag.database import now, transaction
from rag.domain import Answer, Outcome
from workers.asked import IN_LINE, Accepted, Asked, Choice, Claimed, Incoming, Standing
from workers.ledger_rows import answer_of, answer_row, asked_at, incoming_of, place_of, question_row
from workers.tables import answers, attempts, questions


class Ledger:
    """Reads and writes the record. All methods raise DatabaseUnavailable; each is one transaction.

    With `team_id` (Slack's), what was asked in other workspaces cannot be asked for, nor counted, by whoever knows its id.
    """

    def __init__(self, engine: Engine, team_id: str | None = None) -> None:
        self._engine = engine
        self._own = questions.c.team_id == team_id if team_id else true()

    def accept(self, incoming: Incoming, answer: Answer | None = None) -> Accepted:
        """Write the question down, once, however often it is delivered.

        With `answer` (a hint, a "busy") there is nothing to work out: it only has to be posted.
        """
        question_id = uuid.uuid4().hex
        try:
            with transaction(self._engine) as connection:
                ahead = connection.execute(_count_unanswered(incoming.team_id)).scalar_one()
                connection.execute(
                    insert(questions).values(
                        question_row(question_id, incoming, "answered" if answer else "accepted")
                    )
                )
                if answer is not None:
                    _store(connection, question_id, answer)
            return Accepted(question_id, new=True, ahead=ahead)
        except IntegrityError:
            return Accepted(self._known(incoming), new=False, ahead=0)

    def claim(self, question_id: str, *, lease_seconds: float) -> Claimed | None:
        """Take the question for `lease_seconds`; None when it is finished, held by another, or not to be tried yet."""
        owner = uuid.uuid4().hex
        with transaction(self._engine) as connection:
            claimed = connection.execute(
                update(questions)
                .where(questions.c.id == question_id, _free(), questions.c.not_before <= now())
                .values(
                    lease_owner=owner, lease_until=now() + lease_seconds, attempts=questions.c.attempts + 1
                )
                .returning(questions)
            ).one_or_none()
            if claimed is None:
                return None
            unsure = connection.execute(_count_unsure(question_id)).scalar_one() > 0
            connection.execute(
                insert(attempts).values(
                    question_id=question_id, number=claimed.attempts, owner=owner, started_at=now()
                )
            )
            stored = connection.execute(
                select(answers).where(answers.c.question_id == question_id)
            ).one_or_none()
        return Claimed(
            question_id=question_id,
            owner=owner,
            attempt=claimed.attempts,
            incoming=incoming_of(claimed),
            placeholder_ts=claimed.placeholder_ts,
            answer=answer_of(stored) if stored else None,
            withdrawn=claimed.withdrawn,
            stopped=claimed.stopped,
            asked_at=asked_at(claimed),
            unsure=unsure,
        )

    def renew(self, claimed: Claimed, *, lease_seconds: float) -> bool:
        """Hold the question for `lease_seconds` from now; False when it is no longer ours. The fence before a post."""
        return self._write(claimed, lease_until=now() + lease_seconds)

    def remember_placeholder(self, claimed: Claimed, ts: str) -> bool:
        """Note the message that the answer will replace; False when the question is no longer ours."""
        return self._write(claimed, placeholder_ts=ts)

    def begin_answer(self, claimed: Claimed) -> int | None:
        """Note that an answer is being worked out; the how-manieth time. None when the question is no longer ours.

        A try that ends before (Slack did not take the placeholder) does not count: nothing was wrong with the question.
        """
        begun = _ours(claimed).values(answer_attempts=questions.c.answer_attempts + 1)
        with transaction(self._engine) as connection:
            count = connection.execute(begun.returning(questions.c.answer_attempts)).scalar_one_or_none()
            return None if count is None else int(count)

    def put_off_answer(self, claimed: Claimed) -> bool:
        """What was begun last does not count: it only came too early. False when the question is no longer ours."""
        return self._write(claimed, answer_attempts=questions.c.answer_attempts - 1)

    def store_answer(self, claimed: Claimed, answer: Answer) -> bool:
        """Store what will be posted, before it is posted; False when the question is no longer ours."""
        with transaction(self._engine) as connection:
            if connection.execute(_ours(claimed).values(state="answered")).rowcount != 1:
                return False
            _store(connection, claimed.question_id, answer)
        return True

    def finish(self, claimed: Claimed, ts: str | None = None) -> bool:
        """The final message is in the thread, with this ts, if it has one."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, None)
            ended = _ours(claimed).values(
                state="finished",
                finished_at=now(),
                lease_owner=None,
                lease_until=None,
                placeholder_ts=func.coalesce(ts, questions.c.placeholder_ts),
                # Used up; that there was one still says that the answer was private.
                response_url=case((questions.c.response_url.is_(None), None), else_=""),
            )
            return connection.execute(ended).rowcount == 1

    def finish_silently(self, claimed: Claimed) -> bool:
        """Nothing is said; nothing is kept of what might have been."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, None)
            ended = _ours(claimed).values(
                state="finished", finished_at=now(), lease_owner=None, lease_until=None
            )
            if connection.execute(ended).rowcount != 1:
                return False
            connection.execute(delete(answers).where(answers.c.question_id == claimed.question_id))
        return True

    def unasked_answers(self, team_id: str, channel_id: str) -> int:
        """How many answers to unasked questions of the last hour in a channel are stored: said, or about to be."""
        counted = (
            select(func.count())
            .select_from(questions.join(answers))
            .where(
                questions.c.team_id == team_id,
                questions.c.channel_id == channel_id,
                questions.c.unasked.is_(True),
                questions.c.accepted_at > now() - 3600,
            )
        )
        with transaction(self._engine) as connection:
            return int(connection.execute(counted).scalar_one())

    def release(self, claimed: Claimed, *, error: str, delay_seconds: float) -> bool:
        """Give the question back, to be tried again after `delay_seconds`; `error` names the fault, without content."""
        with transaction(self._engine) as connection:
            _end_attempt(connection, claimed, error)
            given_back = _ours(claimed).values(
                lease_owner=None, lease_until=None, not_before=now() + delay_seconds, enqueued_at=0
            )
            return connection.execute(given_back).rowcount == 1

    def due(self, *, quiet_seconds: float, limit: int) -> list[str]:
        """The ids of unfinished questions that nobody holds, oldest first, marked as enqueued now.

        Those enqueued within the last `quiet_seconds` are left to the queue.
        """
        waiting = (
            select(questions.c.id)
            .where(_free(), questions.c.not_before <= now(), questions.c.enqueued_at <= now() - quiet_seconds)
            .order_by(questions.c.accepted_at)
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            ids = list(connection.execute(waiting).scalars())
            connection.execute(update(questions).where(questions.c.id.in_(ids)).values(enqueued_at=now()))
        return ids

    def reword(self, team_id: str, channel_id: str, ts: str, text: str) -> str | None:
        """The message was edited: a question that is not finished is to be answered as it reads now. Its id if so, else None."""
        anew = {
            **_UNHELD,
            "state": "accepted",
            "text": text,
            "stopped": False,
            "answer_attempts": 0,
            "enqueued_at": now(),
        }
        with transaction(self._engine) as connection:
            reworded = (
                update(questions)
                .where(_message(team_id, channel_id, ts), questions.c.state != "finished")
                .where(questions.c.withdrawn.is_(False), questions.c.text != text)
                .values(anew)
                .returning(questions.c.id)
            )
            question_id = connection.execute(reworded).scalar_one_or_none()
            if question_id is not None:
                connection.execute(delete(answers).where(answers.c.question_id == question_id))
        return question_id

    def withdraw(self, team_id: str, channel_id: str, ts: str) -> str | None:
        """The message was deleted: no answer is to be left. The question's id; None where there is none, or it was withdrawn before."""
        gone = {**_UNHELD, "state": "answered", "withdrawn": True, "enqueued_at": now()}
        withdrawn = (
            update(questions)
            .where(_message(team_id, channel_id, ts), questions.c.withdrawn.is_(False))
            .values(gone)
            .returning(questions.c.id)
        )
        with transaction(self._engine) as connection:
            return connection.execute(withdrawn).scalar_one_or_none()

    def stop(self, team_id: str, channel_id: str, thread_ts: str) -> list[str]:
        """Somebody wants no more of what is written in this thread. The ids of the questions there that have no answer yet.

        Whoever lets a message grow ends it; a question of which nothing is to be seen yet is taken from its worker.
        """
        unanswered = (
            (questions.c.team_id == team_id) & (questions.c.channel_id == channel_id),
            (questions.c.thread_ts == thread_ts) & (questions.c.state == "accepted"),
        )
        taken = {**_UNHELD, "enqueued_at": now()}
        with transaction(self._engine) as connection:
            stopped = update(questions).where(*unanswered).values(stopped=True).returning(questions.c.id)
            ids = list(connection.execute(stopped).scalars())
            unseen = questions.c.id.in_(ids) & questions.c.placeholder_ts.is_(None)
            connection.execute(update(questions).where(unseen).values(taken))
        return ids

    def standing(self, claimed: Claimed) -> Standing:
        """Whether the question is still this attempt's to answer, and wanted."""
        held = select(questions.c.stopped).where(
            questions.c.id == claimed.question_id, questions.c.lease_owner == claimed.owner
        )
        with transaction(self._engine) as connection:
            stopped = connection.execute(held).scalar_one_or_none()
        return "lost" if stopped is None else "stopped" if stopped else "wanted"

    def knows_message(self, team_id: str, channel_id: str, ts: str) -> bool:
        """Whether the message is one in which a question is answered."""
        known = select(questions.c.id).where(
            questions.c.team_id == team_id,
            questions.c.channel_id == channel_id,
            questions.c.placeholder_ts == ts,
        )
        with transaction(self._engine) as connection:
            return connection.execute(known).first() is not None

    def is_withdrawn(self, question_id: str) -> bool:
        """Whether the question's message was deleted, or all that was kept of the question."""
        asked = select(questions.c.withdrawn).where(questions.c.id == question_id)
        with transaction(self._engine) as connection:
            withdrawn = connection.execute(asked).scalar_one_or_none()
        return withdrawn is not False

    def hand_on(self, question_id: str, user_id: str) -> Incoming | None:
        """Note that people are asked in our place. None where the question is somebody else's, or was handed on before."""
        handed_on = (
            update(questions)
            .where(questions.c.id == question_id, questions.c.user_id == user_id, self._own)
            .where(questions.c.asked_people_at.is_(None))
            .values(asked_people_at=now())
            .returning(questions)
        )
        with transaction(self._engine) as connection:
            row = connection.execute(handed_on).one_or_none()
        return incoming_of(row) if row else None

    def take_back(self, question_id: str) -> None:
        """Nobody could be asked: it may be tried again."""
        with transaction(self._engine) as connection:
            connection.execute(
                update(questions).where(questions.c.id == question_id, self._own).values(asked_people_at=None)
            )

    def choose(self, question_id: str, user_id: str, place: int) -> Choice | None:
        """Note what the asker chose, the first time; the choice that stands. None where the question is somebody else's, was
        withdrawn, or offers no such thing.
        """
        of_asker = select(questions).where(
            questions.c.id == question_id,
            questions.c.user_id == user_id,
            questions.c.withdrawn.is_(False),
            self._own,
        )
        first = update(answers).where(answers.c.question_id == question_id, answers.c.chosen.is_(None))
        given = select(answers).where(answers.c.question_id == question_id)
        with transaction(self._engine) as connection:
            asked = connection.execute(of_asker).one_or_none()
            stored = connection.execute(given).one_or_none() if asked else None
            if asked is None or stored is None or not 0 <= place < len(stored.options or ()):
                return None
            connection.execute(first.values(chosen=place))
            stands = connection.execute(given).one()
        return Choice(incoming_of(asked), answer_of(stands), stands.chosen)

    def asked(self, question_id: str) -> Incoming | None:
        """The question with this id."""
        with transaction(self._engine) as connection:
            found = connection.execute(
                select(questions).where(questions.c.id == question_id, self._own)
            ).one_or_none()
        return incoming_of(found) if found else None

    def kept(self, question_id: str) -> Incoming | None:
        """The question with this id; None where its message was deleted, or it was erased."""
        there = and_(questions.c.id == question_id, questions.c.withdrawn.is_(False), self._own)
        with transaction(self._engine) as connection:
            found = connection.execute(select(questions).where(there)).one_or_none()
        return incoming_of(found) if found else None

    def answer(self, question_id: str, *, team_id: str, channel_id: str, user_id: str) -> Answer | None:
        """The answer that was given in this channel, in private to this person; None where there is none."""
        given = (
            select(answers)
            .select_from(answers.join(questions))
            .where(
                questions.c.id == question_id,
                questions.c.team_id == team_id,
                questions.c.channel_id == channel_id,
                questions.c.withdrawn.is_(False),
                or_(questions.c.response_url.is_(None), questions.c.user_id == user_id),
            )
        )
        with transaction(self._engine) as connection:
            row = connection.execute(given).one_or_none()
        return answer_of(row) if row else None

    def latest(self, team_id: str, user_id: str, *, limit: int) -> list[Asked]:
        """What a person asked, the latest first."""
        found = (
            select(questions, answers.c.outcome)
            .select_from(questions.outerjoin(answers))
            .where(
                questions.c.team_id == team_id,
                questions.c.user_id == user_id,
                questions.c.thread_ts != "",  # shared: asked before
                questions.c.unasked.is_(False),
            )
            .order_by(questions.c.accepted_at.desc())
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return [
                Asked(
                    row.text,
                    row.channel_id,
                    place_of(incoming_of(row)),
                    Outcome(row.outcome) if row.outcome else None,
                )
                for row in connection.execute(found)
            ]

    def counts(self) -> dict[str, int]:
        """How many questions are in each state."""
        counted = select(questions.c.state, func.count()).where(self._own).group_by(questions.c.state)
        with transaction(self._engine) as connection:
            return {str(row.state): int(row[1]) for row in connection.execute(counted)}

    def _known(self, incoming: Incoming) -> str:
        with transaction(self._engine) as connection:
            known = select(questions.c.id).where(_message(incoming.team_id, incoming.channel_id, incoming.ts))
            return str(connection.execute(known).scalar_one())

    def _write(self, claimed: Claimed, **values: Any) -> bool:
        with transaction(self._engine) as connection:
            return connection.execute(_ours(claimed).values(**values)).rowcount == 1


_UNHELD: dict[str, Any] = {"lease_owner": None, "lease_until": None, "not_before": 0}


def _message(team_id: str, channel_id: str, ts: str) -> Any:
    return and_(questions.c.team_id == team_id, questions.c.channel_id == channel_id, questions.c.ts == ts)


def _count_unanswered(team_id: str) -> Any:
    return select(func.count()).where(questions.c.team_id == team_id, questions.c.state == "accepted")


def _count_unsure(question_id: str) -> Any:
    """The tries that were cut short, or ended for another reason than that they came too early."""
    in_line = and_(attempts.c.error.is_not(None), attempts.c.error == IN_LINE)
    return select(func.count()).where(attempts.c.question_id == question_id, not_(in_line))


def _free() -> Any:
    """Unfinished, and held by nobody."""
    unheld = or_(questions.c.lease_until.is_(None), questions.c.lease_until < now())
    return and_(questions.c.state != "finished", unheld)


def _ours(claimed: Claimed) -> Any:
    """An update that happens only while the lease is this attempt's and has not run out."""
    return update(questions).where(
        questions.c.id == claimed.question_id,
        questions.c.lease_owner == claimed.owner,
        questions.c.lease_until >= now(),
    )


def _store(connection: Connection, question_id: str, answer: Answer) -> None:
    connection.execute(insert(answers).values(answer_row(question_id, answer)))


def _end_attempt(connection: Connection, claimed: Claimed, error: str | None) -> None:
    connection.execute(
        update(attempts)
        .where(attempts.c.question_id == claimed.question_id, attempts.c.number == claimed.attempt)
        .values(ended_at=now(), error=error[:200] if error else None)
    )
