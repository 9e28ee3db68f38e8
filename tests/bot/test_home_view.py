"""The home tab for what there is, at its limits."""

from datetime import UTC, datetime, timedelta

from bot.home_view import home_view
from ingestion.catalogue import SourceStatus
from ingestion.registered import RegisteredSource
from ingestion.runs import Run
from rag.domain import Outcome
from sandbox.block_kit import check_view
from sandbox.reading import message_text
from workers.admin.failures import Failures, Fault
from workers.admin.insights import Complaint, Gap, Ground, Insights
from workers.admin.overseeing import Overview
from workers.admin.standing import Standing
from workers.asked import Asked
from workers.channels import Changed, ChannelSettings
from workers.home import Shown

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


INSIGHTS = Insights(
    7, 12, 0, 0, {"answered": 9, "not_found": 3}, 4, 1,
    [Gap("per diem <!channel> in Tokyo?", 3), Gap("x" * 1000, 1)],
    [Ground("Annual leave", "https://x.example/leave", 5, 0)],
    [Complaint("how many days?", "outdated", "it is 28 & more")],
)  # fmt: skip
NOTHING = Insights(7, 0, 0, 0, {}, 0, 0, [], [], [])


def failed_run(name: str) -> Run:
    return Run(
        name,
        name,
        name,
        "sync",
        "failed",
        "U1",
        TODAY,
        TODAY,
        TODAY,
        1,
        None,
        None,
        "it did not answer & more",
    )


def test_admins_read_how_it_goes_and_what_is_missing() -> None:
    overview = Overview(
        [Standing("Slack", works=True, said="answered"), Standing("index", works=False, said="no answer")],
        [status("wiki"), status("drive")],
        {"drive": failed_run("drive")},
        INSIGHTS,
        Failures(7, [Fault("LLMUnavailable", 3, TODAY), Fault("SlackUnavailable", 1, TODAY)], 2),
        {"C01GENERAL": Changed(ChannelSettings(language="de"), "U1", TODAY)},
        {"wiki": "wiki"},
    )
    shown = text(Shown([], [], overview))
    assert "For admins" in shown
    assert "index  ·  does not work  ·  no answer" in shown
    assert "drive  ·  last sync failed" in shown
    assert "The last 7 days" in shown
    assert "12 asked  ·  9 answered  ·  3 not found  ·  4 found helpful, 1 not" in shown
    assert "in Tokyo?  ·  3 times" in shown
    assert "Annual leave <https://x.example/leave>  ·  5 times" in shown
    assert "it is 28 & more" in shown
    assert "drive  ·  it did not answer & more" in shown
    assert "tried again for LLMUnavailable, 3 times" in shown
    assert "ended in an apology: 2" in shown
    assert "speaks German" in shown
    assert "[Change]" in shown


def test_for_admins_with_nothing_yet() -> None:
    shown = text(Shown([], [], Overview([], [], {}, NOTHING, Failures(7, [], 0), {}, {})))
    assert "No sources yet" in shown
    assert "None: every channel is as everywhere." in shown
    assert "What failed in the last 7 days\nNothing." in shown


def test_everything_at_its_limits_fits_in_a_view() -> None:
    names = [f"s{number}" for number in range(150)]
    long = "x" * 300
    full = ChannelSettings("never", 0.6, "C01PEOPLE", frozenset(names), "de", 8)
    overview = Overview(
        [Standing(long, works=False, said=long)] * 5,
        [status(f"{name}{long}") for name in names],
        {name: failed_run(f"{name}{long}"[:200]) for name in names},
        INSIGHTS,
        Failures(7, [Fault(long, 9, TODAY)] * 5, 1),
        {f"C{number:08}": Changed(full, "U1", TODAY) for number in range(60)},
        {name: f"{name}{long}" for name in names},
    )
    assert "and 45 more" in text(Shown([], [], overview))


def test_members_read_none_of_it() -> None:
    assert "For admins" not in text(Shown([], []))
