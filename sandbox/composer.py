"""What Slack's client makes of typed text: mentions found, `&<>` escaped, a rich_text block beside it."""

import re
from collections.abc import Iterator
from html import escape

from sandbox.shapes import Json
from sandbox.workspace import Workspace

_TOKEN = re.compile(
    r"<@(?P<user>U\w+)>|<#(?P<channel>C\w+)(?:\|[^>]*)?>|<!subteam\^(?P<group>S\w+)(?:\|[^>]*)?>"
    r"|<!(?P<said_to>here|channel|everyone)>"
    r"|(?<![\w@])@(?P<name>[a-z][\w.-]*\w)|(?<![\w#])#(?P<channel_name>[a-z][\w-]*)"
    r"|(?P<url>https?://[^\s<>]*[^\s<>.,;:!?)\]])"
    r"|(?<!\w):(?P<emoji>[a-z0-9_+-]+):(?!\w)"
    r"|`(?P<code>[^`\n]+)`",
    re.IGNORECASE,
)
_BROADCASTS = ("here", "channel", "everyone")


class Composer:
    """Turns typed text into the `text` and the `blocks` of a person's message."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def compose(self, typed: str) -> tuple[str, list[Json]]:
        """The message text, with Slack's tokens in it, and its rich_text block."""
        elements = list(self._elements(typed))
        text = "".join(_as_text(element) for element in elements)
        section = {"type": "rich_text_section", "elements": elements}
        block_id = f"b{abs(hash(typed)) % 10**6}"
        return text, [{"type": "rich_text", "block_id": block_id, "elements": [section]}] if elements else []

    def _elements(self, typed: str) -> Iterator[Json]:
        end = 0
        for match in _TOKEN.finditer(typed):
            element = self._element(match)
            if element is None:
                continue
            if match.start() > end:
                yield {"type": "text", "text": typed[end : match.start()]}
            yield element
            end = match.end()
        if end < len(typed):
            yield {"type": "text", "text": typed[end:]}

    def _element(self, match: re.Match[str]) -> Json | None:
        kind, found = match.lastgroup, match[match.lastgroup or 0]
        simple: dict[str, Json] = {
            "user": {"type": "user", "user_id": found},
            "channel": {"type": "channel", "channel_id": found},
            "group": {"type": "usergroup", "usergroup_id": found},
            "said_to": {"type": "broadcast", "range": found},
            "url": {"type": "link", "url": found},
            "emoji": {"type": "emoji", "name": found},
            "code": {"type": "text", "text": found, "style": {"code": True}},
        }
        return simple.get(kind or "") or self._named(kind, found)

    def _named(self, kind: str | None, name: str) -> Json | None:
        if kind == "channel_name":
            channel = self._workspace.channel_named(name)
            return {"type": "channel", "channel_id": channel.id} if channel else None
        if name.lower() in _BROADCASTS:
            return {"type": "broadcast", "range": name.lower()}
        user = self._workspace.user_named(name)
        if user:
            return {"type": "user", "user_id": user.id}
        groups = (group for group in self._workspace.usergroups.values() if group.handle == name.lower())
        return next(({"type": "usergroup", "usergroup_id": group.id} for group in groups), None)


def mentioned_users(text: str) -> set[str]:
    """The ids of the users that a message text mentions."""
    return set(re.findall(r"<@(U\w+)(?:\|[^>]*)?>", text))


def _as_text(element: Json) -> str:
    """One element as it stands in the `text` of a message."""
    tokens = {
        "user": "<@{user_id}>",
        "channel": "<#{channel_id}|>",
        "usergroup": "<!subteam^{usergroup_id}>",
        "broadcast": "<!{range}>",
        "link": "<{url}>",
        "emoji": ":{name}:",
        "text": "`{text}`" if element.get("style") else "{text}",
    }
    escaped = {name: escape(value, quote=False) for name, value in element.items() if isinstance(value, str)}
    return tokens[element["type"]].format(**escaped)
