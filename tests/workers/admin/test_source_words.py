"""Sources as admins read of them."""

from datetime import UTC, datetime

from ingestion.catalogue import SourceStatus
from ingestion.registered import RegisteredSource
from workers.admin.source_words import listed
from workers.reporting.usage import Used

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def status(name: str) -> SourceStatus:
    source = RegisteredSource(name, "T", name, "web", f"https://{name}.example", frozenset({"members"}))
    return SourceStatus(source, 12, 30, 0, AT, None, is_stale=False)


def test_the_list_tells_how_sources_are_used_where_that_is_known() -> None:
    statuses = [status("wiki"), status("docs")]
    used = str(listed(statuses, {}, {"wiki": Used(questions=7, old_documents=1)}).blocks)
    assert "7 questions this week, 1 old page" in used
    assert "0 questions this week'" in used
    assert "this week" not in str(listed(statuses, {}).blocks)
