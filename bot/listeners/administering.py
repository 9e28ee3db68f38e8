"""The admin channel: commands typed to us there → SourceAdmin, each only for whoever is an admin at that moment."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.adding_form import new_button
from bot.admin_commands import Command, Misunderstood, Said, parse
from bot.admin_replies import DIGEST_COMES, KEEP, KEPT, REMOVE, TRY_AGAIN, audited, confirmation, helped
from bot.admin_vocabulary import Action
from bot.audit_log import csv_of
from bot.channel_replies import all_settings, one_channel, reset
from bot.listeners.erasing import ErasePerson
from bot.listeners.playground import Playground
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.telling import handed, replaced, told, whispered
from bot.messages import Event, is_from_person
from bot.source_card import card
from ingestion.registered import RegisteredSource
from rag.errors import ConfigError, FootnoteError, ReplyImpossible, SlackUnavailable
from workers.administering import Administering
from workers.channel_admin import ChannelAdmin
from workers.digests import want_digest
from workers.elements import Element, actions, text_element
from workers.once import Once
from workers.people_names import names_of
from workers.pinned_list import PinnedLists
from workers.rendering import Rendered
from workers.report_book import ReportBook
from workers.source_admin import Asker, SourceAdmin
from workers.source_words import listed, sentence

log = logging.getLogger(__name__)

_ENTRIES = 20  # of the audit that are shown


class AdminChannel:
    """Elsewhere nothing is a command."""

    def __init__(
        self,
        door: Administering,
        admin: SourceAdmin,
        once: Once,
        lists: PinnedLists,
        *,
        reindex: ReindexCommand,
        erase: ErasePerson,
        channels: ChannelAdmin,
        reports: ReportBook,
        playground: Playground,
    ) -> None:
        self._reports = reports
        self._channels = channels
        self._playground = playground
        self._lists = lists
        self._door = door
        self._admin = admin
        self._once = once
        self._reindex = reindex
        self._erase = erase

    def register(self, app: App) -> None:
        app.action(REMOVE)(self.on_remove)
        app.action(KEEP)(self.on_keep)
        self._playground.register(app)
        self._erase.register(app)

    def took(self, event: Event, context: BoltContext, client: WebClient) -> bool:
        """Whether a mention was a command; then it was answered. Raises DatabaseUnavailable, before anything was done."""
        if not self._is_here(event) or not is_from_person(event):
            return False
        said = parse(str(event.get("text") or ""), self._admin.sources(), str(context.bot_user_id))
        if said is None:
            return False
        if self._once.claim(f"command:{event['channel']}:{event['ts']}"):
            self._answer(said, event, client)
        return True

    def _is_here(self, event: Event) -> bool:
        return bool(self._door.channel_id) and event.get("channel") == self._door.channel_id

    def _answer(self, said: Said, event: Event, client: WebClient) -> None:
        asker = Asker(event["user"], event["channel"], event.get("thread_ts") or event["ts"])
        try:
            refusal = self._door.refusal(
                asker.user_id, said.action, _subject(said), channel_id=asker.channel_id
            )
            if refusal:
                whispered(client, event, refusal)
            elif isinstance(said, Command) and said.to_try:
                self._playground.ask(said.to_try, event, client)
            else:
                answer = self._performed(said, asker, event, client)
                if answer is not None:
                    told(client, event, answer)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("command %s not answered (%s)", said.action, error)

    def _performed(self, said: Said, asker: Asker, event: Event, client: WebClient) -> Rendered | None:
        """The answer; None where there is one already."""
        try:
            if isinstance(said, Misunderstood):
                return sentence([text_element(said.sentence)])
            done = self._done(said, asker, event, client)
        except ConfigError as error:
            self._failed(said, asker)
            return sentence([text_element(str(error))])
        except FootnoteError as error:
            log.warning("command %s came to nothing (%s)", said.action, type(error).__name__)
            return sentence([text_element(TRY_AGAIN)])
        log.info("command %s done", said.action)
        return done

    def _failed(self, said: Said, asker: Asker) -> None:
        self._door.audit.note(
            asker.user_id, said.action, _subject(said), outcome="failed", channel_id=asker.channel_id
        )

    def _done(self, command: Command, asker: Asker, event: Event, client: WebClient) -> Rendered | None:
        performed: Mapping[Action, Callable[[], Rendered | None]] = {
            "list": partial(self._listed, asker),
            "add": partial(self._added, command, asker),
            "reindex": partial(self._reindex.begin, command.source, asker, full=command.full),
            "erase": partial(self._erase.question, command.person, client),
            "audit": partial(self._audited, asker, client, as_csv=command.as_csv),
            "settings": partial(self._settings, command.channel_id),
            "reset": partial(self._reset, command.channel_id, asker),
            "digest": partial(self._digest, asker, event["ts"]),
            "help": helped,
        }
        if command.action in performed:
            return performed[command.action]()
        return self._done_to(command.source, command, asker) if command.source else helped()

    def _listed(self, asker: Asker) -> Rendered:
        self._lists.want(asker.channel_id)
        found = listed(*self._admin.overview())
        return Rendered(found.text, [*found.blocks, actions([new_button()])])

    def _added(self, command: Command, asker: Asker) -> Rendered:
        if command.proposal is None:
            return helped()
        return sentence(self._admin.add(command.proposal, asker, called=command.called))

    def _audited(self, asker: Asker, client: WebClient, *, as_csv: bool) -> Rendered | None:
        if not as_csv:
            entries = self._door.audit.latest(_ENTRIES)
            names = names_of(client, {one.user_id for one in entries})
            return audited(entries, names, self._door.audit.checked())
        self._door.audit.note(asker.user_id, "audit csv", channel_id=asker.channel_id)
        handed(client, asker, "audit.csv", csv_of(self._door.audit.latest()), title="Audit")
        return None

    def _digest(self, asker: Asker, ts: str) -> Rendered:
        """A worker reads it: only they can compare questions."""
        want_digest(self._reports, asked_ts=ts, thread_ts=asker.thread_ts or ts)
        self._door.audit.note(asker.user_id, "digest", channel_id=asker.channel_id)
        return sentence([text_element(DIGEST_COMES)])

    def _settings(self, channel_id: str) -> Rendered:
        """Of one channel, or of all that have some."""
        names = self._channels.names()
        if channel_id:
            return one_channel(channel_id, self._channels.of(channel_id), names)
        return all_settings(self._channels.all(), names)

    def _reset(self, channel_id: str, asker: Asker) -> Rendered:
        return reset(channel_id, changed=self._channels.reset(channel_id, asker))

    def _done_to(self, source: RegisteredSource, command: Command, asker: Asker) -> Rendered:
        if command.action == "show":
            return card(self._admin.details(source))
        if command.action == "remove":
            return confirmation(source, self._admin.details(source).status.documents)
        return sentence(self._changed(source, command, asker))

    def _changed(self, source: RegisteredSource, command: Command, asker: Asker) -> list[Element]:
        match command.action:
            case "pause":
                return self._admin.pause(source, asker)
            case "resume":
                return self._admin.resume(source, asker)
            case "schedule":
                return self._admin.schedule(source, command.every_seconds, asker)
            case _:
                return self._admin.audience(source, command.readers, asker)

    def on_remove(self, body: Event, ack: Ack, respond: Respond) -> None:
        """Asked again who it is: between the question and the click somebody may have left."""
        asker = Asker(body["user"]["id"], str((body.get("channel") or {}).get("id") or ""))
        source_id = str(body["actions"][0]["value"])
        name = next((one.name for one in self._admin.sources() if one.id == source_id), source_id)
        if refusal := self._door.refusal(asker.user_id, "remove", name, channel_id=asker.channel_id):
            respond(text=refusal, response_type="ephemeral", replace_original=False)
        else:
            replaced(respond, sentence(self._admin.remove(source_id, asker)))
        ack()

    def on_keep(self, body: Event, ack: Ack, respond: Respond) -> None:
        asker = Asker(body["user"]["id"], str((body.get("channel") or {}).get("id") or ""))
        if refusal := self._door.refusal(asker.user_id, "keep", channel_id=asker.channel_id):
            respond(text=refusal, response_type="ephemeral", replace_original=False)
        else:
            replaced(respond, sentence([text_element(KEPT)]))
        ack()


def _subject(said: Said) -> str:
    if isinstance(said, Misunderstood):
        return ""
    if said.to_try:
        return said.to_try.reader_id
    subject: Any = said.source.name if said.source else said.called or said.channel_id or said.person
    return str(subject or (said.proposal.location if said.proposal else ""))
