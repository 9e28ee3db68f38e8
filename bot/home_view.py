"""The home tab: how to ask, what there is to ask about, what one asked last. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ingestion.catalogue import SourceStatus
from rag.domain import Outcome
from workers.home import Shown
from workers.ledger import Asked
from workers.rendering import age

Block = dict[str, Any]

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
            _rich(
                _item(_text("In a channel: mention "), _user(bot_user_id), _text(" and ask.")),
                _item(_text("In a thread: ask on; what was said there is understood.")),
                _item(
                    _text("In private: write to me directly, or type "), _code("/ask"), _text(" anywhere.")
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
        ],
    }


def _sources(sources: Sequence[SourceStatus], today: datetime) -> Iterator[Block]:
    if not sources:
        yield _note(
            "Nothing yet. Whoever runs me can add folders, web sites, repositories, wikis and channels."
        )
        return
    yield _rich(
        *(
            _item(_text(status.source.name, bold=True), *_state(status, today))
            for status in sources[:_MOST_SOURCES]
        )
    )
    if len(sources) > _MOST_SOURCES:
        yield _note(f"and {len(sources) - _MOST_SOURCES} more")


def _state(status: SourceStatus, today: datetime) -> Iterator[Block]:
    documents = "1 document" if status.documents == 1 else f"{status.documents:,} documents"
    looked_at = f"looked at {age(status.synced_at, today)}" if status.synced_at else "not read yet"
    yield _text(f"  ·  {documents}  ·  {looked_at}")
    if status.is_stale:
        yield _text("  ·  its last updates did not come through", italic=True)


def _asked(asked: Sequence[Asked], workspace_url: str) -> Iterator[Block]:
    if not asked:
        yield _note("Nothing yet.")
        return
    yield _rich(*(_item(*_question(one, workspace_url)) for one in asked))


def _question(asked: Asked, workspace_url: str) -> Iterator[Block]:
    text = " ".join(asked.text.split()) or "(nothing)"
    short = text if len(text) <= _QUESTION_CHARS else f"{text[: _QUESTION_CHARS - 1]}…"
    if asked.ts is None:
        yield _text(short)
        yield _text("  ·  in private", italic=True)
    else:
        place = f"archives/{asked.channel_id}/p{asked.ts.replace('.', '')}"
        yield {"type": "link", "url": f"{workspace_url}{place}", "text": short}
    yield _text(f"  ·  {_OUTCOMES.get(asked.outcome, 'replied to') if asked.outcome else 'being answered'}")


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text}]}


def _rich(*items: Block) -> Block:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_list", "style": "bullet", "elements": list(items)}],
    }


def _item(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _text(text: str, **style: bool) -> Block:
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def _code(text: str) -> Block:
    return _text(text, code=True)


def _user(user_id: str) -> Block:
    return {"type": "user", "user_id": user_id}
