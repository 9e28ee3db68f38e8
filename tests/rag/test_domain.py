"""The words that do something of themselves."""

from datetime import UTC, datetime
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rag.domain import EVERYWHERE, Scope

DAYS = tuple(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4))
SOURCES, AUTHORS, PATHS = ("wiki", "drive"), ("Ines", "Tom"), ("", "run", "runbooks/", "runs")

scopes = st.builds(
    Scope,
    source_ids=st.none() | st.frozensets(st.sampled_from(SOURCES)),
    authors=st.none() | st.frozensets(st.sampled_from(AUTHORS)),
    path=st.none() | st.sampled_from(PATHS),
    since=st.none() | st.sampled_from(DAYS),
    until=st.none() | st.sampled_from(DAYS),
)


def holds(scope: Scope, source: str, author: str, document: str, day: datetime) -> bool:
    """What an index does with a scope."""
    return (
        (scope.source_ids is None or source in scope.source_ids)
        and (scope.authors is None or author in scope.authors)
        and (scope.path is None or document.startswith(scope.path))
        and (scope.since is None or day >= scope.since)
        and (scope.until is None or day <= scope.until)
    )


@given(scopes, scopes)
def test_a_narrowed_scope_holds_exactly_what_lies_in_both(one: Scope, other: Scope) -> None:
    both = one.narrowed(other)
    for place in product(SOURCES, AUTHORS, ("runbooks/db", "runs", "minutes"), DAYS):
        assert holds(both, *place) == (holds(one, *place) and holds(other, *place))


@given(scopes)
def test_everywhere_narrows_nothing(scope: Scope) -> None:
    assert scope.narrowed(EVERYWHERE) == EVERYWHERE.narrowed(scope) == scope
