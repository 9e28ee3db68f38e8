"""The home tab: how to ask, what there is to ask about, what one asked last. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.admin.home import admin_blocks
from bot.home_blocks import DIVIDER, header, listing
from ingestion.catalogue import SourceStatus
from rag.domain import Outcome
from workers.asked import Asked
from workers.elements import (
    Block,
    link_element,
    note,
    permalink,
    section,
    shortened,
    text_element,
    user_element,
)
from workers.home import Shown
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
            header("Ask your team's documents"),
            listing(
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
            note(
                "Every answer carries links to the passages it rests on. Where the documents don't say, I say so."
            ),
            DIVIDER,
            header("What I know that you may read"),
            *_sources(shown.sources, at),
            DIVIDER,
            header("What you asked last"),
            *_asked(shown.asked, workspace_url),
            *(admin_blocks(shown.overview) if shown.overview else ()),
        ],
    }


def _sources(sources: Sequence[SourceStatus], today: datetime) -> Iterator[Block]:
    if not sources:
        yield note(
            "Nothing yet. Whoever runs me can add folders, web sites, repositories, wikis and channels."
        )
        return
    yield listing(
        *(
            section([text_element(status.source.name, {"bold": True}), *_state(status, today)])
            for status in sources[:_MOST_SOURCES]
        )
    )
    if len(sources) > _MOST_SOURCES:
        yield note(f"and {len(sources) - _MOST_SOURCES} more")


def _state(status: SourceStatus, today: datetime) -> Iterator[Block]:
    documents = "1 document" if status.documents == 1 else f"{status.documents:,} documents"
    looked_at = f"looked at {age(status.synced_at, today)}" if status.synced_at else "not read yet"
    yield text_element(f"  ·  {documents}  ·  {looked_at}")
    if status.is_stale:
        yield text_element("  ·  its last updates did not come through", {"italic": True})


def _asked(asked: Sequence[Asked], workspace_url: str) -> Iterator[Block]:
    if not asked:
        yield note("Nothing yet.")
        return
    yield listing(*(section([*_question(one, workspace_url)]) for one in asked))


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
