"""A question that the documents do not answer, handed on to people in their channel. Pure."""

from workers.asked import Incoming
from workers.elements import (
    Block,
    link_element,
    permalink,
    quote,
    rich_text,
    section,
    text_element,
    user_element,
)
from workers.rendering import defused

HANDED_ON = "I asked the people in that channel; they answer where you can read it."
NOT_HANDED_ON = (
    "I could not write to the channel where such questions are answered. Please tell whoever runs me."
)


def request(asked: Incoming, *, workspace_url: str) -> tuple[str, list[Block]]:
    """Text and blocks of the message to the people: who asked what, and where, if that can be read."""
    who = [user_element(asked.user_id), text_element(" asked, and the documents don't say:\n")]
    blocks = [rich_text([section(who)]), rich_text([quote([text_element(defused(asked.text))])])]
    if not asked.is_private and asked.thread_ts:
        ts = asked.ts if asked.is_written else asked.thread_ts
        place = permalink(workspace_url, asked.channel_id, ts)
        blocks.append(rich_text([section([link_element(place, "Go to the question")])]))
    return "Somebody asked, and the documents don't say.", blocks
