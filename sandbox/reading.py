"""How a person reads a message: its blocks as lines of plain text, its links, and whom it would ping.

Pure. Links read "label <url>", buttons "[Label]", a divider as dashes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape

from sandbox.shapes import Json

_TOKEN = re.compile(r"<([^<>\s][^<>]*)>")
_MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_PING = re.compile(r"<(!here|!channel|!everyone|!subteam\^\w+|@[UW]\w+)[^<>]*>")
_BARE_PING = re.compile(r"(?<![\w@])@(here|channel|everyone)\b")
_LINK = re.compile(r"<((?:https?|mailto):[^|<>]+)(?:\|([^<>]*))?>")
_INLINE = {"broadcast": "@{range}", "emoji": ":{name}:", "date": "{fallback}", "color": "{value}"}
_RULE = "-" * 40


def message_text(text: str, blocks: list[Json]) -> str:
    """A message as a person reads it; its text counts only where it has no blocks, as in Slack."""
    return "\n".join(line for block in blocks for line in block_lines(block)) if blocks else mrkdwn_text(text)


def block_lines(block: Json) -> Iterator[str]:
    """The lines of one block."""
    one_line: dict[str, Callable[[Json], str]] = {
        "header": lambda block: _object(block["text"]),
        "alert": lambda block: _object(block["text"]),
        "divider": lambda _: _RULE,
        "context": lambda block: " ".join(_object(element) for element in block["elements"]),
        "markdown": lambda block: markdown_text(block["text"]),
        "actions": lambda block: " ".join(_controls(block["elements"])),
        "context_actions": lambda block: " ".join(_controls(block["elements"])),
        "image": lambda block: f"[image: {block['alt_text']}]",
        "input": lambda block: f"{_object(block['label'])}: ____",
    }
    several: dict[str, Callable[[Json], Iterator[str]]] = {"section": _section, "rich_text": _rich_text}
    kind = block.get("type", "")
    if kind in one_line:
        yield one_line[kind](block)
    else:
        yield from several.get(kind, _structured)(block)


def mrkdwn_text(text: str) -> str:
    """Slack's mrkdwn with its tokens spelled out and its escapes undone."""
    return unescape(_TOKEN.sub(lambda match: _token(match[1]), text))


def markdown_text(text: str) -> str:
    """Markdown with its links spelled out; Slack's own tokens work in it too."""
    spelled = _MARKDOWN_LINK.sub(lambda match: f"{match[1]} <{match[2]}>", text)
    return unescape(_PING.sub(lambda match: _token(match[1]), spelled))


def pings(text: str, blocks: list[Json]) -> list[str]:
    """Whom a message notifies: "@U01INES", "!here", "!subteam^S01PEOPLE"."""
    if not blocks:
        return _PING.findall(text)
    return [ping for node in _nodes(blocks) for ping in _node_pings(node)]


def _node_pings(node: Json) -> list[str]:
    match node.get("type"):
        case "user":
            return [f"@{node['user_id']}"]
        case "broadcast":
            return [f"!{node['range']}"]
        case "usergroup":
            return [f"!subteam^{node['usergroup_id']}"]
        case "markdown" | "mrkdwn":
            parsed = node["type"] == "mrkdwn" and not node.get("verbatim")
            bare = _BARE_PING.findall(node["text"]) if parsed else []
            return [*_PING.findall(node["text"]), *(f"!{name}" for name in bare)]
    return []


def links(text: str, blocks: list[Json]) -> list[tuple[str, str]]:
    """The links of a message as (label, url), in order; without a label the url stands for it."""
    if not blocks:
        return _tokens_as_links(text)
    found: list[tuple[str, str]] = []
    for node in _nodes(blocks):
        match node.get("type"):
            case "link":
                found.append((node.get("text") or node["url"], node["url"]))
            case "mrkdwn":
                found += _tokens_as_links(node["text"])
            case "markdown":
                found += [(label, url) for label, url in _MARKDOWN_LINK.findall(node["text"])]
                found += _tokens_as_links(node["text"])
            case "button" | "url" if node.get("url"):
                label = node.get("text", "")
                found.append((label["text"] if isinstance(label, dict) else label, node["url"]))
    return found


def buttons(blocks: list[Json]) -> list[Json]:
    """Every element with an action_id, in order: what can be clicked."""
    return [node for node in _nodes(blocks) if node.get("action_id")]


def _section(block: Json) -> Iterator[str]:
    if block.get("text"):
        yield _object(block["text"])
    for field in block.get("fields") or []:
        yield _object(field)
    if block.get("accessory"):
        yield " ".join(_controls([block["accessory"]]))


def _structured(block: Json) -> Iterator[str]:
    """Tables, tasks, plans, cards: whatever text they hold, a line each."""
    if block.get("type") in ("table", "data_table"):
        for row in block["rows"]:
            yield " | ".join(_cell(cell) for cell in row)
        return
    title = block.get("title")
    if title:
        status = f" ({block['status']})" if block.get("status") else ""
        yield (title if isinstance(title, str) else _object(title)) + status
    for name in ("subtitle", "body", "details", "output"):
        if block.get(name):
            yield _value(block[name])
    for child in [*block.get("tasks", []), *block.get("elements", []), *block.get("child_blocks", [])]:
        yield from block_lines(child)


def _value(value: Json | str) -> str:
    if isinstance(value, str):
        return value
    return "\n".join(_rich_text(value)) if value.get("type") == "rich_text" else _object(value)


def _cell(cell: Json) -> str:
    if cell["type"] == "rich_text":
        return " ".join(_rich_text(cell))
    return str(cell.get("text", cell.get("value", "")))


def _controls(elements: Iterable[Json]) -> Iterator[str]:
    for element in elements:
        if element["type"] == "feedback_buttons":
            yield f"[{element['positive_button']['text']['text']}] [{element['negative_button']['text']['text']}]"
            continue
        label = (
            element.get("text")
            or element.get("placeholder")
            or {"text": element.get("alt_text", element["type"])}
        )
        url = f" <{element['url']}>" if element.get("url") else ""
        yield f"[{label['text']}{url}]"


def _object(text: Json) -> str:
    if text.get("type") == "mrkdwn":
        return mrkdwn_text(text["text"])
    return f"[image: {text['alt_text']}]" if text.get("type") == "image" else str(text["text"])


def _rich_text(block: Json) -> Iterator[str]:
    for element in block["elements"]:
        match element["type"]:
            case "rich_text_list":
                yield from _list(element)
            case "rich_text_quote":
                yield from (f"> {line}" for line in _inline(element["elements"]).split("\n"))
            case "rich_text_preformatted":
                yield f"```\n{_inline(element['elements'])}\n```"
            case _:
                yield _inline(element["elements"])


def _list(element: Json) -> Iterator[str]:
    indent = "  " * element.get("indent", 0)
    for number, item in enumerate(element["elements"], start=1 + element.get("offset", 0)):
        mark = f"{number}." if element["style"] == "ordered" else "•"
        yield f"{indent}{mark} {_inline(item['elements'])}"


def _inline(elements: Iterable[Json]) -> str:
    return "".join(_inline_element(element) for element in elements)


def _inline_element(element: Json) -> str:
    kind = element["type"]
    if kind in ("user", "channel", "usergroup", "team"):
        return ("#" if kind == "channel" else "@") + str(element[f"{kind}_id"])
    if kind == "link":
        label = element.get("text")
        return f"{label} <{element['url']}>" if label else f"<{element['url']}>"
    if kind in _INLINE:
        return _INLINE[kind].format(**({"fallback": element.get("timestamp")} | element))
    code = "`" if (element.get("style") or {}).get("code") else ""
    return f"{code}{element['text']}{code}"


def _token(token: str) -> str:
    """One <token> of mrkdwn as a person sees it."""
    target, _, label = token.partition("|")
    if target.startswith(("@", "#")):
        return f"{target[0]}{label or target[1:]}"
    if target.startswith("!date"):
        return label
    if target.startswith("!"):
        return "@" + (label.lstrip("@") or target[1:])
    return f"{label} <{target}>" if label and label != target else f"<{target}>"


def _tokens_as_links(text: str) -> list[tuple[str, str]]:
    return [(unescape(label or url), unescape(url)) for url, label in _LINK.findall(text)]


def _nodes(value: object) -> Iterator[Json]:
    """Every object in a tree of blocks, in order."""
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _nodes(item)
