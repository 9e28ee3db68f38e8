"""Jupyter notebooks: Markdown cells as they are, code cells with what they printed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.formats import Parsed, telling, title_of_name
from ingestion.formats.tags import markdown_of_html
from ingestion.outline import first_heading

_LONGEST_OUTPUT = 2000  # characters; the rest is data, not text
_COLOURS = re.compile(r"\x1b?\[[0-9;]{0,20}m")
_FENCE = re.compile(r"`{3,}")


def is_notebook(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("cells"), list) and "nbformat" in value


def parse(notebook: Mapping[str, Any], name: str) -> Parsed:
    """Title from the metadata, else the first heading, else the name."""
    metadata = notebook.get("metadata")
    fields = metadata if isinstance(metadata, Mapping) else {}
    text = "\n\n".join(
        part for cell in notebook["cells"] if isinstance(cell, Mapping) for part in _cell(cell, fields)
    )
    title = telling(fields.get("title")) or first_heading(text)
    return Parsed(title=title or title_of_name(name), text=text, markup="document")


def _cell(cell: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[str]:
    source = _joined(cell.get("source")).strip("\n")
    match cell.get("cell_type"):
        case "code" if source:
            yield _fenced(source, _language(metadata))
            for output in cell.get("outputs") or ():
                if isinstance(output, Mapping) and (text := _output(output).strip("\n")):
                    yield text
        case "markdown" if source:
            yield source


def _output(output: Mapping[str, Any]) -> str:
    data = output.get("data")
    if output.get("output_type") == "error":
        return _fenced(f"{output.get('ename')}: {output.get('evalue')}", "")
    if not isinstance(data, Mapping):
        return _printed(output.get("text"))
    if "<table" in (page := _joined(data.get("text/html"))):
        return markdown_of_html(page[: _LONGEST_OUTPUT * 20])
    return _joined(data.get("text/markdown")) or _printed(data.get("text/plain"))


def _printed(value: Any) -> str:
    text = _COLOURS.sub("", _joined(value)).strip("\n")
    cut = f"{text[:_LONGEST_OUTPUT]}…" if len(text) > _LONGEST_OUTPUT else text
    return _fenced(cut, "") if cut.strip() else ""


def _fenced(text: str, language: str) -> str:
    fence = "`" * max([3, *(len(found) + 1 for found in _FENCE.findall(text))])
    return f"{fence}{language}\n{text}\n{fence}"


def _language(metadata: Mapping[str, Any]) -> str:
    for key in ("kernelspec", "language_info"):
        info = metadata.get(key)
        if isinstance(info, Mapping) and (found := info.get("language") or info.get("name")):
            return re.sub(r"\W.*|\d+$", "", str(found))[:20]
    return ""


def _joined(value: Any) -> str:
    """A text, which notebooks also keep as a list of lines."""
    match value:
        case str():
            return value
        case list():
            return "".join(line for line in value if isinstance(line, str))
        case _:
            return ""
