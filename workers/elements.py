"""The small parts that messages, forms and the home tab are made of, as Slack's Block Kit has them. Pure.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote as quote_url

Block = dict[str, Any]
Element = dict[str, Any]
Style = dict[str, bool]

_OPENS = ("https://", "http://")
_AS_THEY_ARE = "!#$%&'()*+,/:;=?@[]~"
"""What stands in addresses beside letters and digits (RFC 3986)."""

_URL_CHARS = 3000


def plain_text_object(text: str) -> Element:
    """A text object that is never read as markup."""
    return {"type": "plain_text", "text": text}


def text_element(text: str, style: Style | None = None) -> Element:
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def link_element(url: str, label: str) -> Element:
    """A link, or the label alone where Slack cannot open the address: a file of the bot's own machine, one too long."""
    address = quote_url(url, safe=_AS_THEY_ARE)
    opens = url.startswith(_OPENS) and len(address) <= _URL_CHARS
    return {"type": "link", "url": address, "text": label} if opens else text_element(label)


def user_element(user_id: str) -> Element:
    """Whoever it names is told."""
    return {"type": "user", "user_id": user_id}


def channel_element(channel_id: str) -> Element:
    """Its name, for those who may know it."""
    return {"type": "channel", "channel_id": channel_id}


def date_element(at: datetime) -> Element:
    """A time as its reader's clock has it."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    }


def section(elements: list[Element]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def quote(elements: list[Element]) -> Block:
    return {"type": "rich_text_quote", "elements": elements}


def preformatted(elements: list[Element]) -> Block:
    return {"type": "rich_text_preformatted", "elements": elements}


def rich_text(parts: list[Block]) -> Block:
    return {"type": "rich_text", "elements": parts}


def bullets(items: list[Block]) -> Block:
    """A list, for `rich_text`, of sections."""
    return {"type": "rich_text_list", "style": "bullet", "elements": items}


def button(action_id: str, text: str, value: str, *, style: str = "") -> Element:
    """`style`: primary, danger, or none."""
    plain = {"type": "button", "action_id": action_id, "text": plain_text_object(text), "value": value}
    return {**plain, "style": style} if style else plain


def actions(buttons: list[Element]) -> Block:
    return {"type": "actions", "elements": buttons}


def note(*texts: str) -> Block:
    """Small lines."""
    return {"type": "context", "elements": [plain_text_object(text) for text in texts]}


def escaped(text: str) -> str:
    """Text for a message's `text`, as no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, what: str) -> str:
    """`1 page`, `1,200 pages`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def permalink(workspace_url: str, channel_id: str, ts: str) -> str:
    """The address of a message, by a workspace's own (with a slash at its end)."""
    return f"{workspace_url}archives/{channel_id}/p{ts.replace('.', '')}"
