"""What is said to admins in their channel, besides what `workers/admin/source_words.py` says of sources. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.admin.vocabulary import USAGE, Action
from ingestion.kinds import in_words
from ingestion.registered import RegisteredSource
from workers.admin.audit import Chain, Entry, chain_in_words
from workers.elements import (
    actions,
    bullets,
    button,
    date_element,
    escaped,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.rendering import Rendered, defused

REMOVE, KEEP = "admin_remove", "admin_keep"

TRY_AGAIN = "I could not do that just now. Please try again in a minute."
KEPT = "Nothing was removed."
DIGEST_COMES = "I put it together; it comes here in a moment."

_WHAT: Mapping[Action, str] = {
    "list": "all sources, and how they stand; from then on pinned here",
    "show": "one source, with what could not be read",
    "add": "a site, repository, wiki, or #channel",
    "reindex": "read it again now; without a name, all",
    "pause": "read it no more by itself, answer from it on",
    "resume": "read it by its schedule again",
    "schedule": "how often it is read",
    "audience": "who may be answered from it",
    "remove": "take it out; I ask before I do",
    "settings": "what holds in single channels; with one, to change it",
    "test": "what would be found for it, and why; by itself for you alone",
    "digest": "what was asked in the last seven days, and what is missing",
    "audit": "what admins did last, and what was refused; csv: all of it as a file",
    "erase": "forget what a person asked and rated; I ask before I do",
}
_KEYS = {
    "every_seconds": "synced",
    "is_paused": "paused",
    "readers": "read by",
    "follow_ups": "follow-ups",
} | {
    "auto_answer": "unasked from",
    "people_channel": "asks",
    "follow_up_hours": "follows for hours",
}
_SUBJECT_CHARS, _VALUE_CHARS = 80, 60


def helped() -> Rendered:
    """All commands on one screen."""
    head = section(
        [text_element("Mention me here with one of these; any other question I answer as everywhere.")]
    )
    lines = [
        section([text_element(USAGE[action], {"code": True}), text_element(f"  {what}")])
        for action, what in _WHAT.items()
    ]
    return Rendered("What I understand here", [rich_text([head, bullets(lines)])])


def confirmation(source: RegisteredSource, documents: int) -> Rendered:
    """Asked before a source is removed; the buttons carry its id."""
    question = [
        text_element("Remove "),
        text_element(source.name, {"bold": True}),
        text_element(f" and all that is indexed of it ({documents:,} documents)? It cannot be undone."),
    ]
    buttons = [button(REMOVE, "Remove", source.id, style="danger"), button(KEEP, "Keep", source.id)]
    text = f"Remove {source.name}?"
    return Rendered(escaped(defused(text)), [rich_text([section(question)]), actions(buttons)])


def audited(entries: Sequence[Entry], names: Mapping[str, str], chain: Chain) -> Rendered:
    """What was done last, newest first; `names` of people by id; `chain`: what all entries were found to be."""
    if not entries:
        return Rendered(
            "Nothing was done yet.", [rich_text([section([text_element("Nothing was done yet.")])])]
        )
    lines = [section([date_element(one.at), text_element(f"  {_entry(one, names)}")]) for one in entries]
    head = section([text_element("What admins did last", {"bold": True})])
    foot = section([text_element(chain_in_words(chain), {"italic": True})])
    return Rendered("What admins did last", [rich_text([head, bullets(lines), foot])])


def _entry(entry: Entry, names: Mapping[str, str]) -> str:
    who = names.get(entry.user_id, entry.user_id)
    subject = f" {shortened(entry.subject, _SUBJECT_CHARS)}" if entry.subject else ""
    outcome = "" if entry.outcome == "done" else f" ({entry.outcome})"
    return f"{who}: {entry.action}{subject}{_change(entry)}{outcome}"


def _change(entry: Entry) -> str:
    """The settings that are not as they were."""
    before, after = entry.before, entry.after
    if before is None or after is None:
        return ""
    changed = (
        f"{_KEYS.get(key, key)} {_value(key, before.get(key))} → {_value(key, value)}"
        for key, value in after.items()
        if value != before.get(key)
    )
    said = ", ".join(changed)
    return f", {said}" if said else ""


def _value(key: str, value: Any) -> str:
    if key == "every_seconds":
        return in_words(value)
    if value is None:
        return "as everywhere"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return shortened(text, _VALUE_CHARS)
