"""The conditions of the embedded engine: whose chunks, of which document, readable by whom."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from qdrant_edge import (
    FieldCondition,
    Filter,
    HasIdCondition,
    MatchAny,
    MatchPrefix,
    MatchValue,
    RangeDateTime,
    RangeFloat,
    ValuesCount,
)

from rag.domain import Audience, Scope

PointId = int | str | UUID


def owned_by(team_id: str, source_id: str | None = None, document_id: str | None = None) -> Filter:
    """Chunks of a team, of one of its sources, of one document there."""
    scope = {"team_id": team_id, "source_id": source_id, "document_id": document_id}
    return Filter(must=[_equal(key, value) for key, value in scope.items() if value is not None])


def readable_by(audience: Audience) -> Filter:
    """Chunks of the audience's team that carry one of its reader keys."""
    readers = FieldCondition("readers", match=MatchAny(sorted(audience.readers)))
    return Filter(must=[owned_by(audience.team_id), readers])


def within(scope: Scope, chunks: Filter) -> Filter:
    """Of the chunks, those that lie in the scope."""
    conditions: list[FieldCondition | HasIdCondition] = []
    if scope.source_ids is not None:
        conditions.append(FieldCondition("source_id", match=MatchAny(sorted(scope.source_ids))))
    if scope.authors is not None:
        conditions.append(FieldCondition("author", match=MatchAny(sorted(scope.authors))))
    if scope.path is not None:
        conditions.append(FieldCondition("document_id", match=MatchPrefix(scope.path)))
    if scope.since is not None or scope.until is not None:
        since, until = (at.isoformat() if at else None for at in (scope.since, scope.until))
        conditions.append(FieldCondition("updated_at", range=RangeDateTime(gte=since, lte=until)))
    if scope.point_ids is not None:
        conditions.append(HasIdCondition({*scope.point_ids}))
    return Filter(must=[chunks, *conditions]) if conditions else chunks


def among(scope: Filter, point_ids: Iterable[PointId]) -> Filter:
    """Chunks in scope that are of these points."""
    return Filter(must=[scope, HasIdCondition({*point_ids})])


def only(point_ids: Iterable[PointId]) -> Filter:
    """These points, whatever they are."""
    return Filter(must=[HasIdCondition({*point_ids})])


def between(scope: Filter, first: int, last: int) -> Filter:
    """Chunks at the positions from `first` to `last`, both included."""
    return Filter(must=[scope, FieldCondition("position", range=RangeFloat(gte=first, lte=last))])


def of_texts(team_id: str, fingerprints: Iterable[str]) -> Filter:
    """Chunks of the team with one of these texts."""
    texts = FieldCondition("fingerprint", match=MatchAny([*fingerprints]))
    return Filter(must=[owned_by(team_id), texts])


def read_by_others(team_id: str, source_id: str, readers: Sequence[str]) -> Filter:
    """Chunks of the source that have readers, and not exactly these."""
    some = FieldCondition("readers", values_count=ValuesCount(gte=1))
    as_many = FieldCondition("readers", values_count=ValuesCount(gte=len(readers), lte=len(readers)))
    these = Filter(must=[as_many, *(_equal("readers", reader) for reader in readers)])
    return Filter(must=[owned_by(team_id, source_id), some], must_not=[these])


def both(one: Filter, other: Filter) -> Filter:
    return Filter(must=[one, other])


def _equal(key: str, value: str) -> FieldCondition:
    return FieldCondition(key, match=MatchValue(value))
