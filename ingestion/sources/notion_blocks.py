"""Notion's blocks and properties as Markdown. Pure.

Each kind of block is one entry of a table; of a kind that is not in it, its text is kept and its look is lost.
https://developers.notion.com/reference/block
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A block with those inside it. `content` is what stands under its kind in the API's answer."""

    kind: str
    content: Json
    children: tuple["Block", ...] = ()


_LISTS = frozenset({"bulleted_list_item", "numbered_list_item", "to_do"})


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks in order, a blank line between them; items of a list follow each other closely."""
    text, previous, number = "", "", 0
    for block in blocks:
        number = number + 1 if block.kind == previous == "numbered_list_item" else 1
        part = _BLOCKS.get(block.kind, _paragraph)(block, number)
        if part:
            close = block.kind in _LISTS and previous in _LISTS
            text += part if not text else f"\n{part}" if close else f"\n\n{part}"
            previous = block.kind
    return text


def rich_text(parts: Sequence[Json]) -> str:
    """Runs of text with their emphasis and links."""
    return "".join(map(_run, parts))


def plain_text(parts: Sequence[Json]) -> str:
    return "".join(str(part.get("plain_text") or "") for part in parts)


def properties(given: Mapping[str, Json]) -> str:
    """The columns of a database's row as lines, its title and what is empty left out."""
    lines = [
        f"- {name}: {value}"
        for name, found in given.items()
        if found.get("type") != "title" and (value := _value(found))
    ]
    return "\n".join(lines)


def title_of(given: Mapping[str, Json]) -> str:
    """The title among a page's properties; empty where it has none."""
    titles = (plain_text(found["title"]) for found in given.values() if found.get("type") == "title")
    return next(titles, "").strip()


def _run(part: Json) -> str:
    text = str(part.get("plain_text") or "")
    inner = text.strip()
    if not inner:
        return text
    marks = part.get("annotations") or {}
    shown = f"${inner}$" if part.get("type") == "equation" else inner
    for mark, sign in (("code", "`"), ("bold", "**"), ("italic", "*"), ("strikethrough", "~~")):
        if marks.get(mark):
            shown = f"{sign}{shown}{sign}"
    if href := part.get("href"):
        shown = f"[{shown}]({href})"
    return text.replace(inner, shown, 1)


def _own(block: Block) -> str:
    return rich_text(block.content.get("rich_text") or ())


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}" if line else "" for line in text.splitlines())


def _below(block: Block, by: str = "") -> str:
    inner = markdown(block.children)
    return f"\n\n{_indented(inner, by)}" if inner else ""


def _paragraph(block: Block, _: int) -> str:
    return f"{_own(block)}{_below(block)}".strip()


def _heading(level: int) -> Callable[[Block, int], str]:
    def rendered(block: Block, _: int) -> str:
        title = " ".join(_own(block).split())
        return f"{'#' * level} {title}{_below(block)}" if title else _below(block).strip()

    return rendered


def _item(block: Block, sign: str) -> str:
    inner = markdown(block.children)
    indent = " " * len(sign)
    own = _indented(_own(block), indent).strip()
    return f"{sign}{own}" + (f"\n{_indented(inner, indent)}" if inner else "")


def _to_do(block: Block, _: int) -> str:
    return _item(block, "- [x] " if block.content.get("checked") else "- [ ] ")


def _code(block: Block, _: int) -> str:
    language = str(block.content.get("language") or "").replace("plain text", "")
    text = plain_text(block.content.get("rich_text") or ())
    fence = "````" if "```" in text else "```"
    caption = rich_text(block.content.get("caption") or ())
    return f"{fence}{language}\n{text}\n{fence}" + (f"\n\n{caption}" if caption else "")


def _quote(block: Block, _: int) -> str:
    return "\n".join(f"> {line}".rstrip() for line in f"{_own(block)}{_below(block)}".strip().splitlines())


def _table(block: Block, _: int) -> str:
    rows = [
        [rich_text(cell).replace("|", "\\|").replace("\n", " ") for cell in row.content.get("cells") or ()]
        for row in block.children
    ]
    if not rows:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])


def _file(block: Block, _: int) -> str:
    """What is said of a picture or file; its address is good for an hour and therefore left out."""
    caption = rich_text(block.content.get("caption") or ())
    return caption or str(block.content.get("name") or "")


def _address(block: Block, _: int) -> str:
    url = str(block.content.get("url") or "")
    caption = rich_text(block.content.get("caption") or ())
    return f"[{caption or url}]({url})" if url else caption


def _children(block: Block, _: int) -> str:
    return markdown(block.children)


def _nothing(_block: Block, _: int) -> str:
    return ""


_BLOCKS: Mapping[str, Callable[[Block, int], str]] = {
    "heading_1": _heading(1),
    "heading_2": _heading(2),
    "heading_3": _heading(3),
    "bulleted_list_item": lambda block, _: _item(block, "- "),
    "numbered_list_item": lambda block, number: _item(block, f"{number}. "),
    "to_do": _to_do,
    "code": _code,
    "quote": _quote,
    "callout": _quote,
    "equation": lambda block, _: f"$${block.content.get('expression') or ''}$$",
    "table": _table,
    "child_page": lambda block, _: f"[{block.content.get('title') or 'Untitled'}]({block.content['url']})",
    "child_database": lambda block, _: str(block.content.get("title") or ""),
    "bookmark": _address,
    "embed": _address,
    "link_preview": _address,
    "image": _file,
    "video": _file,
    "audio": _file,
    "file": _file,
    "pdf": _file,
    "column_list": _children,
    "column": _children,
    "synced_block": _children,
    "tab": _children,
    "divider": _nothing,
    "breadcrumb": _nothing,
    "table_of_contents": _nothing,
    "unsupported": _nothing,
}


def _value(found: Json) -> str:
    kind = str(found.get("type") or "")
    value = found.get(kind)
    return _VALUES.get(kind, _scalar)(value) if value not in (None, "", [], {}) else ""


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int, float)) else ""


def _date(value: Json) -> str:
    return " to ".join(str(value[end]) for end in ("start", "end") if value.get(end))


def _names(values: Sequence[Json]) -> str:
    return ", ".join(str(one["name"]) for one in values if one.get("name"))


def _rollup(value: Json) -> str:
    many = value.get("array")
    return ", ".join(filter(None, map(_value, many))) if isinstance(many, list) else _value(value)


def _unique_id(value: Json) -> str:
    return "-".join(str(value[part]) for part in ("prefix", "number") if value.get(part) is not None)


_VALUES: Mapping[str, Callable[[Any], str]] = {
    "title": plain_text,
    "rich_text": rich_text,
    "select": lambda value: str(value.get("name") or ""),
    "status": lambda value: str(value.get("name") or ""),
    "multi_select": _names,
    "people": _names,
    "files": _names,
    "created_by": lambda value: str(value.get("name") or ""),
    "last_edited_by": lambda value: str(value.get("name") or ""),
    "date": _date,
    "formula": _value,
    "rollup": _rollup,
    "unique_id": _unique_id,
}
