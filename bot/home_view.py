"""The home tab: how to ask, what there is to ask about, what one asked last. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ingestion.catalogue import SourceStatus
from rag.domain import Outcome
from workers.elements import (
    Block,
    Element,
    link_element,
    permalink,
    plain_text_object,
    rich_text,
    section,
    shortened,
    text_element,
    user_element,
)
from workers.feedback import REASONS
from workers.home import Shown
from workers.insights import Complaint, Insights
from workers.ledger import Asked
from workers.rendering import age

_MOST_SOURCES = 30
_QUESTION_CHARS = 150
_OUTCOMES = {Outcome.ANSWERED: "answered", Outcome.NOT_FOUND: "not in the documents"}


def home_view(shown: Shown, *, bot_user_id: str, workspace_url: str, today: datetime | None = None) -> Block:
    """The view for `views.publish`; ages are told as of `today` (UTC now if left out)."""
    at = today or datetime.now(UTC)
    return {
        "type": "home",
        "blocks": [
            _header("Ask your team's documents"),
            _list(
                section(
                    [
                        text_element("In a channel: mention "),
                        user_element(bot_user_id),
                        text_element(" and ask."),
                    ]
                ),
                section([text_element("In a thread: ask on; what was said there is understood.")]),
                section(
                    [
                        text_element("In private: write to me directly, or type "),
                        text_element("/ask", {"code": True}),
                        text_element(" anywhere."),
                    ]
                ),
            ),
            _note(
                "Every answer carries links to the passages it rests on. Where the documents don't say, I say so."
            ),
            {"type": "divider"},
            _header("What I know that you may read"),
            *_sources(shown.sources, at),
            {"type": "divider"},
            _header("What you asked last"),
            *_asked(shown.asked, workspace_url),
            *(_insights(shown.insights) if shown.insights else ()),
        ],
    }


def _sources(sources: Sequence[SourceStatus], today: datetime) -> Iterator[Block]:
    if not sources:
        yield _note(
            "Nothing yet. Whoever runs me can add folders, web sites, repositories, wikis and channels."
        )
        return
    yield _list(
        *(
            section([text_element(status.source.name, {"bold": True}), *_state(status, today)])
            for status in sources[:_MOST_SOURCES]
        )
    )
    if len(sources) > _MOST_SOURCES:
        yield _note(f"and {len(sources) - _MOST_SOURCES} more")


def _state(status: SourceStatus, today: datetime) -> Iterator[Block]:
    documents = "1 document" if status.documents == 1 else f"{status.documents:,} documents"
    looked_at = f"looked at {age(status.synced_at, today)}" if status.synced_at else "not read yet"
    yield text_element(f"  ·  {documents}  ·  {looked_at}")
    if status.is_stale:
        yield text_element("  ·  its last updates did not come through", {"italic": True})


def _asked(asked: Sequence[Asked], workspace_url: str) -> Iterator[Block]:
    if not asked:
        yield _note("Nothing yet.")
        return
    yield _list(*(section([*_question(one, workspace_url)]) for one in asked))


def _question(asked: Asked, workspace_url: str) -> Iterator[Block]:
    text = " ".join(asked.text.split()) or "(nothing)"
    short = shortened(text, _QUESTION_CHARS)
    if asked.ts is None:
        yield text_element(short)
        yield text_element("  ·  in private", {"italic": True})
    else:
        yield link_element(permalink(workspace_url, asked.channel_id, asked.ts), short)
    yield text_element(
        f"  ·  {_OUTCOMES.get(asked.outcome, 'replied to') if asked.outcome else 'being answered'}"
    )


def _insights(found: Insights) -> Iterator[Block]:
    """For admins: how it goes, and what is missing."""
    yield {"type": "divider"}
    yield _header(f"For admins: the last {found.days} days")
    outcomes = "  ·  ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in sorted(found.outcomes.items())
    )
    yield _note(
        f"{found.asked} asked{f'  ·  {outcomes}' if outcomes else ''}  ·  {found.good} found helpful, {found.bad} not"
    )
    if found.gaps:
        yield _named("What the documents do not say")
        yield _list(
            *(
                section([text_element(shortened(gap.question, _QUESTION_CHARS)), *_times(gap.times)])
                for gap in found.gaps
            )
        )
    if found.complaints:
        yield _named("Not helpful")
        yield _list(*(section([*_complaint(one)]) for one in found.complaints))
    if found.grounds:
        yield _named("What answers rest on")
        yield _list(
            *(
                section([link_element(ground.url, ground.title or ground.url), *_times(ground.answers)])
                for ground in found.grounds
            )
        )


def _times(count: int) -> list[Element]:
    return [text_element(f"  ·  {count} times")] if count > 1 else []


def _complaint(complaint: Complaint) -> Iterator[Element]:
    yield text_element(shortened(complaint.question, _QUESTION_CHARS) or "(nothing)")
    said = [REASONS.get(complaint.reason or "", ""), shortened(complaint.comment or "", _QUESTION_CHARS)]
    if reason := ": ".join(filter(None, said)):
        yield text_element(f"  ·  {reason}", {"italic": True})


def _named(text: str) -> Block:
    return rich_text([section([text_element(text, {"bold": True})])])


def _header(text: str) -> Block:
    return {"type": "header", "text": plain_text_object(text)}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [plain_text_object(text)]}


def _list(*items: Block) -> Block:
    return rich_text([{"type": "rich_text_list", "style": "bullet", "elements": list(items)}])
