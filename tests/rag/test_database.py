"""What statements are given."""

from rag.database import portions


def test_portions_are_whole_and_in_order() -> None:
    assert list(portions([])) == []
    parts = list(portions(range(1001)))
    assert [len(part) for part in parts] == [500, 500, 1]
    assert [one for part in parts for one in part] == list(range(1001))
