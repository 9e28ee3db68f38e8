"""Outlook messages (msg)."""

from io import BytesIO

from oxmsg import Message

from ingestion.decoding import decode, visible
from ingestion.formats import Parsed, html, one_line, telling, title_of_name, to_datetime
from rag.errors import DocumentUnreadable

_ENCRYPTED = ("smime", "rpmsg")


def parse(data: bytes, name: str) -> Parsed:
    """Title from the subject, else the name."""
    message = Message.load(BytesIO(data))
    attached = [one_line(visible(each.file_name or "")) for each in message.attachments]
    if (
        any(mark in (message.message_class or "").lower() for mark in _ENCRYPTED)
        or "message.rpmsg" in attached
    ):
        raise DocumentUnreadable("is an encrypted mail")
    sent = to_datetime(message.sent_date)
    fields = {
        "From": one_line(visible(message.sender or "").replace('"', "")),
        "To": one_line(", ".join(visible(to.name or to.email_address) for to in message.recipients)),
        "Date": sent.isoformat(" ", "minutes") if sent else "",
        "Attachments": ", ".join(filter(None, attached)),
    }
    body = _body(message)
    heading = "  \n".join(f"{key}: {value}" for key, value in fields.items() if value)
    return Parsed(
        title=telling(message.subject) or title_of_name(name),
        text=f"{heading}\n\n{body}" if body else "",
        markup="document",
        updated_at=sent,
        author=telling(fields["From"].partition("<")[0]),
    )


def _body(message: Message) -> str:
    if text := visible(message.body or "").strip():
        return text
    page = message.html_body
    if not page:
        return ""
    return html.parse(visible(decode(page) if isinstance(page, bytes) else page), "").text.strip()
