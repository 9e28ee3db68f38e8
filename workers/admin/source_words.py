"""Sources as admins read of them in Slack. Pure."""

from collections.abc import Collection, Mapping, Sequence

from ingestion.catalogue import Failing, SourceStatus
from ingestion.kinds import KINDS, in_words
from ingestion.runs import Run
from rag.domain import MEMBERS, PUBLIC
from workers.elements import (
    Element,
    bullets,
    channel_element,
    counted,
    date_element,
    escaped,
    link_element,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.rendering import Rendered, defused
from workers.reporting.usage import Used

_MOST = 60
"""Sources in a list; a message takes no more than some ten thousand characters."""

_NAME_CHARS, _REASON_CHARS = 80, 150
_WORDS = {
    MEMBERS: "all full members of the workspace",
    PUBLIC: "everybody, guests and connected organisations too",
}

NONE_YET = "No sources yet. Add one with: add LINK"


def plain_words(elements: Sequence[Element]) -> str:
    """Elements as the text of a notification."""
    words = (one.get("text") or one.get("fallback") or one.get("url") or "a channel" for one in elements)
    return escaped(defused("".join(map(str, words))))


def sentence(elements: list[Element]) -> Rendered:
    """A message of one paragraph."""
    return Rendered(plain_words(elements), [rich_text([section(elements)])])


def readers_in_words(readers: Collection[str]) -> list[Element]:
    """Who may read: `all full members …, the members of #hr`."""
    found: list[Element] = []
    for reader in sorted(readers, key=lambda key: (key not in _WORDS, key)):
        between = ", " if found else ""
        if reader in _WORDS:
            found.append(text_element(between + _WORDS[reader]))
        else:
            found += [
                text_element(f"{between}the members of "),
                channel_element(reader.removeprefix("channel:")),
            ]
    return found or [text_element("nobody")]


def listed(
    statuses: Sequence[SourceStatus], latest: Mapping[str, Run], used: Mapping[str, Used] | None = None
) -> Rendered:
    """All sources, a line each: state, documents, chunks, last and next sync, failures; how they are `used`, where that is known."""
    if not statuses:
        return sentence([text_element(NONE_YET)])
    lines = [
        section(
            [
                *_line(one, latest.get(one.source.id)),
                *(_use(used.get(one.source.id)) if used is not None else ()),
            ]
        )
        for one in statuses[:_MOST]
    ]
    documents, chunks = sum(one.documents for one in statuses), sum(one.chunks for one in statuses)
    head = f"{counted(len(statuses), 'source')}, {counted(documents, 'document')}, {counted(chunks, 'chunk')}"
    more = [text_element(f"and {len(statuses) - _MOST} more")] if len(statuses) > _MOST else []
    blocks = rich_text(
        [
            section([text_element(head, {"bold": True})]),
            bullets(lines),
            *([section(more)] if more else []),
        ]
    )
    return Rendered(escaped(head), [blocks])


def _line(status: SourceStatus, run: Run | None) -> list[Element]:
    name = shortened(status.source.name, _NAME_CHARS)
    counts = f"  ·  {counted(status.documents, 'document')}, {counted(status.chunks, 'chunk')}"
    failing = f"  ·  {status.failing} unreadable" if status.failing else ""
    return [
        text_element(name, {"bold": True}),
        text_element(f"  ·  {state_of(status, run)}{counts}{failing}"),
        *_times(status),
    ]


def _use(used: Used | None) -> list[Element]:
    """Questions answered from it this week, and pages that nobody has changed for long."""
    it = used or Used()
    old = f", {counted(it.old_documents, 'old page')}" if it.old_documents else ""
    return [text_element(f"  ·  {counted(it.questions, 'question')} this week{old}")]


def _times(status: SourceStatus) -> list[Element]:
    last = [text_element("  ·  read "), date_element(status.synced_at)] if status.synced_at else []
    if status.source.is_paused:
        return last
    if status.due_at is None:
        return [*last, text_element("  ·  next when asked")]
    return [*last, text_element("  ·  next "), date_element(status.due_at)]


def state_of(status: SourceStatus, run: Run | None) -> str:
    """How a source stands, in a word or two."""
    at_work = run is not None and not run.is_finished
    if status.source.state == "removing" or (at_work and run and run.action == "remove"):
        return "being removed"
    if at_work and run and run.action == "sync":
        return _at_work(run)
    if status.source.is_paused:
        return "paused"
    if run and run.state == "failed":
        return "last sync failed"
    if status.synced_at is None:
        return "not read yet"
    return "late" if status.is_stale else "fine"


def _at_work(run: Run) -> str:
    if run.state == "running":
        if run.progress is None:
            return "being read"
        of = f" of {run.progress.total}" if run.progress.total else ""
        return f"being read, {run.progress.documents}{of} so far"
    return "waits for another try" if run.error else "waits to be read"


def shown(status: SourceStatus, run: Run | None, failing: Sequence[Failing]) -> Rendered:
    """One source: where it is, who reads it, how it stands, what could not be read and why."""
    source = status.source
    rows: list[list[Element]] = [
        [text_element(f"{KINDS[source.kind].words} at "), place(source.location)],
        [text_element("read by "), *readers_in_words(source.readers)],
        [text_element(f"synced {in_words(source.every_seconds)}{', paused' if source.is_paused else ''}")],
        _line(status, run)[1:],
    ]
    options = ", ".join(f"{key} {value}" for key, value in sorted(source.options.items()))
    if options:
        rows.append([text_element(f"options: {options}")])
    if run and run.error:
        rows.append([text_element(f"last run: {shortened(run.error, _REASON_CHARS)}")])
    for reason, number in sorted(run.report.skipped.items()) if run and run.report else ():
        rows.append([text_element(f"skipped {number}: {shortened(reason, _REASON_CHARS)}")])
    rows += [
        [
            text_element(shortened(one.title or one.id, _NAME_CHARS), {"bold": True}),
            text_element(f" {shortened(one.reason, _REASON_CHARS)}"),
        ]
        for one in failing
    ]
    if status.failing > len(failing):
        rows.append([text_element(f"and {status.failing - len(failing)} more that could not be read")])
    rows[3] = [text_element(str(rows[3][0]["text"]).removeprefix("  ·  ")), *rows[3][1:]]
    head = section([text_element(source.name, {"bold": True})])
    return Rendered(
        escaped(defused(source.name)), [rich_text([head, bullets([section(row) for row in rows])])]
    )


def place(location: str) -> Element:
    """Where a source is: a link, a channel, or a path."""
    if location.startswith(("https://", "http://")):
        return link_element(location, shortened(location, _REASON_CHARS))
    is_channel = location[:1] in {"C", "G"} and location.isalnum() and location.isupper()
    return channel_element(location) if is_channel else text_element(shortened(location, _REASON_CHARS))
