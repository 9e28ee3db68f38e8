"""A question that the documents do not answer, handed on to people in their channel. Pure."""

from typing import Any

from workers.ledger import Incoming
from workers.rendering import defused

HANDED_ON = "I asked the people in that channel; they answer where you can read it."
NOT_HANDED_ON = (
    "I could not write to the channel where such questions are answered. Please tell whoever runs me."
)


def request(asked: Incoming, *, workspace_url: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and blocks of the message to the people: who asked what, and where, if that can be read."""
    elements: list[dict[str, Any]] = [
        {"type": "user", "user_id": asked.user_id},
        {"type": "text", "text": " asked, and the documents don't say:\n"},
    ]
    blocks: list[dict[str, Any]] = [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": defused(asked.text)}]}
            ],
        },
    ]
    if not asked.is_private and asked.thread_ts:
        place = f"archives/{asked.channel_id}/p{asked.ts.replace('.', '')}"
        link = {"type": "link", "url": f"{workspace_url}{place}", "text": "Go to the question"}
        blocks.append({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]})
    return "Somebody asked, and the documents don't say.", blocks
