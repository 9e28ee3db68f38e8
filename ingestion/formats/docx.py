"""Word documents: by mammoth to HTML (styles become headings, deletions and comments are dropped), from there to Markdown.

What Word does not show goes first: hidden text, text too small to be read, the table of contents that repeats the headings.
"""

import mammoth

from ingestion.formats import Parsed, title_of_name
from ingestion.formats.office import Package
from ingestion.formats.tags import markdown_of_html
from ingestion.formats.xml import Element
from ingestion.outline import first_heading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = {
    "w": _W[1:-1],
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
}
_ON = "[not(@w:val='0' or @w:val='false' or @w:val='off')]"
_UNSEEN = f"w:rPr[w:vanish{_ON} or w:sz[@w:val <= 4]]"  # half-points
_NOT_SHOWN = (
    f"//w:r[{_UNSEEN}]",
    f"//w:tr[w:trPr/w:hidden{_ON}]",
    "//w:sdt[w:sdtPr/w:docPartObj/w:docPartGallery[@w:val='Table of Contents']]",
    "//w:p[w:pPr/w:pStyle[starts-with(@w:val, 'TOC') and string-length(@w:val) = 4]]",
    "//a:blip",
    "//v:imagedata",
)
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Source Code'] => pre:separator('\\n')
r[style-name='Code'] => code
r[style-name='HTML Code'] => code
"""


def parse(data: bytes, name: str) -> Parsed:
    """Title from the document's properties, else its first heading, else the name."""
    package = Package(data)
    unseen = _unseen_styles(package.parts.get("word/styles.xml"))
    for part, root in package.parts.items():
        if part.startswith("word/") and part.endswith(".xml"):
            _remove_unseen(root, unseen)
    html = mammoth.convert_to_html(package.file(), style_map=_STYLES, convert_image=_no_image).value
    text = markdown_of_html(html)
    return Parsed(
        title=package.title or first_heading(text) or title_of_name(name),
        text=text,
        markup="document",
        updated_at=package.updated_at,
        author=package.author,
    )


def _no_image(_image: object) -> list[object]:
    return []


def _unseen_styles(styles: Element | None) -> frozenset[str]:
    """The ids of styles that hide their text, also by what they are based on."""
    if styles is None:
        return frozenset()
    found: set[str] = set(styles.xpath(f"//w:style[{_UNSEEN}]/@w:styleId", namespaces=_SPACES))
    based = {
        style.get(f"{_W}styleId"): style.findtext(f"{_W}basedOn") or _value(style.find(f"{_W}basedOn"))
        for style in styles.iter(f"{_W}style")
    }
    while added := {style for style, base in based.items() if base in found} - found:
        found |= added
    return frozenset(found)


def _remove_unseen(root: Element, styles: frozenset[str]) -> None:
    for path in _NOT_SHOWN:
        for element in root.xpath(path, namespaces=_SPACES):
            _remove(element)
    for style in root.xpath("//w:rStyle | //w:pStyle", namespaces=_SPACES) if styles else ():
        if _value(style) in styles:
            _remove(style.getparent().getparent())


def _remove(element: Element) -> None:
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _value(element: Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val") or ""
