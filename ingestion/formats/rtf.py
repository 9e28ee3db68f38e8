"""RTF documents: their text, by striprtf, without what is marked as hidden."""

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from ingestion.formats import Parsed, telling, title_of_name
from ingestion.formats.tables import markdown_table

_INFO = re.compile(rb"\{\\(title|author) ([^{}\\]{1,300})\}")
_TOKEN = re.compile(r"\\\\|\\[{}]|[{}]|\\plain(?![a-z])|\\v(-?\d*)(?![a-z\d])")
_PICTURE = re.compile(r"[0-9a-fA-F\s]{200,}")
_ROWS = re.compile(r"(?:^(?:[^|\n]*\|)+$\n?)+", re.MULTILINE)


def parse(data: bytes, name: str) -> Parsed:
    """Title from the document's properties, else the name."""
    source = "".join(_shown(_PICTURE.sub("", data.decode("latin-1"))))
    info = {found[1]: found[2].decode("cp1252", "replace") for found in _INFO.finditer(data[:20_000])}
    text = rtf_to_text(source, encoding="cp1252", errors="replace")
    return Parsed(
        title=telling(info.get(b"title")) or title_of_name(name),
        text=_readable(text),
        markup="document",
        author=telling(info.get(b"author")),
    )


def _shown(source: str) -> Iterator[str]:
    """The source without what its groups mark as hidden: from a `v` on, until `v0`, `plain` or the group's end."""
    outer: list[bool] = []
    hidden = False
    done = 0
    for token in _TOKEN.finditer(source):
        if not hidden:
            yield source[done : token.start()]
        done = token.end()
        match token[0]:
            case "{":
                outer.append(hidden)
                yield "{"
            case "}":
                hidden = outer.pop() if outer else False
                yield "}"
            case "\\\\" | "\\{" | "\\}":
                yield "" if hidden else token[0]
            case "\\plain":
                hidden = False
                yield token[0]
            case _:
                hidden = token[1] != "0"
    if not hidden:
        yield source[done:]


def _readable(text: str) -> str:
    """Paragraphs, and tables for lines that end in a bar, as striprtf writes rows."""
    parts: list[str] = []
    done = 0
    for found in _ROWS.finditer(text):
        parts += [*text[done : found.start()].split("\n"), _table(found[0])]
        done = found.end()
    parts += text[done:].split("\n")
    return "\n\n".join(filter(str.strip, parts))


def _table(rows: str) -> str:
    return markdown_table(row.split("|")[:-1] for row in rows.strip("\n").split("\n"))
