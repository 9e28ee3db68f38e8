"""OpenDocument texts, sheets and slides (odt, ods, odp): their XML as HTML, from there to Markdown."""

from html import escape

from lxml import etree

from ingestion.formats import Parsed, telling, title_of_name, to_datetime
from ingestion.formats.archive import Archive
from ingestion.formats.tags import markdown_of_html
from ingestion.formats.xml import Element, local, read_xml, text_of
from ingestion.outline import first_heading
from rag.errors import DocumentUnreadable

_WIDEST = 100  # cells or rows that one element may stand for
_LONGEST_BLANK = 100  # characters
_DROPPED = frozenset(
    {
        "tracked-changes", "annotation", "annotation-end", "hidden-text", "hidden-paragraph", "sequence-decls", "forms",
        "table-of-content", "alphabetical-index", "illustration-index", "note-citation", "soft-page-break", "desc", "title",
        "conditional-text", "settings", "date-time", "footer-decl", "date-time-decl", "shapes", "database-ranges",
    }
)  # fmt: skip
_AS = {
    "p": "p",
    "list": "ul",
    "list-item": "li",
    "list-header": "li",
    "table-row": "tr",
    "table-header-rows": "thead",
}


def parse(data: bytes, name: str) -> Parsed:
    """Title from the document's properties, else its first heading, else the name."""
    archive = Archive(data)
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise DocumentUnreadable("is password-protected")
    content = read_xml(archive.read("content.xml"))
    meta = {local(each): text_of(each) for each in _meta(archive)}
    hidden = _hidden_styles(content)
    body = next((each for each in content if local(each) == "body"), None)
    text = markdown_of_html(_html(body, hidden)) if body is not None else ""
    return Parsed(
        title=telling(meta.get("title")) or first_heading(text) or title_of_name(name),
        text=text,
        markup="document",
        updated_at=to_datetime(meta.get("date")),
        author=telling(meta.get("creator") or meta.get("initial-creator")),
    )


def _meta(archive: Archive) -> list[Element]:
    data = archive.read("meta.xml")
    return [each for part in read_xml(data) for each in part] if data else []


def _hidden_styles(content: Element) -> frozenset[str]:
    """Names of the styles under which text, a row, a column or a sheet is not shown."""
    return frozenset(
        _get(style, "name")
        for style in content.iter("{*}style")
        for properties in style
        if (_get(properties, "display") in {"none", "false"}) or _get(properties, "visibility") == "hidden"
    )


def _get(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _html(element: Element, hidden: frozenset[str]) -> str:
    name = local(element)
    if (
        name in _DROPPED
        or _get(element, "style-name") in hidden
        or _get(element, "visibility") in {"collapse", "filter"}
    ):
        return ""
    match name:
        case "s":
            count = _get(element, "c")
            return " " * min(int(count), _LONGEST_BLANK) if count.isdecimal() else " "
        case "tab":
            return " "
        case "line-break":
            return "<br>"
    return _around(name, element, _inside(element, hidden))


def _inside(element: Element, hidden: frozenset[str]) -> str:
    parts = [escape(element.text or "")] if local(element) in _WITH_TEXT else []
    for child in element:
        parts.append(_html(child, hidden))
        if local(element) in _WITH_TEXT:
            parts.append(escape(child.tail or ""))
    return "".join(parts)


_WITH_TEXT = frozenset(
    {"p", "h", "a", "span", "meta", "ruby-base", "bookmark-ref", "sequence", "date", "time"}
)


def _around(name: str, element: Element, inside: str) -> str:  # noqa: PLR0911  # a table of elements
    match name:
        case "h":
            level = _get(element, "outline-level")
            return f"<h{min(int(level), 6) if level.isdecimal() and int(level) else 1}>{inside}</h{level}>"
        case "a":
            return f'<a href="{escape(_get(element, "href"))}">{inside}</a>'
        case "table":
            caption = f"<h2>{escape(_get(element, 'name'))}</h2>" if _is_sheet(element) else ""
            return f"{caption}<table>{inside}</table>"
        case "table-cell" | "covered-table-cell":
            return _cell(element, inside)
        case "note-body":
            return f" ({inside}) "
        case "page":
            return f"<h2>{escape(_get(element, 'name'))}</h2>{inside}"
        case _ if name in _AS:
            return f"<{_AS[name]}>{inside}</{_AS[name]}>"
        case _:
            return inside


def _is_sheet(table: Element) -> bool:
    return local(table.getparent()) == "spreadsheet"


def _cell(element: Element, inside: str) -> str:
    if local(element) == "covered-table-cell":  # the cell that covers it spans
        return ""
    repeated = _get(element, "number-columns-repeated")
    spans = "".join(
        f' {html}="{_get(element, odf)}"'
        for html, odf in (("colspan", "number-columns-spanned"), ("rowspan", "number-rows-spanned"))
        if _get(element, odf).isdecimal()
    )
    times = min(int(repeated), _WIDEST) if repeated.isdecimal() else 1
    return f"<td{spans}>{inside}</td>" * times
