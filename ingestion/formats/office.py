"""The parts of an Office file (docx, pptx, xlsx), made safe before a library reads them.

Of the package only its XML parts remain, inflated within limits and without entities; what it embeds (pictures, macros,
other files) and what it would fetch (templates, linked pictures) is gone. Relationships to what is gone are, too.
"""

import posixpath
import zipfile
from datetime import datetime
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from ingestion.formats import telling, to_datetime
from ingestion.formats.archive import Archive
from ingestion.formats.xml import Element, local, read_xml

_PARTS = (".xml", ".rels")
_CORE = "docProps/core.xml"


class Package:
    """An Office file's parts by name, each as its root element, which may be changed."""

    def __init__(self, data: bytes) -> None:
        archive = Archive(data)
        self.parts: dict[str, Element] = {
            name: read_xml(archive.read(name)) for name in archive.names if name.lower().endswith(_PARTS)
        }
        for name, root in self.parts.items():
            if name.endswith(".rels"):
                self._keep_what_is_here(name, root)

    @property
    def title(self) -> str | None:
        return telling(self._property("title"))

    @property
    def author(self) -> str | None:
        return telling(self._property("creator"))

    @property
    def updated_at(self) -> datetime | None:
        return to_datetime(self._property("modified"))

    def file(self) -> BytesIO:
        """The package as a file again, for a library to read."""
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
            for name, root in self.parts.items():
                package.writestr(name, etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
        file.seek(0)
        return file

    def _property(self, name: str) -> str | None:
        root = self.parts.get(_CORE)
        return next((each.text for each in root if local(each) == name), None) if root is not None else None

    def _keep_what_is_here(self, name: str, root: Element) -> None:
        folder = posixpath.dirname(posixpath.dirname(name))
        for each in list(root):
            target = unquote(each.get("Target") or "")
            if each.get("TargetMode") == "External":
                kept = (each.get("Type") or "").endswith("/hyperlink")
            else:
                kept = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") in self.parts
            if not kept:
                root.remove(each)
