"""A Slack workspace (the sandbox), a source in it, and what a pipeline would keep of its syncs: ids, versions, texts."""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.fetching import Fetcher
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means, Original, Skipped, Source, Unlisted
from ingestion.sources.slack_channel import SlackChannel
from ingestion.sources.slack_files import SlackFile, SlackFiles
from ingestion.sources.slack_notes import Change, Notes
from rag.database import open_database
from rag.errors import DocumentUnreadable, SourceUnavailable
from rag.settings import FetchSettings, Settings, SlackSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer

GENERAL = "C01GENERAL"
DAY = 24 * 3600


@dataclass
class Kept:
    """What a sync left: texts by document id, the versions they had, what was read and skipped this time."""

    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    originals: dict[str, Original] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def text(self) -> str:
        return "\n\n".join(self.texts.values())


class Stage:
    """What is slow to build and can serve many scenes: the workspace, a database, a way out."""

    def __init__(self, server: SandboxServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.engine = open_database(f"sqlite:///{folder / 'stage.db'}")
        self.settings = Settings(
            slack=SlackSettings(
                bot_token=server.bot_token,
                app_token=server.app_token,
                api_url=server.api_url,
                timeout_seconds=5,
            ),
            fetch=FetchSettings(trusted_hosts="127.0.0.1", timeout_seconds=5, max_megabytes=1),
        )
        self.fetcher = Fetcher(self.settings.fetch)


@contextmanager
def stage(server: SandboxServer, folder: Path) -> Iterator[Stage]:
    built = Stage(server, folder)
    try:
        yield built
    finally:
        built.fetcher.close()
        built.engine.dispose()


class Scene:
    """One source in one workspace. `later` moves its clock, in seconds."""

    def __init__(
        self, stage: Stage, *, kind: str = "slack_channel", location: str = GENERAL, **more: Any
    ) -> None:
        self.sandbox: Sandbox = stage.server.client
        self.stage = stage
        self.registered = RegisteredSource(
            id=uuid.uuid4().hex,
            team_id="default",
            name="source",
            kind=kind,
            location=location,
            readers=more.get("readers", frozenset({"members"})),
            options=more.get("options", {}),
        )
        self.memory = Memory(stage.engine, self.registered.id)
        self.notes = Notes(self.memory)
        self.later = 0.0
        self.kept = Kept()

    def source(self) -> Source:
        means = Means(self.stage.settings, self.stage.fetcher, self.memory, self.stage.folder)
        if self.registered.kind == "slack_files":
            return SlackFiles(self.registered, means)
        if self.registered.kind == "slack_file":
            return SlackFile(self.registered, means)
        return SlackChannel(self.registered, means, clock=lambda: time.time() + self.later)

    def sync(self, *, crash_after: int | None = None) -> Kept:
        """As a pipeline does it: what has a new version is read, what is no longer listed is deleted."""
        before = len(self.sandbox.calls())
        kept = Kept(dict(self.kept.texts), dict(self.kept.versions))
        self.kept = kept
        for number, found in enumerate(self.source().originals()):
            if number == crash_after:
                return kept
            self._take(found, kept)
        for gone in kept.texts.keys() - kept.originals.keys():
            del kept.texts[gone], kept.versions[gone]
        kept.calls = [call["method"] for call in self.sandbox.calls()[before:]]
        return kept

    def heard(self, ts: str, event_ts: str | None = None) -> None:
        """What the bot notes of an event in the thread `ts`."""
        self.notes.changed(Change(ts, event_ts or f"{time.time():.6f}"))

    def _take(self, found: Original | Skipped | Unlisted, kept: Kept) -> None:
        assert not isinstance(found, Unlisted)
        if isinstance(found, Skipped):
            kept.skipped[found.name] = found.reason
            return
        assert found.id not in kept.originals, "listed twice"
        kept.originals[found.id] = found
        if kept.versions.get(found.id) == found.version:
            return
        kept.read.append(found.id)
        try:
            text = found.read().decode()
        except (SourceUnavailable, DocumentUnreadable) as error:
            kept.failed[found.id] = str(error)
            return
        kept.versions[found.id] = found.version
        kept.texts[found.id] = text


def said(
    ago_seconds: float, *texts: str, user: str = "marco", thread_ts: str | None = None
) -> list[dict[str, Any]]:
    """Messages for `Sandbox.backfill`, a second apart, the first one so long ago."""
    return [
        {"user": user, "text": text, "ts": ts_of(ago_seconds - number), "thread_ts": thread_ts}
        for number, text in enumerate(texts)
    ]


def ts_of(ago_seconds: float) -> str:
    return f"{time.time() - ago_seconds:.6f}"


def ids(kept: Kept) -> Sequence[str]:
    return list(kept.originals)
