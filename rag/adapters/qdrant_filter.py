"""The conditions of a Qdrant server: whose chunks, of which document, readable by whom."""

from collections.abc import Iterable

from qdrant_client.models import FieldCondition, Filter, HasIdCondition, MatchAny, MatchValue, Range

from rag.domain import Audience


def owned_by(team_id: str, source_id: str | None = None, document_id: str | None = None) -> Filter:
    """Chunks of a team, of one of its sources, of one document there."""
    scope = {"team_id": team_id, "source_id": source_id, "document_id": document_id}
    return Filter(must=[_equal(key, value) for key, value in scope.items() if value is not None])


def readable_by(audience: Audience) -> Filter:
    """Chunks of the audience's team that carry one of its reader keys."""
    readers = FieldCondition(key="readers", match=MatchAny(any=sorted(audience.readers)))
    return Filter(must=[owned_by(audience.team_id), readers])


def among(scope: Filter, point_ids: Iterable[str]) -> Filter:
    """Chunks in scope that are of these points."""
    return Filter(must=[scope, HasIdCondition(has_id=[*point_ids])])


def between(scope: Filter, first: int, last: int) -> Filter:
    """Chunks at the positions from `first` to `last`, both included."""
    return Filter(must=[scope, FieldCondition(key="position", range=Range(gte=first, lte=last))])


def both(one: Filter, other: Filter) -> Filter:
    return Filter(must=[one, other])


def _equal(key: str, value: str) -> FieldCondition:
    return FieldCondition(key=key, match=MatchValue(value=value))
