"""The files that people share in one Slack channel, and one file alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from ingestion.registered import RegisteredSource
from ingestion.sources import Means, Original, Skipped
from ingestion.sources.slack_conversations import enter, own_team
from ingestion.sources.slack_download import SlackDownload, unread
from ingestion.sources.slack_names import Names
from ingestion.sources.slack_notes import Notes
from ingestion.sources.slack_reading import Json, SlackReader, SlackRefused
from rag.errors import SourceGone

KIND = "slack_file"

_PAGE = 100  # files; this method pages by number
_GONE = frozenset({"file_not_found", "file_deleted"})


class _Files:
    """What is the same for many and for one."""

    def __init__(self, registered: RegisteredSource, means: Means) -> None:
        self._registered = registered
        self._slack = SlackReader(means.settings.slack)
        self._names = Names(self._slack, means.memory)
        self._notes = Notes(means.memory)
        self._download = SlackDownload(means.settings.slack, means.settings.fetch, means.fetcher)

    def _one(self, file: Json) -> Original | Skipped:
        if (
            file.get("file_access") == "check_file_info"
        ):  # of another organisation's people: only its id is told
            file = self._slack.call("files.info", file=file["id"])["file"]
        name = str(file.get("name") or file["id"])
        if reason := unread(file):
            return Skipped(name, reason)
        changed = max(
            int(file.get(when) or 0) for when in ("created", "timestamp", "updated", "edit_timestamp")
        )
        return Original(
            id=file["id"],
            name=name,
            url=str(file.get("permalink") or ""),
            version=f"{file['id']}-{changed}-{file.get('size', 0)}-{file.get('title', '')}"[:200],
            read=partial(self._download, file),
            media_type=file.get("mimetype"),
            updated_at=datetime.fromtimestamp(changed, UTC) if changed else None,
            author=self._names.person(file["user"]) if file.get("user") else None,
        )


class SlackFiles(_Files):
    """The files in the channel that `registered.location` is the id of."""

    def count(self) -> int | None:
        return None

    def originals(self) -> Iterator[Original | Skipped]:
        """The files, newest first."""
        channel = enter(self._slack, self._registered, self._notes)
        changes = self._notes.changes()
        listed: set[str] = set()
        for file in self._files():
            if file["id"] not in listed:
                listed.add(file["id"])
                yield self._one(file)
        self._notes.settle(changes)
        if not listed:
            yield Skipped(channel.name, "channels in which no file is shared")

    def _files(self) -> Iterator[Json]:
        number, last = 1, 1
        while number <= last:
            page = self._slack.call(
                "files.list",
                channel=self._registered.location,
                count=_PAGE,
                page=number,
                show_files_hidden_by_limit=True,
            )
            yield from page["files"]
            number, last = number + 1, int(page["paging"]["pages"])


class SlackFile(_Files):
    """The file that `registered.location` is the id of, wherever it is shared. Who reads it was said when it was added."""

    def count(self) -> int | None:
        return 1

    def originals(self) -> Iterator[Original | Skipped]:
        """The file. Raises SourceGone when it was deleted, or is not shown to us any more."""
        me = own_team(self._slack, self._notes)
        changes = self._notes.changes()
        yield self._own(str(me["team_id"]))
        self._notes.settle(changes)

    def _own(self, team_id: str) -> Original | Skipped:
        try:
            file = self._slack.call("files.info", file=self._registered.location)["file"]
        except SlackRefused as error:
            if error.code in _GONE:
                raise SourceGone(
                    "The file was deleted in Slack, or the bot may not see it any more."
                ) from None
            raise
        if file.get("mode") == "tombstone":
            raise SourceGone("The file was deleted in Slack.")
        if is_of_others(file, team_id):
            return Skipped(str(file.get("name") or file["id"]), OF_OTHERS)
        return self._one(file)


OF_OTHERS = "files of another organisation's people"


def is_of_others(file: Json, team_id: str) -> bool:
    """Whether somebody of a connected organisation shared it: what they write is theirs."""
    return file.get("user_team") not in (None, "", team_id)
