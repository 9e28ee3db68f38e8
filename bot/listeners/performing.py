"""What the commands of admins do, each with its answer. Whether they may was asked before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from slack_sdk import WebClient

from bot.admin.adding_form import new_button
from bot.admin.channel_replies import all_settings, one_channel, reset
from bot.admin.commands import Command
from bot.admin.replies import DIGEST_COMES, audited, confirmation, helped
from bot.admin.source_card import card
from bot.admin.vocabulary import Action
from bot.commands.audit_log import csv_of
from bot.listeners.erasing import ErasePerson
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.telling import handed
from ingestion.registered import RegisteredSource
from workers.admin.audit import Audit
from workers.admin.channel_admin import ChannelAdmin
from workers.admin.pinned_list import PinnedLists
from workers.admin.source_admin import Asker, SourceAdmin
from workers.admin.source_words import listed, sentence
from workers.elements import Element, actions, text_element
from workers.rendering import Rendered
from workers.reporting.digests import want_digest
from workers.reporting.report_book import ReportBook
from workers.slack.names import names_of

_ENTRIES = 20  # of the audit that are shown


@dataclass(frozen=True, slots=True)
class AdminCommands:
    """Over what they are about."""

    sources: SourceAdmin
    lists: PinnedLists
    audit: Audit
    channels: ChannelAdmin
    reports: ReportBook
    reindex: ReindexCommand
    erase: ErasePerson

    def perform(self, command: Command, asker: Asker, ts: str, client: WebClient) -> Rendered | None:
        """Do what the message `ts` says; its answer, None where there is one already. Raises FootnoteError."""
        performed: Mapping[Action, Callable[[], Rendered | None]] = {
            "list": partial(self._listed, asker),
            "add": partial(self._added, command, asker),
            "reindex": partial(self.reindex.begin, command.source, asker, full=command.full),
            "erase": partial(self.erase.question, command.person, client),
            "audit": partial(self._audited, asker, client, as_csv=command.as_csv),
            "settings": partial(self._settings, command.channel_id),
            "reset": partial(self._reset, command.channel_id, asker),
            "digest": partial(self._digest, asker, ts),
            "help": helped,
        }
        if command.action in performed:
            return performed[command.action]()
        return self._done_to(command.source, command, asker) if command.source else helped()

    def _listed(self, asker: Asker) -> Rendered:
        self.lists.want(asker.channel_id)
        found = listed(*self.sources.overview())
        return Rendered(found.text, [*found.blocks, actions([new_button()])])

    def _added(self, command: Command, asker: Asker) -> Rendered:
        if command.proposal is None:
            return helped()
        return sentence(self.sources.add(command.proposal, asker, called=command.called))

    def _audited(self, asker: Asker, client: WebClient, *, as_csv: bool) -> Rendered | None:
        if not as_csv:
            entries = self.audit.latest(_ENTRIES)
            names = names_of(client, {one.user_id for one in entries})
            return audited(entries, names, self.audit.checked())
        self.audit.note(asker.user_id, "audit csv", channel_id=asker.channel_id)
        handed(client, asker, "audit.csv", csv_of(self.audit.latest()), title="Audit")
        return None

    def _digest(self, asker: Asker, ts: str) -> Rendered:
        """A worker reads it: only they can compare questions."""
        want_digest(self.reports, asked_ts=ts, thread_ts=asker.thread_ts or ts)
        self.audit.note(asker.user_id, "digest", channel_id=asker.channel_id)
        return sentence([text_element(DIGEST_COMES)])

    def _settings(self, channel_id: str) -> Rendered:
        """Of one channel, or of all that have some."""
        names = self.channels.names()
        if channel_id:
            return one_channel(channel_id, self.channels.of(channel_id), names)
        return all_settings(self.channels.all(), names)

    def _reset(self, channel_id: str, asker: Asker) -> Rendered:
        return reset(channel_id, changed=self.channels.reset(channel_id, asker))

    def _done_to(self, source: RegisteredSource, command: Command, asker: Asker) -> Rendered:
        if command.action == "show":
            return card(self.sources.details(source))
        if command.action == "remove":
            return confirmation(source, self.sources.details(source).status.documents)
        return sentence(self._changed(source, command, asker))

    def _changed(self, source: RegisteredSource, command: Command, asker: Asker) -> list[Element]:
        match command.action:
            case "pause":
                return self.sources.pause(source, asker)
            case "resume":
                return self.sources.resume(source, asker)
            case "schedule":
                return self.sources.schedule(source, command.every_seconds, asker)
            case _:
                return self.sources.audience(source, command.readers, asker)
