"""Mails (eml) and saved web pages (mhtml): MIME messages, by the standard library.

Attachments are named, not opened: each is a document of its own, if it is one.
"""

import re
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message

from ingestion.decoding import decode, visible
from ingestion.formats import Parsed, html, one_line, telling, title_of_name, to_datetime
from rag.errors import DocumentUnreadable

_HEADERS = ("From", "To", "Cc", "Date")
_LONGEST_HEADER = 2000  # characters
_MOST_PARTS = 1000
_ENCRYPTED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}


def parse(data: bytes, name: str) -> Parsed:
    """Title from the subject, else the name; of a saved page, the page's."""
    message = message_from_bytes(data, policy=policy.compat32)
    if message.get_content_type() in _ENCRYPTED:
        raise DocumentUnreadable("is an encrypted mail")
    parts = [
        part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False) if not part.is_multipart()
    ]
    if _is_page(message):
        return _page(parts, name)
    subject = telling(_header(message, "Subject"))
    body = _body(parts)
    lines = [f"{key}: {value}" for key in _HEADERS if (value := _header(message, key))]
    attached = ", ".join(filter(None, map(_file_name, parts)))
    closing = f"Attachments: {attached}" if attached else ""
    heading = "  \n".join(lines)
    return Parsed(
        title=subject or title_of_name(name),
        text="\n\n".join(filter(None, (heading, body, closing))) if body else "",
        markup="document",
        updated_at=to_datetime(_header(message, "Date")),
        author=telling(re.sub(r"\s*<[^<>]*>\s*$", "", _header(message, "From")).strip('"')),
    )


def _is_page(message: Message) -> bool:
    return message.get_content_type() == "multipart/related" and not (message["To"] or message["Received"])


def _page(parts: list[Message], name: str) -> Parsed:
    for part in parts:
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            return html.parse(_text(part), name)
    raise DocumentUnreadable("is a saved page without a page in it")


def _body(parts: list[Message]) -> str:
    """The text part and, where that is missing, the page; of all parts that are not attached."""
    shown = [part for part in parts if not _file_name(part)]
    plain = [_text(part).strip() for part in shown if part.get_content_type() == "text/plain"]
    if any(plain):
        return "\n\n".join(filter(None, plain))
    pages = [
        html.parse(_text(part), "").text.strip() for part in shown if part.get_content_type() == "text/html"
    ]
    return "\n\n".join(filter(None, pages))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or ""
    try:
        text = data.decode(charset, errors="replace") if charset else decode(data)
    except (LookupError, ValueError):
        text = data.decode("utf-8", errors="replace")
    return visible(text)


def _header(message: Message, name: str) -> str:
    value = message[name]
    if value is None:
        return ""
    beginning = str(value)[:_LONGEST_HEADER]
    try:
        return one_line(visible(str(make_header(decode_header(beginning)))))
    except (LookupError, ValueError, MessageError):
        return one_line(visible(beginning))


def _file_name(part: Message) -> str:
    try:
        return one_line(visible(part.get_filename() or ""))
    except (LookupError, ValueError, TypeError):
        return "attachment"
