"""The record of sources and of what was last made of each of their documents.

The index holds the chunks; this tells a sync which documents it need not read again, and people what is there.
A document is written down only after its chunks are in the index: after a crash it is at worst looked at once more.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Engine,
    Float,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ingestion.registered import RegisteredSource
from ingestion.remembering import memory
from ingestion.verified import verified_answers
from rag.database import metadata, now, portions, transaction
from rag.domain import Audience
from rag.errors import ConfigError
from rag.techniques.routing import Described

sources = Table(
    "sources",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("location", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("readers", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("every_seconds", Float),
    Column("synced_at", Float),  # the end of its last sync that went through
    Column("due_at", Float),  # when it is synced by itself again
    Column("people_channel", String(64)),
    Column("paused_at", Float),  # since then not synced by itself; null: it is
    UniqueConstraint("team_id", "name", name="uq_sources_name"),
)

documents = Table(
    "documents",
    metadata,
    Column("source_id", String(32), ForeignKey("sources.id", name="fk_documents_source"), primary_key=True),
    Column("document_id", String(500), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("layout", String(64), nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("updated_at", Float),
    Column("synced_at", Float, nullable=False),
    Column("failure", Text),
    Column("failures", Integer, nullable=False),
)

_STALE = and_(
    sources.c.paused_at.is_(None),
    func.coalesce(sources.c.synced_at, sources.c.created_at) + 2 * sources.c.every_seconds < now(),
)

_TITLES, _TITLE_CHARS = 12, 80
"""Of so many titles at most, cut to so many characters, a source's description is made."""

"""Document ids in one statement; SQLite takes 32,766 variables, older ones 999."""


@dataclass(frozen=True, slots=True)
class CataloguedDocument:
    """What was last made of a document.

    `version` is the original's; `layout` is all else that its chunks depend on. `failure` is why it could not be
    read, `failures` how often in a row.
    """

    id: str
    title: str
    url: str
    version: str
    layout: str
    chunks: int
    updated_at: datetime | None = None
    failure: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source in numbers. `synced_at` is the end of its last sync that went through, `due_at` when the next one is due.

    `is_stale`: two syncs that were due did not come, or did not go through; never while it is paused.
    """

    source: RegisteredSource
    documents: int
    chunks: int
    failing: int
    synced_at: datetime | None
    due_at: datetime | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Failing:
    """A document that could not be read the last `failures` times; `reason` completes the sentence "this document …"."""

    id: str
    title: str
    reason: str
    failures: int


def teams(engine: Engine) -> list[str]:
    """All that have sources, in order. Raises DatabaseUnavailable."""
    with transaction(engine) as connection:
        return [*connection.scalars(select(sources.c.team_id).distinct().order_by(sources.c.team_id))]


class Catalogue:
    """The sources and documents of one team. All methods raise DatabaseUnavailable; each is one transaction."""

    def __init__(self, engine: Engine, team_id: str) -> None:
        self._engine = engine
        self.team_id = team_id

    def add_source(
        self,
        name: str,
        *,
        kind: str,
        location: str,
        readers: Collection[str],
        options: Mapping[str, str] | None = None,
        every_seconds: float | None = None,
    ) -> RegisteredSource:
        """Register a source; its first sync is left to the caller. Raises ConfigError when there is one of that name."""
        row = {
            "id": uuid.uuid4().hex,
            "team_id": self.team_id,
            "name": name,
            "kind": kind,
            "location": location,
            "options": dict(options or {}),
            "readers": sorted(readers),
            "state": "active",
            "created_at": now(),
            **_scheduled(every_seconds),
        }
        try:
            with transaction(self._engine) as connection:
                added = connection.execute(insert(sources).values(row).returning(sources)).one()
        except IntegrityError:
            raise ConfigError(f"There is a source called {name} already; choose another name.") from None
        return _source(added)

    def change_source(
        self, source_id: str, *, readers: Collection[str], options: Mapping[str, str]
    ) -> RegisteredSource:
        """Change who may read a source and how it is opened. The index learns of readers by a run of action `readers`,
        of all else by the next sync.
        """
        with transaction(self._engine) as connection:
            changed = connection.execute(
                update(sources)
                .where(self._is(source_id))
                .values(readers=sorted(readers), options=dict(options))
                .returning(sources)
            ).one()
        return _source(changed)

    def schedule(self, source_id: str, every_seconds: float | None) -> RegisteredSource:
        """Sync the source by itself that often, first after that time; None: only when somebody asks."""
        scheduled = update(sources).where(self._is(source_id)).values(_scheduled(every_seconds))
        with transaction(self._engine) as connection:
            return _source(connection.execute(scheduled.returning(sources)).one())

    def name_people(self, source_id: str, channel_id: str) -> RegisteredSource:
        """The people of this Slack channel know what the source does not say; empty: nobody is named."""
        named = update(sources).where(self._is(source_id)).values(people_channel=channel_id or None)
        with transaction(self._engine) as connection:
            return _source(connection.execute(named.returning(sources)).one())

    def pause(self, source_id: str) -> RegisteredSource:
        """Sync the source no more by itself; its schedule is kept."""
        return self._paused(source_id, now())

    def resume(self, source_id: str) -> RegisteredSource:
        """Sync the source by its schedule again, at once where that is overdue."""
        return self._paused(source_id, None)

    def _paused(self, source_id: str, paused_at: Any) -> RegisteredSource:
        paused = update(sources).where(self._is(source_id)).values(paused_at=paused_at).returning(sources)
        with transaction(self._engine) as connection:
            return _source(connection.execute(paused).one())

    def take_due(self) -> list[str]:
        """The active sources that are due by now, each given out once: whoever gets it asks for its sync."""
        at_work = and_(sources.c.state == "active", sources.c.paused_at.is_(None))
        due = and_(sources.c.team_id == self.team_id, at_work, sources.c.due_at <= now())
        later = {"due_at": now() + sources.c.every_seconds}
        with transaction(self._engine) as connection:
            rows = connection.execute(update(sources).where(due).values(later).returning(sources.c.id))
            return [row.id for row in rows]

    def synced(self, source_id: str) -> None:
        """A sync of the source has gone through; the next one is due a full interval from now."""
        done = {"synced_at": now(), "due_at": now() + sources.c.every_seconds}
        with transaction(self._engine) as connection:
            connection.execute(update(sources).where(self._is(source_id)).values(done))

    def sources(self) -> list[RegisteredSource]:
        """All sources by name, those being removed too."""
        with transaction(self._engine) as connection:
            rows = connection.execute(
                select(sources).where(sources.c.team_id == self.team_id).order_by(sources.c.name)
            )
            return [_source(row) for row in rows]

    def source(self, source_id: str) -> RegisteredSource | None:
        return next((source for source in self.sources() if source.id == source_id), None)

    def source_named(self, name: str) -> RegisteredSource | None:
        return next((source for source in self.sources() if source.name == name), None)

    def retire(self, source_id: str) -> None:
        """From now on the source is being removed. It cannot be called back."""
        with transaction(self._engine) as connection:
            connection.execute(update(sources).where(self._is(source_id)).values(state="removing"))

    def drop(self, source_id: str) -> None:
        """Forget the source, all its documents, what it remembered and what people verified in it. No error when there is none."""
        with transaction(self._engine) as connection:
            own = select(sources.c.id).where(self._is(source_id))
            connection.execute(delete(memory).where(memory.c.source_id.in_(own)))
            connection.execute(delete(verified_answers).where(verified_answers.c.source_id.in_(own)))
            connection.execute(delete(documents).where(self._of(source_id)))
            connection.execute(delete(sources).where(self._is(source_id)))

    def documents(self, source_id: str) -> dict[str, CataloguedDocument]:
        """The documents of a source, by id."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(documents).where(self._of(source_id)))
            return {row.document_id: _document(row) for row in rows}

    def record(self, source_id: str, document: CataloguedDocument) -> None:
        """Write down what was made of a document. One process at a time works on a source (see `ingestion.runs`)."""
        self.record_all(source_id, [document])

    def record_all(self, source_id: str, entries: Collection[CataloguedDocument]) -> None:
        """Write down what was made of several documents, all or none; much faster than one by one."""
        rows = {entry.id: _row(entry) for entry in entries}
        ids = list(rows)
        with transaction(self._engine) as connection:
            known: set[str] = set()
            for portion in portions(ids):
                some = documents.c.document_id.in_(portion)
                known |= set(
                    connection.scalars(select(documents.c.document_id).where(self._of(source_id), some))
                )
            which = and_(self._of(source_id), documents.c.document_id == bindparam("entry"))
            if changed := [rows[id_] | {"entry": id_} for id_ in ids if id_ in known]:
                connection.execute(update(documents).where(which).values(synced_at=now()), changed)
            keys = {"source_id": source_id, "team_id": self.team_id}
            if added := [rows[id_] | keys | {"document_id": id_} for id_ in ids if id_ not in known]:
                connection.execute(insert(documents).values(synced_at=now()), added)

    def written(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], float]:
        """When documents, by source and id, were last written to the index, in epoch seconds; only those that there are."""
        written: dict[tuple[str, str], float] = {}
        ids = sorted({document_id for _, document_id in keys})
        with transaction(self._engine) as connection:
            for portion in portions(ids):
                some = documents.c.document_id.in_(portion)
                found = select(documents.c.source_id, documents.c.document_id, documents.c.synced_at).where(
                    documents.c.team_id == self.team_id, some
                )
                written |= {(row[0], row[1]): row[2] for row in connection.execute(found)}
        return {key: at for key, at in written.items() if key in keys}

    def forget(self, source_id: str, document_ids: Iterable[str]) -> None:
        """Strike documents out."""
        with transaction(self._engine) as connection:
            for some in portions(document_ids):
                connection.execute(
                    delete(documents).where(self._of(source_id), documents.c.document_id.in_(some))
                )

    def forget_versions(self, source_id: str | None = None) -> None:
        """Let the next sync of the source, or of every one, read every document again."""
        which = documents.c.team_id == self.team_id if source_id is None else self._of(source_id)
        with transaction(self._engine) as connection:
            connection.execute(update(documents).where(which).values(version=""))

    def described(self, audience: Audience) -> dict[str, Described]:
        """The sources that the audience may read, by id, each by the titles of some of its documents."""
        place = func.row_number().over(partition_by=documents.c.source_id, order_by=documents.c.document_id)
        numbered = (
            select(documents.c.source_id, documents.c.title, place.label("place"))
            .where(documents.c.team_id == self.team_id, documents.c.chunks > 0)
            .subquery()
        )
        some = select(numbered.c.source_id, numbered.c.title).where(numbered.c.place <= _TITLES)
        titles: dict[str, list[str]] = {}
        with transaction(self._engine) as connection:
            for row in connection.execute(some.order_by(numbered.c.source_id, numbered.c.place)):
                titles.setdefault(row.source_id, []).append(" ".join(row.title.split())[:_TITLE_CHARS])
        return {
            source.id: Described(source.name, "; ".join(titles.get(source.id, [])))
            for source in self.sources()
            if source.team_id == audience.team_id and source.readers & audience.readers
        }

    def newest(self, readers: Collection[str], *, limit: int) -> list[str]:
        """The titles of the documents changed last among those that somebody with one of these reader keys may read."""
        readable = [it.id for it in self.sources() if it.state == "active" and it.readers & set(readers)]
        found = (
            select(documents.c.title)
            .where(documents.c.source_id.in_(readable), documents.c.chunks > 0)
            .order_by(func.coalesce(documents.c.updated_at, documents.c.synced_at).desc(), documents.c.title)
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return list(connection.execute(found).scalars())

    def overview(self) -> list[SourceStatus]:
        """All sources by name, in numbers."""
        summed = (
            select(
                sources,
                func.count(documents.c.document_id).label("documents"),
                func.coalesce(func.sum(documents.c.chunks), 0).label("chunks"),
                func.count(documents.c.failure).label("failing"),
                _STALE.label("is_stale"),
            )
            .select_from(sources.outerjoin(documents))
            .where(sources.c.team_id == self.team_id)
            .group_by(sources.c.id)
            .order_by(sources.c.name)
        )
        # JSON columns cannot be grouped by in PostgreSQL, but those of a table follow from its primary key.
        with transaction(self._engine) as connection:
            return [
                SourceStatus(
                    source=_source(row),
                    documents=row.documents,
                    chunks=row.chunks,
                    failing=row.failing,
                    synced_at=_time(row.synced_at),
                    due_at=_time(row.due_at),
                    is_stale=bool(row.is_stale),
                )
                for row in connection.execute(summed)
            ]

    def failing(self, source_id: str, *, limit: int) -> list[Failing]:
        """The documents that could not be read, by id, at most `limit`."""
        failed = (
            select(documents)
            .where(self._of(source_id), documents.c.failure.is_not(None))
            .order_by(documents.c.document_id)
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return [
                Failing(row.document_id, row.title, row.failure, row.failures)
                for row in connection.execute(failed)
            ]

    def _is(self, source_id: str) -> ColumnElement[bool]:
        return and_(sources.c.team_id == self.team_id, sources.c.id == source_id)

    def _of(self, source_id: str) -> ColumnElement[bool]:
        return and_(documents.c.team_id == self.team_id, documents.c.source_id == source_id)


def _source(row: Row[Any]) -> RegisteredSource:
    return RegisteredSource(
        id=row.id,
        team_id=row.team_id,
        name=row.name,
        kind=row.kind,
        location=row.location,
        readers=frozenset(row.readers),
        options=row.options,
        state=row.state,
        every_seconds=row.every_seconds,
        people_channel=row.people_channel or "",
        is_paused=row.paused_at is not None,
    )


def _scheduled(every_seconds: float | None) -> dict[str, Any]:
    return {
        "every_seconds": every_seconds,
        "due_at": None if every_seconds is None else now() + every_seconds,
    }


def _document(row: Row[Any]) -> CataloguedDocument:
    return CataloguedDocument(
        id=row.document_id,
        title=row.title,
        url=row.url,
        version=row.version,
        layout=row.layout,
        chunks=row.chunks,
        updated_at=_time(row.updated_at),
        failure=row.failure,
        failures=row.failures,
    )


def _row(document: CataloguedDocument) -> dict[str, Any]:
    return {
        "title": document.title,
        "url": document.url,
        "version": document.version,
        "layout": document.layout,
        "chunks": document.chunks,
        "updated_at": document.updated_at.timestamp() if document.updated_at else None,
        "failure": document.failure,
        "failures": document.failures,
    }


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
