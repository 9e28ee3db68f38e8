"""What admins do to sources from Slack, with how it was before and after noted. Whether they may was asked before.

Each answers with what is said about it, as elements of rich text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.catalogue import Failing, SourceStatus
from ingestion.kinds import KINDS, Proposal, in_words
from ingestion.registered import RegisteredSource
from ingestion.registering import AS_THE_KIND, Registering, Wanted
from ingestion.runs import Run
from ingestion.sources.slack_conversations import SLACK_KINDS, describe
from rag.domain import MEMBERS
from rag.errors import ConfigError
from workers.admin.audit import Audit
from workers.admin.source_words import readers_in_words
from workers.elements import Element, text_element

_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, and where; `thread_ts` is None where it was in no thread."""

    user_id: str
    channel_id: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """A source in numbers, its last run, and some documents that could not be read."""

    status: SourceStatus
    run: Run | None
    failing: list[Failing]


@dataclass(frozen=True, slots=True)
class SourceAdmin:
    """Over the sources of one team. All methods raise ConfigError with a sentence, DatabaseUnavailable."""

    registering: Registering
    audit: Audit

    def sources(self) -> list[RegisteredSource]:
        return self.registering.catalogue.sources()

    def overview(self) -> tuple[list[SourceStatus], Mapping[str, Run]]:
        """All sources in numbers, and the last run of each by its id."""
        return self.registering.catalogue.overview(), self.registering.runs.latest()

    def details(self, source: RegisteredSource) -> Details:
        statuses, latest = self.overview()
        status = next((one for one in statuses if one.source.id == source.id), None)
        if status is None:
            raise ConfigError(f"{source.name} was removed.")
        failing = self.registering.catalogue.failing(source.id, limit=_FAILURES)
        return Details(status, latest.get(source.id), failing)

    def add(
        self,
        proposal: Proposal,
        asker: Asker,
        *,
        called: str = "",
        readers: frozenset[str] = frozenset(),
        every: float | None = AS_THE_KIND,
    ) -> list[Element]:
        """Register a source, unless it is one already, and ask for its first sync."""
        if known := self.known(proposal):
            return _said(
                "That is the source ", known.name, f" already. To read it again: reindex {known.name}"
            )
        name = called or self._name(proposal)
        wanted = Wanted(proposal, name=name, options={}, readers=readers, every=every)
        added, _ = self.registering.put(wanted, by=asker.user_id)
        self._note(asker, "add", None, added)
        kind = KINDS[added.kind].words
        said = _said("Added ", added.name, f": {kind}, read by ")
        rest = f", synced {in_words(added.every_seconds)}. I begin to read it now; how far I am: show {name}"
        return [*said, *readers_in_words(added.readers), text_element(rest)]

    def looked_at(self, proposal: Proposal) -> tuple[str, frozenset[str]]:
        """What it would be called, and who would read it; of a site or repository nothing is fetched for that."""
        readers = self.registering.allowed(proposal.kind, proposal.location, {}, frozenset({MEMBERS}))
        return self._name(proposal), readers

    def known(self, proposal: Proposal) -> RegisteredSource | None:
        """The source that is there already, whatever it is called."""
        kind, location = proposal.kind, proposal.location
        same = (one for one in self.sources() if (one.kind, one.location) == (kind, location))
        return next((one for one in same if one.state == "active"), None)

    def _name(self, proposal: Proposal) -> str:
        if proposal.kind not in SLACK_KINDS:
            return proposal.name
        channel = describe(self.registering.slack(), proposal.location)
        return f"#{channel.get('name') or proposal.name}"

    def pause(self, source: RegisteredSource, asker: Asker) -> list[Element]:
        if source.is_paused:
            return _said("", source.name, " is paused already.")
        self._note(asker, "pause", source, self.registering.catalogue.pause(source.id))
        return _said(
            "Paused ",
            source.name,
            f". I still answer from it, and read it no more until you say: resume {source.name}",
        )

    def resume(self, source: RegisteredSource, asker: Asker) -> list[Element]:
        if not source.is_paused:
            return _said("", source.name, f" is not paused; it is synced {in_words(source.every_seconds)}.")
        resumed = self.registering.catalogue.resume(source.id)
        self._note(asker, "resume", source, resumed)
        return _said("Resumed ", source.name, f": it is synced {in_words(resumed.every_seconds)}.")

    def schedule(self, source: RegisteredSource, every_seconds: float | None, asker: Asker) -> list[Element]:
        scheduled = self.registering.catalogue.schedule(source.id, every_seconds)
        self._note(asker, "schedule", source, scheduled)
        paused = f" It is paused, though, until you say: resume {source.name}" if source.is_paused else ""
        return _said("", source.name, f" is synced {in_words(every_seconds)} from now on.{paused}")

    def audience(self, source: RegisteredSource, readers: Collection[str], asker: Asker) -> list[Element]:
        """Change who may read it. For a private channel's source that stays its members, whatever is asked."""
        changed, _ = self.registering.change_readers(source, frozenset(readers), by=asker.user_id)
        self._note(asker, "audience", source, changed)
        said = _said("", source.name, " is read by ")
        return [*said, *readers_in_words(changed.readers), text_element(" from now on.")]

    def remove(self, source_id: str, asker: Asker) -> list[Element]:
        """Take a source out, once, however often it is asked for."""
        source = self.registering.catalogue.source(source_id)
        latest = self.registering.runs.latest().get(source_id)
        if source is None:
            return [text_element("It was removed already.")]
        at_work = latest is not None and latest.action == "remove" and not latest.is_finished
        if not at_work:
            self.registering.runs.request(source.id, "remove", asker.user_id)
            self._note(asker, "remove", source, None)
        return _said("", source.name, " is being removed, with all that is indexed of it.")

    def _note(
        self,
        asker: Asker,
        action: str,
        before: RegisteredSource | None,
        after: RegisteredSource | None,
    ) -> None:
        named = before or after
        self.audit.note(
            asker.user_id,
            action,
            named.name if named else "",
            channel_id=asker.channel_id,
            before=_state(before),
            after=_state(after),
        )


def _state(source: RegisteredSource | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "kind": source.kind,
        "location": source.location,
        "readers": sorted(source.readers),
        "every_seconds": source.every_seconds,
        "is_paused": source.is_paused,
    }


def _said(before: str, name: str, after: str) -> list[Element]:
    start = [text_element(before)] if before else []
    return [*start, text_element(name, {"bold": True}), text_element(after)]
