"""Sources registered and changed, whoever says so: a command, or an admin in Slack. What follows for the index is asked for as runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingestion.catalogue import Catalogue
from ingestion.kinds import KINDS, Proposal
from ingestion.registered import RegisteredSource
from ingestion.runs import Action, Run, Runs
from rag.domain import MEMBERS
from rag.errors import ConfigError
from rag.settings import SlackSettings

AS_THE_KIND = -1.0
"""Stands for an interval that was not given; None is `off`."""

_LONGEST_NAME = 200

Opens = Callable[[RegisteredSource], object]
"""Opens a source without reading it; raises ConfigError for what no sync could ever open: a malformed address, an option or token
that is missing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of a source; `readers` and `every` as it is now, or as usual, where nothing is said."""

    proposal: Proposal
    name: str
    options: Mapping[str, str]
    readers: frozenset[str] = frozenset()
    every: float | None = AS_THE_KIND


@dataclass(frozen=True, slots=True)
class Registering:
    """`by` is who asks, for the record. All methods raise ConfigError with a sentence, DatabaseUnavailable."""

    catalogue: Catalogue
    runs: Runs
    slack: Callable[[], SlackSettings]
    opens: Opens

    def put(self, wanted: Wanted, *, by: str, sync: bool = True) -> tuple[RegisteredSource, list[Run]]:
        """The source as the catalogue has it now, and the runs that carry it into the index. One registered already takes over what
        is said of it now.
        """
        name, kind, location = wanted.name, wanted.proposal.kind, wanted.proposal.location
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise ConfigError("Give the source a name of at most 200 characters with --name.")
        known = self.catalogue.source_named(name)
        if known is None or (known.kind, known.location, known.state) != (kind, location, "active"):
            added = self._added(wanted)
            return added, [self.ask(added, "sync", by)] if sync else []
        options = wanted.options or dict(known.options)
        readers = self.allowed(kind, location, options, wanted.readers or known.readers)
        changed = self.catalogue.change_source(known.id, readers=readers, options=options)
        if wanted.every != AS_THE_KIND:
            changed = self.catalogue.schedule(known.id, wanted.every)
        runs = [self.ask(changed, "readers", by)] if readers != known.readers else []
        return changed, [*runs, self.ask(changed, "sync", by)] if sync else runs

    def _added(self, wanted: Wanted) -> RegisteredSource:
        kind, location, options = KINDS[wanted.proposal.kind], wanted.proposal.location, wanted.options
        readers = self.allowed(kind.name, location, options, wanted.readers or frozenset({MEMBERS}))
        team_id = self.catalogue.team_id
        self.opens(RegisteredSource("", team_id, wanted.name, kind.name, location, readers, options))
        return self.catalogue.add_source(
            wanted.name,
            kind=kind.name,
            location=location,
            readers=readers,
            options=options,
            every_seconds=kind.every_seconds if wanted.every == AS_THE_KIND else wanted.every,
        )

    def change_readers(
        self, source: RegisteredSource, asked: frozenset[str], *, by: str
    ) -> tuple[RegisteredSource, Run]:
        """Change who may read a source; nothing is embedded for it."""
        readers = self.allowed(source.kind, source.location, source.options, asked)
        changed = self.catalogue.change_source(source.id, readers=readers, options=source.options)
        return changed, self.ask(changed, "readers", by)

    def ask(self, source: RegisteredSource, action: Action, by: str) -> Run:
        """The run that was asked for; a source that is half removed is removed."""
        return self.runs.request(source.id, "remove" if source.state == "removing" else action, by)

    def allowed(
        self, kind: str, location: str, options: Mapping[str, str], asked: frozenset[str]
    ) -> frozenset[str]:
        """Who may read the source: those asked for, but for a private channel its members alone."""
        from ingestion.sources.slack_conversations import SLACK_KINDS, describe, readers_for  # noqa: PLC0415  # Slack's client

        if kind not in SLACK_KINDS:
            return asked
        shared = options.get("allow_shared", "no") in {"yes", "true"}
        return readers_for(describe(self.slack(), location), asked, allow_shared=shared)
