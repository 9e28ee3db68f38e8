"""Questions and answers as rows of the ledger's tables, and back. Pure."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from rag.database import now
from rag.domain import Answer, Citation, Link, Outcome
from workers.asked import File, Incoming, State


def question_row(question_id: str, incoming: Incoming, state: State) -> dict[str, Any]:
    """Of `workers.tables.questions`, accepted now."""
    return {
        "id": question_id,
        "team_id": incoming.team_id,
        "channel_id": incoming.channel_id,
        "ts": incoming.ts,
        "thread_ts": incoming.thread_ts,
        "user_id": incoming.user_id,
        "text": incoming.text,
        "response_url": incoming.response_url,
        "unasked": incoming.unasked,
        "files": [[file.id, file.name] for file in incoming.files],
        "withdrawn": False,
        "stopped": False,
        "state": state,
        "attempts": 0,
        "answer_attempts": 0,
        "not_before": 0,
        "enqueued_at": now(),
        "accepted_at": now(),
    }


def answer_row(question_id: str, answer: Answer) -> dict[str, Any]:
    """Of `workers.tables.answers`, stored now."""
    return {
        "question_id": question_id,
        "outcome": answer.outcome.value,
        "text": answer.text,
        "citations": [_citation_row(citation) for citation in answer.citations],
        "confidence": answer.confidence,
        "options": list(answer.options) or None,
        "stored_at": now(),
    }


def asked_at(row: Row[Any]) -> float:
    """When the message was written; of what came without one, when it was accepted."""
    try:
        return float(row.ts)
    except ValueError:
        return float(row.accepted_at)


def incoming_of(row: Row[Any]) -> Incoming:
    """The question in a row."""
    return Incoming(
        team_id=row.team_id,
        channel_id=row.channel_id,
        ts=row.ts,
        thread_ts=row.thread_ts,
        user_id=row.user_id,
        text=row.text,
        response_url=row.response_url,
        unasked=row.unasked,
        files=tuple(File(*file) for file in row.files),
    )


def _citation_row(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "document_id": citation.document_id,
        "title": citation.title,
        "heading_path": list(citation.heading_path),
        "url": citation.url,
        "updated_at": citation.updated_at.isoformat() if citation.updated_at else None,
        "author": citation.author,
        "quotes": list(citation.quotes),
        "also": [[link.title, link.url] for link in citation.also],
        "source_id": citation.source_id,
        "unread_since": citation.unread_since.isoformat() if citation.unread_since else None,
        "superseded": citation.superseded,
        "review_at": citation.review_at.isoformat() if citation.review_at else None,
    }


def _citation(row: dict[str, Any]) -> Citation:
    updated_at, unread_since, review_at = row["updated_at"], row.get("unread_since"), row.get("review_at")
    return Citation(
        number=row["number"],
        document_id=row["document_id"],
        title=row["title"],
        heading_path=tuple(row["heading_path"]),
        url=row["url"],
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
        author=row["author"],
        quotes=tuple(row["quotes"]),
        also=tuple(Link(title, url) for title, url in row.get("also", ())),
        source_id=row.get("source_id", ""),
        unread_since=datetime.fromisoformat(unread_since) if unread_since else None,
        superseded=row.get("superseded", False),
        review_at=datetime.fromisoformat(review_at) if review_at else None,
    )


def answer_of(row: Row[Any]) -> Answer:
    """The answer in a row."""
    citations = tuple(_citation(citation) for citation in row.citations)
    return Answer(
        row.text,
        Outcome(row.outcome),
        citations,
        confidence=row.confidence,
        options=tuple(row.options or ()),
    )


def place_of(incoming: Incoming) -> str | None:
    """Where a question can be read: its message, or else its thread."""
    if incoming.is_private:
        return None
    return incoming.ts if incoming.is_written else incoming.thread_ts
