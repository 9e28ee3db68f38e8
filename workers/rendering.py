"""Answer → Block Kit. Pure.

The answer's Markdown is parsed into a tree, and the tree becomes rich_text elements built by code. Nothing that a
document or a model wrote is ever read by Slack as markup: no mention, no broadcast, no hidden link. A link stays a link
only when it leads to one of the cited sources; of any other, the label is shown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from rag.domain import Answer, Citation, Outcome
from rag.quotable import plain_text
from workers.cutting import MESSAGE_CHARS, flowing, length, packed
from workers.elements import (
    Block,
    Element,
    Style,
    link_element,
    note,
    plain_text_object,
    preformatted,
    quote,
    rich_text,
    section,
    shortened,
    text_element,
    user_element,
)
from workers.languages import Say

_TEXT_CHARS = 3800  # of the plain text beside the blocks; chat.update refuses more than 4,000
_ALSO, _ALSO_CHARS = 3, 60  # links to copies under one source, and characters of each one's title
_QUOTE_CHARS = 700  # of a passage that is shown
_TABLE_CHARS = 44  # of a table's line; a telephone shows about as many of a fixed-width font
_DAYS_OLD = 365  # a source older than this is said to be
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARK = re.compile(r"\[(\d{1,3})\]")
_ADDRESS = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]*:[/\\\\]{2}|www\.|mailto:)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Controls, and what makes text read in another order than it stands."""

_EMPTY_LINES = re.compile(r"\n{3,}")
_EMOJI = re.compile(r"(?<=:)(?=[a-z0-9_+'-]+:)")
_ESCAPED_MENTION = re.compile(r"<([@#!])([^>|]*)(?:\|([^>]*))?>")
_ESCAPED_LINK = re.compile(r"<([^@#!>|][^>|]*)(?:\|([^>]*))?>")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for Slack: `text` for notifications and screen readers, `blocks` for eyes; `more` are the messages that
    it goes on in.
    """

    text: str
    blocks: list[Block]
    more: tuple["Rendered", ...] = ()


RATE = "rate"
"""Action of the feedback buttons; the value is `vote_value` of a question and a rating."""


def vote_value(question_id: str, rating: int) -> str:
    return f"{rating} {question_id}"


def vote_of(value: str) -> tuple[str, Literal[1, -1]]:
    """Question and rating of a click."""
    rating, _, question_id = value.partition(" ")
    return question_id, 1 if rating == "1" else -1


SHARE = "share"
"""Action of the button under a private answer; the value is the question's id."""


UNASKED = (
    "Answered unasked because this channel has it switched on. Mention me to ask more, or say “stop” here."
)


ASK_PEOPLE, PASSAGES = "ask_people", "passages"
"""Actions of the buttons under what was not found, and under an answer; their value is the question's id."""


CHOOSE = "choose"
"""Action of the buttons under a question back, with the place of the option after it: `choose_0`."""

_OPTIONS = 5
_BUTTON_CHARS = 75


def choice_of(value: str) -> tuple[str, int]:
    """Question and place of the option that was clicked."""
    place, _, question_id = value.partition(" ")
    return question_id, int(place)


def render(
    answer: Answer,
    *,
    today: datetime | None = None,
    question_id: str | None = None,
    restated: str | None = None,
    asker: str | None = None,
    private: bool = False,
    people: bool = False,
    unasked: bool = False,
    chosen: int | None = None,
    say: Say = str,
) -> Rendered:
    """The message that shows `answer` with its sources; ages are told as of `today` (UTC now if left out).

    With the id of its question an answer can be rated; a `private` one can be shared in the channel; with `people`, what
    was not found can be asked them. `restated` is the question, where it does not stand above the answer; `asker` is the id of who
    asked it. An answer too long for one message goes on in more; sources and buttons stand under the last. An `unasked` answer says why
    it came. `chosen` is the place of the option that a question back was answered with. What we say ourselves goes through `say`.
    """
    if answer.outcome is not Outcome.ANSWERED:
        answer = replace(answer, text=say(answer.text))
    links = {citation.number: citation.url for citation in answer.citations}
    body = _Body(links if answer.outcome is Outcome.ANSWERED else {}).parts(answer.text)
    sources = _sources(answer, today or datetime.now(UTC))
    question = [_restated(restated, asker)] if restated else []
    answered = question_id is not None and answer.outcome is Outcome.ANSWERED
    below = [_rating(str(question_id), say)] if answered else []
    below += _options(answer, str(question_id), chosen) if question_id else []
    if buttons := _buttons(answer, private=private, people=people) if question_id else []:
        below.append(
            {"type": "actions", "elements": [_button(*each, str(question_id), say) for each in buttons]}
        )
    if unasked:
        below.append(note(say(UNASKED)))
    first, *rest = _messages([*question, *body, *_named(answer)], sources, below)
    more = tuple(Rendered(_escaped(_said(blocks)), blocks) for blocks in rest)
    return Rendered(_plain(answer), first, more)


def _messages(body: Sequence[Block], sources: Sequence[Block], below: list[Block]) -> list[list[Block]]:
    """The blocks of each message: the body's parts, then the sources in the same one if they fit, what stands below in the last."""
    bodies, lists = packed(body), packed(sources)
    messages = [flowing(pieces) for pieces in bodies] or [[]]
    if bodies and lists and sum(map(length, (*bodies[-1], *lists[0]))) > MESSAGE_CHARS:
        messages.append([])
    elif lists:
        messages[-1].append({"type": "divider"})
    for number, pieces in enumerate(lists):
        if number:
            messages.append([])
        messages[-1].append(rich_text(pieces))
    messages[-1] += below
    return messages


def _said(blocks: Iterable[Block]) -> str:
    """What is to be read in blocks of rich text."""

    def read(node: Block) -> str:
        return "".join(
            read(child) + "\n" if "elements" in child else str(child.get("text", ""))
            for child in node["elements"]
        )

    lines = [read(block) for block in blocks if block["type"] == "rich_text"]
    return "\n".join(lines).strip()


def render_draft(draft: Answer) -> Rendered:
    """An answer that is still being written: without sources and buttons, which come when it is done."""
    links = {citation.number: citation.url for citation in draft.citations}
    return Rendered(_plain(draft), flowing(next(iter(packed(_Body(links).parts(draft.text))), [])))


def streamed_text(draft: Answer) -> str:
    """A draft for a message that Slack itself reads as Markdown: nothing in it pings, and no link is one.

    Slack reads its own `<…>` marks there, too, and undoes escapes but for those of `&`. What begins with a draft begins with its text.
    """
    text = _EMOJI.sub("\u2060", defused(draft.text).replace("](", "]\u2060("))
    return text.replace("<", "&lt;").replace(">", "&gt;")


def plain_mentions(text: str) -> str:
    """A message's text as people read it: Slack's escapes undone, links as their label."""
    text = _ESCAPED_MENTION.sub(_mention, text)
    text = _ESCAPED_LINK.sub(lambda m: m[2] or m[1], text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _mention(match: re.Match[str]) -> str:
    """A mention with the name it carries; an id says nothing to a reader, and looks like a code to a search."""
    kind, target, label = match.groups()
    unnamed = {"@": "someone", "#": "channel", "!": target}
    return ("#" if kind == "#" else "@") + (label or unnamed[kind])


def age(updated_at: datetime, today: datetime) -> str:
    """How long ago a page was updated, as people say it."""
    days = max(0, _days(updated_at, today))
    for unit, name in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        if days >= unit:
            count = days // unit
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "today"


def _days(at: datetime, today: datetime) -> int:
    """Whole days from then to today; dates of pages have no zone."""
    return (today - at.replace(tzinfo=at.tzinfo or UTC)).days


def _plain(answer: Answer) -> str:
    """The fallback text, line by line without Markdown; `<`, `>` and `&` escaped, since Slack reads it as markup."""
    return _escaped("\n".join(plain_text(line) for line in answer.text.splitlines()))


def _escaped(text: str) -> str:
    """Text that is no markup, shortened to what Slack takes."""
    text = defused(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if len(text) <= _TEXT_CHARS else text[: _TEXT_CHARS - 1] + "…"


def defused(text: str) -> str:
    """The text with its addresses broken by a word joiner: shown as they are, but never made into links by Slack.

    Without what nobody sees, and without more than one empty line in a row.
    """
    text = _EMPTY_LINES.sub("\n\n", _UNSEEN.sub("", text)) or (text and " ")  # Slack takes no empty text
    return _ADDRESS.sub(lambda match: re.sub(r"([.:])", "\\1\u2060", match[0]), text)


def _restated(question: str, asker: str | None) -> Block:
    """The question as a quotation, with who asked it; who is named here is the one who wanted to be."""
    asked: list[Element] = [user_element(asker), text_element(" asked:\n")] if asker else []
    return quote([*asked, text_element(defused(question))])


def _buttons(answer: Answer, *, private: bool, people: bool) -> list[tuple[str, str, str]]:
    """Action, text and meaning of what can be done with an answer."""
    if answer.outcome is Outcome.NOT_FOUND and people:
        return [(ASK_PEOPLE, "Ask a person", "Hand this question on to the people who may know")]
    if answer.outcome is not Outcome.ANSWERED:
        return []
    found = []
    said = plain_text(answer.text)
    if any(quote not in said for citation in answer.citations for quote in citation.quotes):
        found.append((PASSAGES, "Show passages", "Show the passages this answer rests on, to you alone"))
    if private:
        found.append((SHARE, "Share in channel", "Answer this question in the channel, for everybody there"))
    return found


def _button(action: str, text: str, meaning: str, question_id: str, say: Say) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "value": question_id,
        "text": plain_text_object(say(text)),
        "accessibility_label": meaning,
    }


def _named(answer: Answer) -> list[Block]:
    """The options that the text does not name, for those who type."""
    unnamed = [option for option in answer.options if option not in answer.text]
    items = [section([text_element(defused(option))]) for option in unnamed]
    return [_list_block("bullet", 0, 0, items)] if items else []


def _options(answer: Answer, question_id: str, chosen: int | None) -> list[Block]:
    """A button for each option, or the one that was chosen."""
    if chosen is not None:
        return [rich_text([section([text_element(f"✓ {defused(answer.options[chosen])}", {"bold": True})])])]
    buttons = [
        {
            "type": "button",
            "action_id": f"{CHOOSE}_{place}",
            "value": f"{place} {question_id}",
            "text": plain_text_object(shortened(option, _BUTTON_CHARS)),
            "accessibility_label": shortened(f"I mean: {option}", _BUTTON_CHARS),
        }
        for place, option in enumerate(answer.options[:_OPTIONS])
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def passages(answer: Answer) -> Rendered:
    """What was quoted of each source, word by word, under its link."""
    parts: list[Block] = []
    for citation in answer.citations:
        if citation.quotes:
            title = link_element(citation.url, citation.title or citation.url)
            parts.append(section([text_element(f"[{citation.number}] ", {"bold": True}), title]))
            quoted = "\n".join(shortened(quote, _QUOTE_CHARS) for quote in citation.quotes)
            parts.append(quote([text_element(defused(quoted))]))
    return Rendered("The passages this answer rests on", [rich_text(parts)] if parts else [])


def _rating(question_id: str, say: Say) -> Block:
    def button(text: str, rating: int, label: str) -> dict[str, Any]:
        return {
            "text": plain_text_object(say(text)),
            "value": vote_value(question_id, rating),
            "accessibility_label": label,
        }

    buttons = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": button("Helpful", 1, "This answer helped"),
        "negative_button": button("Not helpful", -1, "This answer did not help; say why"),
    }
    return {"type": "context_actions", "elements": [buttons]}


def _sources(answer: Answer, today: datetime) -> list[Block]:
    return [
        _source(citation, today, numbered=answer.outcome is Outcome.ANSWERED) for citation in answer.citations
    ]


def _source(citation: Citation, today: datetime, *, numbered: bool) -> Block:
    elements = [text_element(f"[{citation.number}] ", {"bold": True})] if numbered else [text_element("•  ")]
    elements.append(link_element(citation.url, citation.title or citation.url))
    headings = [heading for heading in citation.heading_path if heading != citation.title]
    if headings:
        elements.append(text_element(f" › {defused(' › '.join(headings))}"))
    if citation.review_at:
        elements.append(text_element(f"  ·  {_verified(citation, today)}"))
    elif citation.author:
        elements.append(text_element(f"  ·  {defused(shortened(citation.author, _ALSO_CHARS))}"))
    if citation.updated_at and not citation.review_at:
        elements.append(text_element(f"  ·  updated {age(citation.updated_at, today)}", {"italic": True}))
    if warning := _warning(citation, today):
        elements.append(text_element(f"  ·  ⚠ {warning}", {"italic": True}))
    elements += _also(citation)
    return section(elements)


def _verified(citation: Citation, today: datetime) -> str:
    """By whom, and when: a name, and no mention of its bearer."""
    said = f"Verified by {defused(shortened(citation.author or 'somebody', _ALSO_CHARS))}"
    return f"{said}, {age(citation.updated_at, today)}" if citation.updated_at else said


def _warning(citation: Citation, today: datetime) -> str:
    """Why a source is to be read with care: the weightiest reason, if there is one."""
    if citation.superseded:
        return "may no longer hold: a newer page replaces it, or it says so itself"
    if citation.unread_since and _days(citation.unread_since, today) > 0:
        unread = age(citation.unread_since, today).removesuffix(" ago")
        return f"may be out of date: its source could not be read for {unread}"
    if citation.review_at:
        return "due for review" if citation.review_at <= today else ""
    if citation.updated_at and _days(citation.updated_at, today) > _DAYS_OLD:
        return "may be out of date"
    return ""


def _also(citation: Citation) -> Iterator[Element]:
    """Where else the same stands: a few links, and how many more there are."""
    shown = citation.also[:_ALSO]
    for number, link in enumerate(shown):
        yield text_element(", " if number else "  ·  also in: ")
        yield link_element(link.url, shortened(link.title, _ALSO_CHARS) or link.url)
    if rest := len(citation.also) - len(shown):
        yield text_element(f" and {rest} more")


class _Body:
    """The answer's Markdown as parts of rich text. `links` are the addresses of the cited sources by number."""

    def __init__(self, links: dict[int, str]) -> None:
        self._links = links
        self._allowed = frozenset(links.values())

    def parts(self, markdown: str) -> list[Block]:
        root = SyntaxTreeNode(_MARKDOWN.parse(markdown))
        return list(self._flow(root.children))

    def _flow(self, nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
        """Block-level nodes as the parts of one rich_text block; paragraphs that follow each other share a section."""
        running: list[Element] = []
        gap = ""
        for node in nodes:
            if node.type in ("paragraph", "heading"):
                running += [text_element(gap)] if running else []
                running += self._inline(node, {"bold": True} if node.type == "heading" else None)
                gap = "\n" if node.type == "heading" else "\n\n"
                continue
            if running:
                yield section(running)
                running = []
            yield from self._block(node)
        if running:
            yield section(running)

    def _block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        if node.type in ("bullet_list", "ordered_list"):
            yield from self._list(node, indent=0)
        elif node.type in ("fence", "code_block"):
            yield preformatted([text_element(node.content.rstrip("\n") or " ")])
        elif node.type == "blockquote":
            yield quote([*self._joined(node.children)] or [text_element(" ")])
        elif node.type == "table":
            yield from self._table(node)

    def _list(self, node: SyntaxTreeNode, *, indent: int) -> Iterator[Block]:
        """One rich_text_list for each run of items; nested lists come between, one step further in."""
        style = "ordered" if node.type == "ordered_list" else "bullet"
        offset = int(node.attrs.get("start", 1)) - 1
        run: list[Block] = []
        for number, item in enumerate(node.children):
            nested = [child for child in item.children if child.type in ("bullet_list", "ordered_list")]
            own = [child for child in item.children if child not in nested]
            run.append(section([*self._joined(own)] or [text_element(" ")]))
            if nested:
                yield _list_block(style, indent, offset + number + 1 - len(run), run)
                run = []
                for child in nested:
                    yield from self._list(child, indent=min(indent + 1, 8))
        if run:
            yield _list_block(style, indent, offset + len(node.children) - len(run), run)

    def _table(self, node: SyntaxTreeNode) -> Iterator[Block]:
        """Columns in a fixed-width font where a telephone shows them unbroken, otherwise row by row, each cell with its heading."""
        rows = [row.children for part in node.children for row in part.children]
        cells = [[_label(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        if sum(widths) + 2 * len(widths) - 2 <= _TABLE_CHARS:
            lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
            ruled = [lines[0], "  ".join("─" * width for width in widths), *lines[1:]]
            yield preformatted([*self._marked("\n".join(ruled), {})])
        elif len(rows) == 1:
            yield section([*self._joined(rows[0])])
        else:
            yield _list_block("bullet", 0, 0, [section([*self._record(rows[0], row)]) for row in rows[1:]])

    def _record(self, headings: Sequence[SyntaxTreeNode], row: Sequence[SyntaxTreeNode]) -> Iterator[Element]:
        """A row of a table, a line for each cell: its heading, its content; the first, which names the row, in bold."""
        for column, (heading, cell) in enumerate(zip(headings, row, strict=True)):
            if column:
                yield text_element("\n")
            yield from self._inline(heading, {"italic": True})
            yield text_element(": ")
            yield from self._inline(cell, None if column else {"bold": True})

    def _joined(self, nodes: Iterable[SyntaxTreeNode]) -> Iterator[Element]:
        """The inline content of several blocks, a line for each."""
        for position, node in enumerate(nodes):
            if position:
                yield text_element("\n")
            if node.type in ("fence", "code_block"):
                yield text_element(node.content.rstrip("\n") or " ", {"code": True})
            elif node.type in ("bullet_list", "ordered_list", "list_item", "blockquote"):
                yield from self._joined(node.children)
            else:
                yield from self._inline(node)

    def _inline(self, node: SyntaxTreeNode, style: Style | None = None) -> Iterator[Element]:
        for child in node.children:
            yield from self._span(child, style or {})

    def _span(self, node: SyntaxTreeNode, style: Style) -> Iterator[Element]:
        marks = {"strong": "bold", "em": "italic", "s": "strike"}
        if node.type == "text":
            yield from self._marked(node.content, style)
        elif node.type in ("softbreak", "hardbreak"):
            yield text_element("\n" if node.type == "hardbreak" else " ", style)
        elif node.type == "code_inline":
            yield text_element(defused(node.content), {**style, "code": True})
        elif node.type == "link" and str(node.attrs.get("href")) in self._allowed:
            yield link_element(str(node.attrs["href"]), _label(node) or str(node.attrs["href"]))
        elif node.type == "image":
            yield from self._marked(node.content or "", style)
        else:
            inner = {**style, marks[node.type]: True} if node.type in marks else style
            yield from self._inline(node, inner)

    def _marked(self, content: str, style: Style) -> Iterator[Element]:
        """Text in which the marks of cited sources are links to them."""
        position = 0
        for match in _MARK.finditer(content):
            url = self._links.get(int(match[1]))
            if url is None:
                continue
            if before := content[position : match.start()]:
                yield text_element(defused(before), style)
            yield link_element(url, match[0])
            position = match.end()
        if rest := content[position:]:
            yield text_element(defused(rest), style)


def _list_block(style: str, indent: int, offset: int, items: list[Block]) -> Block:
    block: Block = {"type": "rich_text_list", "style": style, "indent": indent, "elements": items}
    return {**block, "offset": offset} if style == "ordered" and offset else block


def _label(node: SyntaxTreeNode) -> str:
    return "".join(part.content for part in node.walk() if part.type in ("text", "code_inline")).strip()
