"""Which format an original is of. Its content decides; name and media type only where the content leaves a choice."""

import re
from pathlib import PurePosixPath
from typing import Literal

from ingestion.formats.archive import Archive
from rag.errors import DocumentUnreadable

Kind = Literal[
    "markdown", "plain", "code", "html", "rst", "delimited", "records", "notebook", "mail",
    "docx", "pptx", "xlsx", "opendocument", "epub", "pdf", "outlook", "word97", "rtf",
]  # fmt: skip

_CODE = [
    "adoc",
    "asciidoc",
    "bash",
    "bat",
    "bicep",
    "c",
    "cc",
    "cfg",
    "cjs",
    "clj",
    "cmake",
    "conf",
    "cpp",
    "cs",
    "css",
    "cue",
    "dart",
    "diff",
    "ex",
    "exs",
    "fish",
    "go",
    "gradle",
    "graphql",
    "h",
    "hcl",
    "hpp",
    "hs",
    "ini",
    "ipp",
    "java",
    "jl",
    "js",
    "jsx",
    "kt",
    "kts",
    "less",
    "log",
    "lua",
    "m",
    "mjs",
    "ml",
    "nix",
    "org",
    "patch",
    "php",
    "pl",
    "properties",
    "proto",
    "ps1",
    "py",
    "pyi",
    "r",
    "rb",
    "rs",
    "sass",
    "scala",
    "scss",
    "sh",
    "sol",
    "sql",
    "svelte",
    "swift",
    "tex",
    "tf",
    "tfvars",
    "toml",
    "ts",
    "tsx",
    "vue",
    "xml",
    "xsd",
    "yaml",
    "yml",
    "zig",
    "zsh",
]
KINDS: dict[str, Kind] = {
    **{f".{ending}": "code" for ending in _CODE},
    **dict.fromkeys((".md", ".markdown", ".mdx", ".mdown"), "markdown"),
    **dict.fromkeys((".txt", ".text"), "plain"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".rst", ".rest"), "rst"),
    **dict.fromkeys((".csv", ".tsv", ".tab"), "delimited"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "records"),
    ".ipynb": "notebook",
    **dict.fromkeys((".eml", ".mhtml", ".mht"), "mail"),
    **dict.fromkeys((".docx", ".docm", ".dotx"), "docx"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx"), "pptx"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), "xlsx"),
    **dict.fromkeys((".odt", ".ods", ".odp"), "opendocument"),
    ".epub": "epub",
    ".pdf": "pdf",
    ".msg": "outlook",
    ".doc": "word97",
    ".rtf": "rtf",
}
"""The kinds of text and binary files by the endings of their names: what sources list."""

_MEDIA_TYPES: dict[str, Kind] = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/x-rst": "rst",
    "text/prs.fallenstein.rst": "rst",
    "text/csv": "delimited",
    "text/tab-separated-values": "delimited",
    "message/rfc822": "mail",
    "multipart/related": "mail",
}
_NOT_READ = (
    (b"\x1f\x8b", "is an archive: archives are not opened"),
    (b"BZh", "is an archive: archives are not opened"),
    (b"7z\xbc\xaf\x27\x1c", "is an archive: archives are not opened"),
    (b"Rar!\x1a\x07", "is an archive: archives are not opened"),
    (b"\xfd7zXZ\0", "is an archive: archives are not opened"),
    (b"\x28\xb5\x2f\xfd", "is an archive: archives are not opened"),
    (b"\x89PNG\r\n", "is a picture: needs OCR"),
    (b"\xff\xd8\xff", "is a picture: needs OCR"),
    (b"GIF8", "is a picture: needs OCR"),
    (b"II*\0", "is a picture: needs OCR"),
    (b"MM\0*", "is a picture: needs OCR"),
    (b"SQLite format 3\0", "is a database"),
    (b"\x7fELF", "is a program"),
)
_TAR_AT = 257
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OFFICE_PARTS: tuple[tuple[str, Kind | str], ...] = (
    ("EncryptedPackage", "is password-protected"),
    ("WordDocument", "word97"),
    ("__properties_version1.0", "outlook"),
    ("Workbook", "is an Excel file of before 2007: save it as .xlsx"),
    ("Book", "is an Excel file of before 2007: save it as .xlsx"),
    ("PowerPoint Document", "is a PowerPoint file of before 2007: save it as .pptx"),
)
_OFFICE_TYPES = re.compile(
    rb"(wordprocessingml|presentationml|spreadsheetml|ms-word|ms-powerpoint|ms-excel)[\w.]*\.main\+xml",
    re.IGNORECASE,
)
_OFFICE: dict[bytes, Kind] = {
    b"wordprocessingml": "docx",
    b"ms-word": "docx",
    b"presentationml": "pptx",
    b"ms-powerpoint": "pptx",
    b"spreadsheetml": "xlsx",
    b"ms-excel": "xlsx",
}
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*(?:<!doctype\s+(?!html)\w+\s*\[[^\]]{0,2000}\]\s*>\s*)?"
    r"<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_ENTITY = re.compile(r"\s*(?:<\?xml|<!DOCTYPE)[^\0]{0,5000}?<!ENTITY", re.IGNORECASE)
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]*\S?")
_OF_MAIL = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "mime-version",
    "return-path",
    "delivered-to",
}
_ONLY_MAIL = {"message-id", "received", "mime-version", "return-path"}


def kind_of_bytes(data: bytes) -> Kind | None:
    """The kind of what is no text; None for what may be one. Raises DocumentUnreadable for what is known and not read."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(data)
    if data.startswith(_OLD_OFFICE):
        return _kind_of_old_office(data)
    if data.lstrip()[:5] == b"{\\rtf":
        return "rtf"
    for signature, reason in _NOT_READ:
        if data.startswith(signature):
            raise DocumentUnreadable(reason)
    if data[_TAR_AT : _TAR_AT + 5] == b"ustar":
        raise DocumentUnreadable("is an archive: archives are not opened")
    return None


def kind_of_text(text: str, name: str, media_type: str | None) -> Kind:
    """The kind of a text, JSON apart. Raises DocumentUnreadable for XML that declares entities."""
    named = _named(name, media_type)
    if _PAGE.match(text):
        return "html"
    if _XML_ENTITY.match(text):
        raise DocumentUnreadable("declares XML entities of its own, which are not read")
    if named == "mail" or _is_mail(text):
        return "mail"
    if named in {"markdown", "code", "html", "rst", "delimited", "records", "notebook"}:
        return named
    return "plain"


def _named(name: str, media_type: str | None) -> Kind | None:
    """What the name says, else what the source says."""
    by_name = KINDS.get(PurePosixPath(name).suffix.lower())
    return by_name or _MEDIA_TYPES.get((media_type or "").partition(";")[0].strip().lower())


def _is_mail(text: str) -> bool:
    """Whether it begins with headers, one of which nothing else has."""
    names: set[str] = set()
    for line in text[:10_000].split("\n"):
        if line[:1] in {" ", "\t"} and names:
            continue
        found = _HEADER.match(line)
        if not found:
            break
        names.add(found[1].lower())
    return len(names & _OF_MAIL) > 2 and bool(names & _ONLY_MAIL)  # noqa: PLR2004  # one or two stand in other texts, too


def _kind_of_archive(data: bytes) -> Kind:
    archive = Archive(data)
    names = set(archive.names)
    if "[Content_Types].xml" in names and (kind := _kind_of_office(archive.read("[Content_Types].xml"))):
        return kind
    media_type = archive.read("mimetype")[:100].strip()
    if media_type.startswith(b"application/vnd.oasis.opendocument.") and "content.xml" in names:
        return "opendocument"
    if media_type == b"application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    raise DocumentUnreadable("is an archive: archives are not opened")


def _kind_of_office(types: bytes) -> Kind | None:
    found = _OFFICE_TYPES.search(types)
    return _OFFICE[found[1].lower()] if found else None


def _kind_of_old_office(data: bytes) -> Kind:
    for part, kind in _OLD_OFFICE_PARTS:
        if part.encode("utf-16-le") in data:
            if kind in {"word97", "outlook"}:
                return kind
            raise DocumentUnreadable(kind)
    raise DocumentUnreadable("is a file of an old Office program, which is not read")
