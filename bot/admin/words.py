"""Links, channels, names and readers as somebody writes them in Slack, and Slack sends them. Pure.

https://docs.slack.dev/messaging/formatting-message-text: `<https://…|label>`, `<#C…|name>`, `&amp;`.
"""

import re
from dataclasses import dataclass
from html import unescape

from ingestion.kinds import Proposal, recognise
from rag.domain import MEMBERS, PUBLIC, channel_readers
from rag.errors import ConfigError

_MARKUP = re.compile(r"<(#|@|!)?([^<>|]*)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{2,20})(?:\|[^<>]*)?>|channel:([CG][A-Z0-9]{2,20})", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#:].*)?", re.IGNORECASE)
_OF_GIT = re.compile(r"(?:ssh://|git://)?[\w.-]+@[\w.-]+[:/]\S+|git://\S+")

_READERS = {
    **dict.fromkeys(("members", "member", "all", "everyone", "everybody", "team", "workspace"), MEMBERS),
    **dict.fromkeys(("public", "guests", "anyone", "anybody"), PUBLIC),
}
_BETWEEN = frozenset({"to", "for", "and", "is", "=", "as", "only", "&amp;", "+"})

NO_FOLDERS = (
    "A folder on the machine that I run on is added there, not from Slack: python -m ingestion add FOLDER"
)
PICK_A_CHANNEL = (
    "I can't tell which channel {} is: type # and choose it from the list that Slack offers, or give its id "
    "as channel:C0123ABCD."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source would be; `label`: what to call it, where the message tells more than the address."""

    proposal: Proposal
    label: str = ""


def plain(text: str) -> str:
    """As people read it: links and channels by their label, escapes undone."""
    read = _MARKUP.sub(lambda m: (m[1] or "") + (m[3] or m[2]), text)
    return unescape(read).strip()


def unquoted(text: str) -> str:
    """Without the quotes around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


def location_of(text: str) -> Place | str | None:
    """The place that is all of a text; a sentence where it is one that cannot be added from Slack, None where it is none."""
    text = unquoted(text)
    markup = _MARKUP.fullmatch(text)
    label = ""
    if markup and markup[1] == "#":
        text, label = f"#{markup[2]}", f"#{markup[3]}" if markup[3] else ""
    elif markup and not markup[1]:
        text = _address(markup[2], markup[3] or "")
    elif markup or re.search(r"\s", text):
        return None
    elif found := _CHANNEL.fullmatch(text):
        text = f"#{(found[1] or found[2]).upper()}"
    elif _DOMAIN.fullmatch(text):
        text = f"https://{text}"
    return _place(unescape(text), label)


def _address(url: str, label: str) -> str:
    """What was written without a scheme, Slack makes a link to http of; hardly any site is there today."""
    return url.replace("http://", "https://", 1) if label and not label.startswith("http") else url


def _place(text: str, label: str) -> Place | str | None:
    if text.startswith(("/", "~", "./", "../", "file:")) or re.match(r"[A-Za-z]:[\\/]", text):
        return NO_FOLDERS
    is_git = bool(_OF_GIT.fullmatch(text))
    if not is_git and not text.startswith(("https://", "http://", "#")):
        return None
    try:
        proposal = recognise(text, kind="git" if is_git else None)
    except (ConfigError, ValueError):
        return PICK_A_CHANNEL.format(text) if text.startswith("#") else None
    # `#anything` that is no channel's id would be looked for as a folder.
    return Place(proposal, label) if proposal.kind != "folder" else None


def channel_of(text: str) -> str | None:
    """The id of the channel that is all of a text."""
    found = _CHANNEL.fullmatch(text)
    return (found[1] or found[2]).upper() if found else None


def readers_of(text: str) -> frozenset[str] | str:
    """Reader keys, where a text is nothing but readers; none where it is something else; a sentence where a channel is not known."""
    found = set()
    for word in re.split(r"[\s,]+(?![^<>]*>)", text.strip(" ,")):
        if channel := _CHANNEL.fullmatch(word):
            found.add(channel_readers((channel[1] or channel[2]).upper()))
        elif reader := _READERS.get(word.lower()):
            found.add(reader)
        elif re.fullmatch(r"#[\w-]+", word):
            return PICK_A_CHANNEL.format(word)
        elif word.lower() not in _BETWEEN:
            return frozenset()
    return frozenset(found)
