"""The home tab for what there is, at its limits."""

from datetime import UTC, datetime, timedelta

from bot.home_view import home_view
from ingestion.catalogue import SourceStatus
from ingestion.registered import RegisteredSource
from rag.domain import Outcome
from sandbox.block_kit import check_view
from sandbox.reading import message_text
from workers.home import Shown
from workers.insights import Complaint, Gap, Ground, Insights
from workers.ledger import Asked

TODAY = datetime(2026, 11, 27, tzinfo=UTC)


def status(name: str, documents: int = 3, *, days: int | None = 2, stale: bool = False) -> SourceStatus:
    source = RegisteredSource(name, "T1", name, "folder", "/x", frozenset({"members"}), {})
    at = None if days is None else TODAY - timedelta(days=days)
    return SourceStatus(source, documents, 9, 0, at, None, stale)


def text(shown: Shown) -> str:
    view = home_view(shown, bot_user_id="UBOT", workspace_url="https://fernway.slack.com/", today=TODAY)
    assert check_view(view) == []
    assert len(view["blocks"]) <= 100
    return message_text("", view["blocks"])


def test_sources_are_told_with_their_freshness() -> None:
    shown = text(Shown([status("wiki", 1), status("drive", 1200, days=None), status("old", stale=True)], []))
    assert "wiki  ·  1 document  ·  looked at 2 days ago" in shown
    assert "drive  ·  1,200 documents  ·  not read yet" in shown
    assert "its last updates did not come through" in shown


def test_questions_are_told_with_their_end() -> None:
    asked = [
        Asked("how\nmany?", "C1", "100.200", Outcome.ANSWERED),
        Asked("x" * 1000, "C1", None, Outcome.NOT_FOUND),
        Asked("", "C1", "100.3", Outcome.NEEDS_CLARIFICATION),
        Asked("now", "C1", "100.4", None),
    ]
    shown = text(Shown([], asked))
    assert "how many? <https://fernway.slack.com/archives/C1/p100200>  ·  answered" in shown
    assert f"{'x' * 149}…  ·  in private  ·  not in the documents" in shown
    assert "(nothing)" in shown
    assert "replied to" in shown
    assert "being answered" in shown


def test_a_name_is_no_markup_and_many_sources_fit() -> None:
    shown = text(Shown([status(f"<!channel> *{number}*") for number in range(40)], []))
    assert "<!channel> *29*" in shown
    assert "and 10 more" in shown


def test_admins_read_how_it_goes_and_what_is_missing() -> None:
    found = Insights(
        7, 12, 0, 0, {"answered": 9, "not_found": 3}, 4, 1,
        [Gap("per diem <!channel> in Tokyo?", 3), Gap("x" * 1000, 1)],
        [Ground("Annual leave", "https://x.example/leave", 5, 0)],
        [Complaint("how many days?", "outdated", "it is 28 & more")],
    )  # fmt: skip
    shown = text(Shown([], [], found))
    assert "For admins: the last 7 days" in shown
    assert "12 asked  ·  9 answered  ·  3 not found  ·  4 found helpful, 1 not" in shown
    assert "in Tokyo?  ·  3 times" in shown
    assert "Annual leave <https://x.example/leave>  ·  5 times" in shown
    assert "it is 28 & more" in shown
    assert "For admins" not in text(Shown([], []))
