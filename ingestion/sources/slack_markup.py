"""What a Slack message says, as Markdown. Pure, but for the names it is given.

What people type comes as rich_text blocks, which say exactly what is a list, a quote or code; the `text` beside them is
mrkdwn, which is read where there are no such blocks. Nothing that Slack would take for a mention, a broadcast or a
control sequence survives as one.

https://docs.slack.dev/messaging/formatting-message-text
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

Json = dict[str, Any]

_CODE = re.compile(r"```\n?(?P<block>.+?)\n?```|`(?P<code>[^`\n]+)`", re.DOTALL)
_TOKEN = re.compile(r"<(?P<kind>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_MARK = re.compile(r"(?<![\w*_~])(?P<mark>[*_~])(?P<inner>\S(?:[^\n]*?\S)?)(?P=mark)(?![\w*_~])")
_MARKS = {"*": "**", "_": "*", "~": "~~"}
_STRUCTURE = re.compile(r"^( {0,3})(#{1,6}(?=\s)|[-=]{2,}(?=\s*$))", re.MULTILINE)
_TAG = re.compile(r"<(?=[A-Za-z!/?])")
_EMOJI = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-\d)?:", re.IGNORECASE)
_SHOWN = {
    "emoji": ":{name}:",
    "broadcast": "{range}",
    "usergroup": "a group",
    "date": "{fallback}",
    "color": "{value}",
}
_OPENS = ("https://", "http://", "mailto:")


class Naming(Protocol):
    """What ids stand for (`slack_names.Names`)."""

    def person(self, user_id: str) -> str: ...

    def channel(self, channel_id: str) -> str: ...


def markdown(message: Json, names: Naming) -> str:
    """All that the message says: its text, the titles of its files and of the pages that it shows previews of."""
    blocks = message.get("blocks") or []
    rich = [block for block in blocks if block.get("type") == "rich_text"]
    said = _Blocks(names).of(rich) if rich else _longer(_Blocks(names).of(blocks), _mrkdwn(message, names))
    shown = [f"(file: {_line(it.get('title') or it.get('name') or '')})" for it in message.get("files") or []]
    shown += [f"(link: {_line(it['title'])})" for it in message.get("attachments") or [] if it.get("title")]
    return "\n\n".join(part for part in (said.strip(), *shown) if part and part != "(file: )")


def says_anything(text: str) -> bool:
    """Whether there is a word in it; an emoji is none."""
    return bool(re.search(r"[^\W_]", _EMOJI.sub("", text)))


def _mrkdwn(message: Json, names: Naming) -> str:
    return from_mrkdwn(str(message.get("text") or ""), names)


def _longer(one: str, other: str) -> str:
    return one if len(one) > len(other) else other


def from_mrkdwn(text: str, names: Naming) -> str:
    """Slack's mrkdwn as Markdown."""
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_prose(text[end : code.start()], names), _code(code, names)]
        end = code.end()
    return "".join([*parts, _prose(text[end:], names)])


def _code(match: re.Match[str], names: Naming) -> str:
    inner = _plain(_TOKEN.sub(lambda it: it["label"] or _bare(it, names), match["block"] or match["code"]))
    return f"\n```\n{inner}\n```\n" if match["block"] else f"`{inner}`"


def _prose(text: str, names: Naming) -> str:
    """Text outside of code. Mentions and links are put aside meanwhile: nothing in them is typed."""
    aside: list[str] = []

    def put_aside(token: re.Match[str]) -> str:
        aside.append(_token(token, names))
        return f"\0{len(aside) - 1}\0"

    lines = _TOKEN.sub(put_aside, text.replace("\0", "")).split("\n")
    styled = _MARK.sub(_styled, "\n".join(map(_typed, lines)))
    return re.sub(r"\0(\d+)\0", lambda it: aside[int(it[1])], styled)


def _typed(line: str) -> str:
    if line.startswith("&gt;"):
        return f"> {escaped(_plain(line.removeprefix('&gt;').strip()))}"
    return escaped(_plain(line))


def _styled(match: re.Match[str]) -> str:
    mark = _MARKS[match["mark"]]
    return f"{mark}{_MARK.sub(_styled, match['inner'])}{mark}"


def escaped(text: str) -> str:
    """Typed text as Markdown that shows it as it is: no headings, rules or tags that nobody meant."""
    return _TAG.sub(r"\\<", _STRUCTURE.sub(r"\1\\\2", text))


def _token(match: re.Match[str], names: Naming) -> str:
    if match["kind"]:
        return _bare(match, names)
    return link(_plain(match["target"]), _plain(match["label"] or ""))


def _bare(match: re.Match[str], names: Naming) -> str:
    """A mention, a broadcast, a date, a link's address: as words."""
    target, label = match["target"], _plain(match["label"] or "")
    match match["kind"]:
        case "@":
            return f"@{names.person(target)}"
        case "#":
            return f"#{label}" if label else names.channel(target)
        case "!":
            return label.lstrip("@") or target.partition("^")[0].replace("subteam", "a group")
        case _:
            return _plain(target)


def link(url: str, label: str = "") -> str:
    """A Markdown link, where the address is one that people open; else what is shown of it."""
    label = _line(label)
    if not url.startswith(_OPENS):
        return escaped(label or url)
    if not label or label in (url, url.removeprefix("mailto:")):
        return url.removeprefix("mailto:")
    safe = (
        url.replace(" ", "%20")
        .replace("(", "%28")
        .replace(")", "%29")
        .replace("<", "%3C")
        .replace(">", "%3E")
    )
    return f"[{escaped(label).replace('[', '(').replace(']', ')')}]({safe})"


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _line(text: str) -> str:
    return " ".join(_plain(str(text)).split())


class _Missing(dict[str, Any]):
    """Fields that are not there are empty."""

    def __missing__(self, key: str) -> str:
        return ""


class _Blocks:
    """Blocks as Markdown."""

    def __init__(self, names: Naming) -> None:
        self._names = names

    def of(self, blocks: Sequence[Json]) -> str:
        return "\n\n".join(filter(None, (self._block(block) for block in blocks)))

    def _block(self, block: Json) -> str:
        match block:
            case {"type": "rich_text", "elements": [*elements]}:
                return "\n\n".join(filter(None, (self._container(it) for it in elements)))
            case {"type": "section" | "header" | "context"}:
                fields = [block.get("text"), *(block.get("fields") or []), *(block.get("elements") or [])]
                texts = (it.get("text") for it in fields if it)
                return "\n".join(from_mrkdwn(it, self._names) for it in texts if isinstance(it, str))
            case {"type": "markdown", "text": str(text)}:
                return text
            case _:
                return ""

    def _container(self, element: Json) -> str:
        inner: list[Json] = element.get("elements") or []
        match element.get("type"):
            case "rich_text_list":
                return self._list(element, inner)
            case "rich_text_quote":
                return "\n".join(f"> {line}" for line in self._inline(inner).splitlines())
            case "rich_text_preformatted":
                code = "".join(str(it.get("text") or it.get("url") or "") for it in inner)
                return f"```\n{code}\n```"
            case _:
                return self._inline(inner).strip()

    def _list(self, element: Json, items: list[Json]) -> str:
        first = int(element.get("offset") or 0) + 1
        ordered = element.get("style") == "ordered"
        indent = "    " * int(element.get("indent") or 0)
        lines = (self._inline(item.get("elements") or []).strip() for item in items)
        return "\n".join(
            f"{indent}{f'{first + number}.' if ordered else '-'} {line.replace(chr(10), f'{chr(10)}{indent}   ')}"
            for number, line in enumerate(lines)
        )

    def _inline(self, elements: Iterable[Json]) -> str:
        return "".join(self._element(element) for element in elements)

    def _element(self, element: Json) -> str:
        kind = element.get("type")
        if kind in ("user", "channel"):
            return self._named(element)
        if kind == "text":
            return self._text(str(element.get("text") or ""), element.get("style") or {})
        if kind == "link":
            return link(str(element.get("url") or ""), str(element.get("text") or ""))
        return _SHOWN.get(str(kind), "").format_map(_Missing(element))

    def _named(self, element: Json) -> str:
        if element["type"] == "user":
            return f"@{self._names.person(str(element.get('user_id')))}"
        return self._names.channel(str(element.get("channel_id")))

    def _text(self, text: str, style: Json) -> str:
        body = text.strip()
        if not body or not style:
            return escaped(text)
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        body = f"`{body}`" if style.get("code") else escaped(body)
        for name, mark in (("strike", "~~"), ("italic", "*"), ("bold", "**")):
            body = f"{mark}{body}{mark}" if style.get(name) else body
        return before + body + after
