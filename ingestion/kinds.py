"""The kinds of source there are, and which of them a link or path that somebody gives is. Pure but for one look whether a folder is there.

What a kind is opened with stands here, so that a command, a channel and a test say the same about it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from rag.errors import ConfigError

_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Kind:
    """`options`: what it can be opened with besides its location. `every_seconds`: how often it is synced unless told."""

    name: str
    words: str
    options: frozenset[str]
    every_seconds: float


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("folder", "a folder", frozenset({"base_url", "include", "exclude"}), 15 * _MINUTE),
        Kind(
            "web",
            "a web site",
            frozenset({"mode", "prefix", "depth", "pages", "include", "exclude"}),
            6 * _HOUR,
        ),
        Kind(
            "git",
            "a Git repository",
            frozenset({"branch", "folder", "include", "exclude", "link"}),
            _HOUR,
        ),
        Kind("confluence", "a Confluence space", frozenset({"spaces", "labels"}), _HOUR),
        Kind("notion", "Notion pages", frozenset(), _HOUR),
        Kind(
            "google_drive",
            "a Google Drive folder",
            frozenset({"include", "exclude", "shortcuts"}),
            _HOUR,
        ),
        Kind(
            "slack_channel",
            "a Slack channel",
            frozenset({"keep_days", "reread_days", "include_bots", "allow_shared"}),
            15 * _MINUTE,
        ),
        Kind("slack_files", "the files of a Slack channel", frozenset({"allow_shared"}), 15 * _MINUTE),
        Kind("slack_file", "a file in Slack", frozenset(), 15 * _MINUTE),
        Kind("answers", "answers that people verified in Slack", frozenset(), 15 * _MINUTE),
    )
}

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_FILE = re.compile(r"F[A-Z0-9]{2,20}")
_CODE_HOSTS = frozenset(
    {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "git.sr.ht", "dev.azure.com"}
)
_OF_DRIVE = re.compile(
    r"drive\.google\.com/(?:drive/(?:u/\d+/)?folders|file/d)/([\w-]{10,})"
    r"|docs\.google\.com/(?:document|spreadsheets|presentation)/(?:u/\d+/)?d/([\w-]{10,})",
    re.ASCII,
)
"""Folders and documents; what is published to the web (`/d/e/…`) is a page like others."""

_NOT_REPOSITORIES = frozenset({"about", "features", "orgs", "topics", "explore", "marketplace", "settings"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a link or path seems to be: its kind, where it is, and a name for it."""

    kind: str
    location: str
    name: str


def recognise(text: str, *, kind: str | None = None) -> Proposal:
    """The source that `text` means: a path, a web address, or a channel id or link; `kind` where the caller knows it.

    Raises ConfigError with a sentence when it is none of these.
    """
    text = text.strip().strip("<>")
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"There is no kind {kind} of source; there are: {', '.join(KINDS)}.")
    if found := _in_slack(text, kind):
        return found
    parts = urlsplit(text)
    if parts.scheme in {"http", "https"} and parts.hostname:
        kind = kind or _kind_of(parts)
        return Proposal(kind, text, _name_of(kind, parts))
    if kind == "git":  # written in ways of its own: the source says what is wrong with it
        return Proposal("git", text, text.rpartition(":")[2].removesuffix(".git"))
    if kind == "notion" and not text:
        return Proposal("notion", "", "Notion")
    if text and kind in {None, "folder"}:
        return _folder(text)
    raise ConfigError(f"{text or 'Nothing'} is not an address that begins with https://.")


def _in_slack(text: str, kind: str | None) -> Proposal | None:
    """A channel, or a file where the caller says that it is one."""
    if kind == "slack_file":
        if not _FILE.fullmatch(text):
            raise ConfigError("Name a file in Slack by its id, such as F0123ABCD.")
        return Proposal(kind, text, text)
    channel = _channel(text)
    return Proposal(kind or "slack_channel", channel, channel) if channel else None


def _channel(text: str) -> str | None:
    """A channel id, from itself, a mention as Slack writes it, or a link to the channel."""
    mention = re.fullmatch(r"#([CG][A-Z0-9]{2,20})(?:\|.*)?", text)
    link = re.fullmatch(r"https://[\w.-]+\.slack\.com/archives/([CG][A-Z0-9]{2,20})(?:[/?].*)?", text)
    found = mention or link
    if found:
        return found[1]
    return text if _CHANNEL.fullmatch(text) and any(map(str.isdigit, text)) else None


def _kind_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.")
    steps = [step for step in parts.path.split("/") if step]
    if host.endswith(".atlassian.net") or "/display/" in parts.path or parts.path.startswith("/wiki/spaces/"):
        return "confluence"
    if host in {"notion.so", "app.notion.com"} or host.endswith(".notion.site"):
        return "notion"
    if _OF_DRIVE.match(host + parts.path):
        return "google_drive"
    is_repository = host in _CODE_HOSTS and len(steps) >= 2 and steps[0] not in _NOT_REPOSITORIES  # noqa: PLR2004 - owner and name
    if is_repository or parts.path.endswith(".git"):
        return "git"
    return "web"


def _name_of(kind: str, parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.")
    steps = [step for step in parts.path.split("/") if step]
    match kind:
        case "git":
            return "/".join(steps[:2]).removesuffix(".git") or host
        case "confluence" if "spaces" in steps[:-1]:
            return f"Confluence {steps[steps.index('spaces') + 1]}"
        case "confluence" if "display" in steps[:-1]:
            return f"Confluence {steps[steps.index('display') + 1]}"
        case "google_drive" if found := _OF_DRIVE.match(host + parts.path):
            return f"Google Drive {(found[1] or found[2])[:10]}"
        case "notion":
            return re.sub(r"-?[0-9a-f]{32}$", "", steps[-1]).replace("-", " ").strip() if steps else "Notion"
        case _:
            return "/".join([host, *steps])[:200].removesuffix("/sitemap.xml")


def _folder(text: str) -> Proposal:
    folder = Path(text).expanduser().resolve()
    if not folder.is_dir():
        raise ConfigError(f"{text} is not a folder, nor an address that begins with https://.")
    return Proposal("folder", str(folder), folder.name or str(folder))


def checked_options(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The options as the catalogue keeps them. Raises ConfigError for those that the kind does not know."""
    known = KINDS[kind]
    if unknown := sorted(given.keys() - known.options):
        takes = ", ".join(sorted(known.options)) or "no options"
        raise ConfigError(f"{known.words.capitalize()} has no option {unknown[0]}; it takes {takes}.")
    return dict(given)


_INTERVAL = re.compile(r"(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)")
_UNITS = {"m": _MINUTE, "h": _HOUR, "d": 24 * _HOUR}
_SHORTEST = _MINUTE


def interval(text: str) -> float | None:
    """How often, in seconds: `30m`, `6h`, `1d`; None for `off`. Raises ValueError with a sentence."""
    text = text.strip().lower()
    if text in {"off", "never"}:
        return None
    found = _INTERVAL.fullmatch(text)
    if not found or (seconds := int(found[1]) * _UNITS[found[2][0]]) < _SHORTEST:
        raise ValueError(f"{text!r} is no interval such as 30m, 6h, 1d or off")
    return seconds


def in_words(seconds: float | None) -> str:
    """An interval as people say it: `every 6 h`."""
    if seconds is None:
        return "only when asked"
    for unit, name in ((24 * _HOUR, "d"), (_HOUR, "h")):
        if seconds >= unit and seconds % unit == 0:
            return f"every {seconds / unit:.0f} {name}"
    return f"every {seconds / _MINUTE:.0f} min"
