"""UploadedFile: a file in the workspace, its bytes and where it was shared."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import PurePath
from urllib.parse import quote

from sandbox.shapes import Json


@dataclass
class UploadedFile:
    """One uploaded file. `content` is None between files.getUploadURLExternal and the upload itself.

    `changed` are fields that a test wants otherwise (mode, is_external, timestamp …); a download goes to `redirect` if set.
    """

    id: str
    name: str
    user: str
    team_id: str
    created: int
    size: int
    base_url: str
    title: str = ""
    content: bytes | None = None
    shared_in: list[str] = field(default_factory=list)
    changed: Json = field(default_factory=dict)
    redirect: str | None = None

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def to_slack(self) -> Json:
        """The `file` object of files.info and of `files` on a message."""
        where = f"{self.base_url}/files-pri/{self.team_id}-{self.id}"
        suffix = PurePath(self.name).suffix.lstrip(".").lower()
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": suffix or "binary",
            "pretty_type": suffix.upper() or "Binary",
            "user": self.user,
            "user_team": self.team_id,
            "editable": False,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(self.shared_in),
            "url_private": f"{where}/{quote(self.name)}",
            "url_private_download": f"{where}/download/{quote(self.name)}",
            "permalink": f"{self.base_url}/files/{self.user}/{self.id}/{quote(self.name)}",
            "channels": [channel for channel in self.shared_in if channel.startswith("C")],
            "ims": [channel for channel in self.shared_in if channel.startswith("D")],
            "groups": [],
            "file_access": "visible",
            "has_rich_preview": False,
        } | self.changed

    def to_stub(self) -> Json:
        """What events of a Slack Connect channel carry instead: "ask files.info"."""
        return {
            "id": self.id,
            "created": 0,
            "timestamp": 0,
            "user": "",
            "mode": "file_access",
            "file_access": "check_file_info",
        }
