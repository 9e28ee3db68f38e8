"""XML without its dangers: no entities, no DTD, nothing fetched, not endlessly deep."""

from typing import Any

from lxml import etree

from rag.errors import DocumentUnreadable

Element = Any
"""An element of lxml, which brings no types."""


_ENTITIES = "declares XML entities of its own, which are not read"


def read_xml(data: bytes) -> Element:
    """The root element. Raises DocumentUnreadable."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,  # at most 256 deep, texts of at most 10 MB
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentUnreadable(_reason(str(error).lower())) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentUnreadable(_ENTITIES)
    return root


def _reason(error: str) -> str:
    if "entity" in error or "entities" in error:
        return _ENTITIES
    return "is nested too deeply" if "depth" in error else "is damaged or incomplete"


def text_of(element: Element | None) -> str:
    """All text in the element, on one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
