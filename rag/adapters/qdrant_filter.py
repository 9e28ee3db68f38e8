"""The conditions of a Qdrant server: whose chunks, of which document, readable by whom."""

from collections.abc import Iterable, Sequence

from qdrant_client.models import (
    DatetimeRange,
    FieldCondition,
    Filter,
    HasIdCondition,
    MatchAny,
    MatchPrefix,
    MatchValue,
    Range,
    ValuesCount,
)

from rag.domain import Audience, Scope


def owned_by(team_id: str, source_id: str | None = None, document_id: str | None = None) -> Filter:
    """Chunks of a team, of one of its sources, of one document there."""
    scope = {"team_id": team_id, "source_id": source_id, "document_id": document_id}
    return Filter(must=[_equal(key, value) for key, value in scope.items() if value is not None])


def readable_by(audience: Audience) -> Filter:
    """Chunks of the audience's team that carry one of its reader keys."""
    readers = FieldCondition(key="readers", match=MatchAny(any=sorted(audience.readers)))
    return Filter(must=[owned_by(audience.team_id), readers])


def within(scope: Scope, chunks: Filter) -> Filter:
    """Of the chunks, those that lie in the scope."""
    conditions: list[FieldCondition | HasIdCondition] = []
    if scope.source_ids is not None:
        conditions.append(FieldCondition(key="source_id", match=MatchAny(any=sorted(scope.source_ids))))
    if scope.authors is not None:
        conditions.append(FieldCondition(key="author", match=MatchAny(any=sorted(scope.authors))))
    if scope.path is not None:
        conditions.append(FieldCondition(key="document_id", match=MatchPrefix(prefix=scope.path)))
    if scope.since is not None or scope.until is not None:
        span = DatetimeRange(gte=scope.since, lte=scope.until)
        conditions.append(FieldCondition(key="updated_at", range=span))
    if scope.point_ids is not None:
        conditions.append(HasIdCondition(has_id=sorted(scope.point_ids)))
    return Filter(must=[chunks, *conditions]) if conditions else chunks


def among(scope: Filter, point_ids: Iterable[str]) -> Filter:
    """Chunks in scope that are of these points."""
    return Filter(must=[scope, HasIdCondition(has_id=[*point_ids])])


def only(point_ids: Iterable[str]) -> Filter:
    """These points, whatever they are."""
    return Filter(must=[HasIdCondition(has_id=[*point_ids])])


def of_texts(team_id: str, fingerprints: Iterable[str]) -> Filter:
    """Chunks of the team with one of these texts."""
    texts = FieldCondition(key="fingerprint", match=MatchAny(any=[*fingerprints]))
    return Filter(must=[owned_by(team_id), texts])


def read_by_others(team_id: str, source_id: str, readers: Sequence[str]) -> Filter:
    """Chunks of the source that have readers, and not exactly these."""
    some = FieldCondition(key="readers", values_count=ValuesCount(gte=1))
    as_many = FieldCondition(key="readers", values_count=ValuesCount(gte=len(readers), lte=len(readers)))
    these = Filter(must=[as_many, *(_equal("readers", reader) for reader in readers)])
    return Filter(must=[owned_by(team_id, source_id), some], must_not=[these])


def between(scope: Filter, first: int, last: int) -> Filter:
    """Chunks at the positions from `first` to `last`, both included."""
    return Filter(must=[scope, FieldCondition(key="position", range=Range(gte=first, lte=last))])


def both(one: Filter, other: Filter) -> Filter:
    return Filter(must=[one, other])


def _equal(key: str, value: str) -> FieldCondition:
    return FieldCondition(key=key, match=MatchValue(value=value))
