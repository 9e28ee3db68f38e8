"""A model's reply taken apart into claims with their marks, and put together again from those that stand. Pure.

A claim is a sentence, a list item's sentence, a table row, or a block of code. Whatever claims nothing by itself ("Yes.", a
heading, "These are the steps:") is a link: it stays as long as the claim that follows it in its block does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.particulars import particulars, subject
from rag.quotable import plain_text, sentences

_MARKS = re.compile(r"[ \t]*(?:\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\][ \t]*)+")
_NUMBER = re.compile(r"\d+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_ITEM = re.compile(r"(\s*(?:[-*+]|\d{1,3}[.)])\s+|\s*>\s?)(.*)", re.DOTALL)
_RULE = re.compile(r"[\s|:-]+")
_NAME = re.compile(r"\b[A-Z][A-Z0-9_-]{4,}\b")  # in capitals: a word that says something even by itself
_ENDS = re.compile(r"[.!?…:;,]*$")


@dataclass(frozen=True, slots=True)
class Claim:
    """`text` is Markdown without marks; `marks` the passages that the model named, by rank; `said` what is compared."""

    text: str
    marks: tuple[int, ...]
    said: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a line: a claim by its place among all claims, or None for text that claims nothing."""

    text: str
    claim: int | None = None
    row: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    lead: str
    parts: tuple[_Part, ...]
    keeps: bool = False
    """Whether the line is kept without a claim of its own as long as one follows it: a heading, the head of a table."""

    @property
    def kind(self) -> str:
        """Lines of one kind share what introduces them, but for paragraphs, of which each has its own."""
        if self.parts and self.parts[0].row:
            return "row"
        return "item" if self.lead else f"paragraph {id(self)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The claims in order, and the lines that they stand in."""

    claims: tuple[Claim, ...]
    lines: tuple[_Line, ...]

    def rebuilt(self, marks: Mapping[int, Sequence[int]]) -> str:
        """The reply from the claims that have marks, each with these; what introduced only others goes with them."""
        kept: list[str] = []
        waiting: list[str] = []
        gone = ""
        for line in self.lines:
            if line.keeps or not line.parts:
                if line.keeps:
                    waiting, gone = _still_waiting(waiting, gone, _level(line.lead)), ""
                waiting.append(line.lead)
            elif text := _written(line, marks):
                if gone and gone != line.kind:
                    waiting = _still_waiting(waiting, gone, 0)
                kept += [*waiting, line.lead + text]
                waiting, gone = [], ""
            else:
                gone = line.kind
        return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def taken_apart(reply: str) -> Reply:
    """The reply's claims and lines."""
    claims: list[Claim] = []
    lines = [_line(text, claims) for text in _whole_lines(reply)]
    return Reply(tuple(claims), tuple(lines))


def _whole_lines(reply: str) -> Iterator[str]:
    """Lines, with fenced code as one line, and a line of marks alone joined to the one before it."""
    waiting: list[str] = []
    fenced: list[str] = []
    for line in reply.splitlines():
        if fenced:
            fenced.append(line)
            if _FENCE.match(line):
                waiting.append("\n".join(fenced))
                fenced = []
        elif _FENCE.match(line):
            fenced = [line]
        elif waiting and line.strip() and _MARKS.fullmatch(line.strip()):
            while len(waiting) > 1 and not waiting[-1].strip():
                waiting.pop()
            waiting[-1] += f"\n{line.strip()}" if _FENCE.match(waiting[-1]) else f" {line.strip()}"
        else:
            waiting.append(line)
    yield from [*waiting, "\n".join(fenced)] if fenced else waiting


def _line(text: str, claims: list[Claim]) -> _Line:
    stripped = text.strip()
    if not stripped:
        return _Line("", ())
    if _FENCE.match(text):
        return _Line("", (_claimed(text, claims, code=True),))
    if stripped.startswith("|"):
        return _row(text, stripped, claims)
    if stripped.startswith("#") or (stripped.endswith(":") and not _MARKS.search(text)):
        return _Line(text, (), keeps=True)
    item = _ITEM.fullmatch(text)
    lead, content = (item[1], item[2]) if item else ("", text)
    return _Line(lead, tuple(_part(piece, claims) for piece in _sentences(content)))


def _row(text: str, stripped: str, claims: list[Claim]) -> _Line:
    """A row is a claim when it is below the head, which has no number of its own and no mark."""
    head = not _MARKS.search(text) and not any(character.isdigit() for character in text)
    if head or _RULE.fullmatch(stripped):
        return _Line(text, (), keeps=True)
    return _Line("", (_claimed(text, claims, row=True),))


def _sentences(text: str) -> list[str]:
    """Sentences, each with the marks that stand at its end, also when these come after the full stop."""
    found: list[str] = []
    for sentence in sentences(text):
        ahead = _MARKS.match(sentence)
        if ahead and found:
            found[-1] = f"{found[-1]} {ahead[0].strip()}"
            sentence = sentence[ahead.end() :]  # noqa: PLW2901 - what is left of it
        if sentence.strip():
            found.append(sentence)
    return found


def _part(sentence: str, claims: list[Claim]) -> _Part:
    plain = plain_text(_MARKS.sub(" ", sentence))
    said = particulars(plain)
    tells = _MARKS.search(sentence) or said.quantities or said.codes or _NAME.search(plain)
    if not tells and len(subject(plain)) < 2:  # noqa: PLR2004 - "Yes, sure."
        return _Part(sentence)
    return _claimed(sentence, claims)


def _claimed(text: str, claims: list[Claim], *, row: bool = False, code: bool = False) -> _Part:
    marks = tuple(int(number) for found in _MARKS.findall(text) for number in _NUMBER.findall(found))
    bare = _bare(text, code=code)
    said = bare if code else plain_text(" ".join(bare.replace("|", " ").split()))
    claims.append(Claim(bare, tuple(dict.fromkeys(marks)), said, code))
    return _Part(bare, len(claims) - 1, row)


def _bare(text: str, *, code: bool) -> str:
    if code:
        opening, *rest = text.splitlines()
        return "\n".join([opening, *(line for line in rest if not _MARKS.fullmatch(line.strip() or "-"))])
    return re.sub(r"[ \t]+(?=[.!?…,;:](?:\s|$))", "", _MARKS.sub(" ", text)).strip()


def _written(line: _Line, marks: Mapping[int, Sequence[int]]) -> str:
    """The parts that stand, or nothing when no claim among them does."""
    kept: list[str] = []
    links: list[str] = []
    standing = False
    for part in line.parts:
        if part.claim is None:
            links.append(part.text)
            continue
        if named := marks.get(part.claim):
            kept += [*links, _marked(part, named)]
            standing = True
        links = []
    return " ".join([*kept, *links]) if standing else ""


def _marked(part: _Part, named: Sequence[int]) -> str:
    shown = "".join(f"[{number}]" for number in named)
    if part.row:
        return re.sub(r"\s*\|\s*$", "", part.text) + f" {shown} |"
    if _FENCE.match(part.text):
        return f"{part.text}\n\n{shown}"
    ending = _ENDS.search(part.text)
    end = ending.start() if ending else len(part.text)
    return f"{part.text[:end]} {shown}{part.text[end:]}"


def _level(text: str) -> int:
    """1 to 6 for a heading, 0 for any other text."""
    return len(text) - len(text.lstrip("#")) if text.startswith("#") else 0


def _still_waiting(waiting: list[str], gone: str, level: int) -> list[str]:
    """What may still introduce something when a line of this level comes, and claims before it may be `gone`."""
    kept = waiting if not (gone or level) else [text for text in waiting if _level(text)]
    return [text for text in kept if not level or _level(text) < level]
