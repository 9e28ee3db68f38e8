"""The record of runs: one run is one thing to do to a source, or to all of them. It is how processes share the work.

    request ──▶ requested ── claim ──▶ running ── finish ──▶ done | failed
                  ▲ ▲  │                 │  │
                  │ │  └──── cancel ─────┴──│──────────────▶ cancelled
                  │ └── release, put_off, or the lease ran out
                  └──── postponed: until the readers are changed

sync        the index is brought to what the source holds
readers     a changed audience is carried into the index
remove      the source is taken out
rebuild     the index is built anew, of all sources; its `source_id` is ALL_SOURCES

requested   somebody asked; nobody works on it yet, or a service was away and it waits for its next try
running     its owner works on it and renews the lease; when the lease has run out, anybody may claim it again
done        the report says what was done
failed      the error says why, in a sentence; nothing more happens until somebody asks again
cancelled   stopped by somebody; its owner notices at the next renewal

A source has at most one unfinished run (an index of the table sees to that): whoever asks while there is one gets that
one. But a change of readers goes before a sync, which it postpones, and a removal goes before both, which it cancels.
They wait until the other's owner lets go of its lease, so that nothing is written after they have gone through the index.

While a rebuild is unfinished no sync starts, and the rebuild waits for those at work: the catalogue tells what is in one
index, and must not be written for two. Changes of readers and removals do not wait for a rebuild; they reach both.

A run that took its process down with it ATTEMPTS times is not tried again. One that found a service away is put off,
each time for longer. All times are the database's.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ingestion.catalogue import sources
from ingestion.report import Progress, SyncReport
from ingestion.run_table import ALL_SOURCES, UNFINISHED, Action, Run, State, found, run_of, runs
from rag.database import now, transaction
from rag.errors import ConfigError

__all__ = ["AGAIN_SECONDS", "ALL_SOURCES", "ATTEMPTS", "Action", "Run", "Runs", "State", "runs"]

ATTEMPTS = 5

AGAIN_SECONDS = 30.0
"""Between the first try that found a service away and the second; each next one waits for as much more, ATTEMPTS times that at most."""

_CANCELLED = {"state": "cancelled", "finished_at": now()}


class Runs:
    """The runs of one team. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self._team_id = team_id

    def request(self, source_id: str, action: Action, requested_by: str) -> Run:
        """Ask for a run, or get the unfinished one that there is (which may be a removal where a sync is asked for).

        A rebuild is asked for with ALL_SOURCES. Raises ConfigError when there is no such source.
        """
        try:
            with transaction(self._engine) as connection:
                return self._requested(connection, source_id, action, requested_by)
        except IntegrityError:  # somebody asked at the same moment
            with transaction(self._engine) as connection:
                return self._requested(connection, source_id, action, requested_by)

    def claim(self, run_id: str, *, owner: str, lease_seconds: float) -> Run | None:
        """Take the run up for `lease_seconds`; None when it is finished, held, or has to wait for another to let go."""
        values = {
            "state": "running",
            "lease_owner": owner,
            "lease_until": now() + lease_seconds,
            "attempts": runs.c.attempts + 1,
            "started_at": func.coalesce(runs.c.started_at, now()),
            "finished_at": None,
            "error": None,
        }
        return self._write(and_(self._is(run_id), self._is_free()), values)

    def renew(
        self, run_id: str, *, owner: str, lease_seconds: float, progress: Progress | None = None
    ) -> bool:
        """Hold the run for `lease_seconds` from now, and tell how far it is; False when it is no longer ours."""
        values: dict[str, Any] = {"lease_until": now() + lease_seconds}
        if progress is not None:
            values["progress"] = progress.model_dump(mode="json")
        return self._write(self._is_held_by(run_id, owner), values) is not None

    def finish(
        self, run_id: str, *, owner: str, report: SyncReport | None = None, error: str | None = None
    ) -> bool:
        """The run is over: failed where `error` says why, else done. False when it was no longer ours."""
        values = {
            "state": "failed" if error else "done",
            "report": report.model_dump(mode="json") if report else None,
            "error": error,
            "finished_at": now(),
            "lease_until": None,
        }
        return self._end(self._is_held_by(run_id, owner), values)

    def release(self, run_id: str, *, owner: str) -> None:
        """Let go of the run unfinished, so that it can be taken up again at once; if it was cancelled, it stays so."""
        again = {"state": "requested", "lease_until": None, "attempts": runs.c.attempts - 1}
        if self._write(self._is_held_by(run_id, owner), again) is None:
            self._write(and_(self._is(run_id), runs.c.lease_owner == owner), {"lease_until": None})

    def put_off(self, run_id: str, *, owner: str, error: str) -> None:
        """Let go of the run because of something that will pass: it can be taken up again in a while, each time later."""
        values = {"state": "requested", "lease_until": None, "finished_at": now(), "error": error}
        if self._write(self._is_held_by(run_id, owner), values) is None:
            self.release(run_id, owner=owner)

    def cancel(self, run_id: str) -> bool:
        """Stop the run at the next step; False when it is finished already."""
        return self._end(and_(self._is(run_id), runs.c.state.in_((*UNFINISHED, "postponed"))), _CANCELLED)

    def free_all(self) -> None:
        """Let every lease run out. For the one process that has just opened the embedded index: whoever held it before
        is gone, and what they left can go on at once.
        """
        held = and_(runs.c.team_id == self._team_id, runs.c.lease_until > now())
        with transaction(self._engine) as connection:
            connection.execute(update(runs).where(held).values(lease_until=now()))

    def waiting(self) -> list[Run]:
        """The runs that anybody may claim now, oldest first."""
        given_up = {
            "state": "failed",
            "finished_at": now(),
            "error": f"It was begun {ATTEMPTS} times and the process ended in the middle of it, so it is not tried again.",
        }
        with transaction(self._engine) as connection:
            tried = and_(runs.c.state == "running", runs.c.attempts >= ATTEMPTS)
            lapsed = and_(runs.c.team_id == self._team_id, self._is_free(), tried)
            connection.execute(update(runs).where(lapsed).values(given_up))
            self._resume(connection)
            return found(connection, and_(runs.c.team_id == self._team_id, self._is_free()))

    def get(self, run_id: str) -> Run | None:
        with transaction(self._engine) as connection:
            return next(iter(found(connection, self._is(run_id))), None)

    def latest(self) -> dict[str, Run]:
        """The last run of each source, by source id."""
        later = runs.alias()
        last = select(func.max(later.c.requested_at)).where(later.c.source_id == runs.c.source_id)
        newest = and_(runs.c.team_id == self._team_id, runs.c.requested_at == last.scalar_subquery())
        with transaction(self._engine) as connection:
            return {run.source_id: run for run in found(connection, newest)}

    def unread_since(self) -> dict[str, datetime]:
        """The sources of which the last sync failed, or waits for another try after it did: when they were last read, by id."""
        later = runs.alias()
        last = select(func.max(later.c.requested_at)).where(later.c.source_id == sources.c.id)
        waits_again = and_(runs.c.state == "requested", runs.c.error.is_not(None))
        failing = (
            select(sources.c.id, func.coalesce(sources.c.synced_at, sources.c.created_at))
            .join(runs, runs.c.source_id == sources.c.id)
            .where(
                sources.c.team_id == self._team_id,
                runs.c.requested_at == last.scalar_subquery(),
                runs.c.action == "sync",
                or_(runs.c.state == "failed", waits_again),
            )
        )
        with transaction(self._engine) as connection:
            return {row[0]: datetime.fromtimestamp(row[1], UTC) for row in connection.execute(failing)}

    def _requested(self, connection: Connection, source_id: str, action: Action, requested_by: str) -> Run:
        of_source = and_(runs.c.team_id == self._team_id, runs.c.source_id == source_id)
        unfinished = next(iter(found(connection, and_(of_source, runs.c.state.in_(UNFINISHED)))), None)
        postponed = and_(of_source, runs.c.state == "postponed")
        if unfinished is None:
            return self._added(connection, source_id, action, requested_by)
        if _is_served_by(action, unfinished):
            return unfinished
        if action == "sync":  # while the readers are changed
            waiting = next(iter(found(connection, postponed)), None)
            return waiting or self._added(connection, source_id, action, requested_by, state="postponed")
        stopped = _CANCELLED if action == "remove" or unfinished.action != "sync" else {"state": "postponed"}
        connection.execute(update(runs).where(runs.c.id == unfinished.id).values(stopped))
        if action == "remove":
            connection.execute(update(runs).where(postponed).values(_CANCELLED))
        return self._added(connection, source_id, action, requested_by)

    def _added(
        self,
        connection: Connection,
        source_id: str,
        action: Action,
        requested_by: str,
        state: State = "requested",
    ) -> Run:
        row = {
            "id": uuid.uuid4().hex,
            "team_id": self._team_id,
            "source_id": source_id,
            "source_name": self._name(connection, source_id),
            "action": action,
            "state": state,
            "requested_by": requested_by,
            "requested_at": now(),
            "attempts": 0,
        }
        return run_of(connection.execute(insert(runs).values(row).returning(runs)).one())

    def _name(self, connection: Connection, source_id: str) -> str:
        if source_id == ALL_SOURCES:
            return "all sources"
        named = select(sources.c.name).where(sources.c.team_id == self._team_id, sources.c.id == source_id)
        name: str | None = connection.execute(named).scalar_one_or_none()
        if name is None:
            raise ConfigError("There is no such source.")
        return name

    def _resume(self, connection: Connection) -> None:
        """What was postponed can be taken up once nothing else of its source is unfinished."""
        other = runs.alias()
        busy = exists().where(other.c.source_id == runs.c.source_id, other.c.state.in_(UNFINISHED))
        freed = and_(runs.c.team_id == self._team_id, runs.c.state == "postponed", ~busy)
        connection.execute(update(runs).where(freed).values(state="requested", lease_until=None))

    def _end(self, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
        """Whether the run was there to end; what waited for it can then be taken up."""
        with transaction(self._engine) as connection:
            ended = connection.execute(update(runs).where(which).values(values)).rowcount > 0
            self._resume(connection)
            return ended

    def _write(self, which: ColumnElement[bool], values: dict[str, Any]) -> Run | None:
        with transaction(self._engine) as connection:
            row = connection.execute(update(runs).where(which).values(values).returning(runs)).one_or_none()
            return run_of(row) if row else None

    def _is(self, run_id: str) -> ColumnElement[bool]:
        return and_(runs.c.team_id == self._team_id, runs.c.id == run_id)

    def _is_held_by(self, run_id: str, owner: str) -> ColumnElement[bool]:
        return and_(self._is(run_id), runs.c.state == "running", runs.c.lease_owner == owner)

    def _is_free(self) -> ColumnElement[bool]:
        """Unfinished, held by nobody, and not to wait for anything else that is at work or goes first.

        Teams share the index: a rebuild for one is one for all.
        """
        other = runs.alias()
        at_work = exists().where(
            other.c.source_id == runs.c.source_id, other.c.id != runs.c.id, other.c.lease_until > now()
        )
        syncing = exists().where(other.c.action == "sync", other.c.lease_until > now())
        rebuilding = exists().where(
            other.c.action == "rebuild",
            or_(other.c.state.in_(UNFINISHED), other.c.lease_until > now()),
        )
        waits = case(
            (runs.c.action == "rebuild", or_(at_work, syncing)),
            (runs.c.action == "sync", or_(at_work, rebuilding)),
            else_=at_work,
        )
        lapsed = and_(runs.c.state == "running", runs.c.lease_until <= now())
        times = case((runs.c.attempts < ATTEMPTS, runs.c.attempts), else_=ATTEMPTS)
        again_at = func.coalesce(runs.c.finished_at, 0.0) + AGAIN_SECONDS * times
        asked_for = and_(runs.c.state == "requested", again_at <= now())
        return and_(or_(asked_for, lapsed), ~waits)


def _is_served_by(action: Action, unfinished: Run) -> bool:
    """Whether the unfinished run does what is asked for, or makes it pointless."""
    if unfinished.action == action:
        # One at work on the readers may have read the old ones.
        return action != "readers" or unfinished.state == "requested"
    return unfinished.action == "remove"
