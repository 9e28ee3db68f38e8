"""The admin channel: commands typed to us there → SourceAdmin, each only for whoever is an admin at that moment."""

import logging
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.admin_commands import Command, Misunderstood, Said, parse
from bot.admin_replies import KEEP, KEPT, REMOVE, TRY_AGAIN, audited, confirmation, helped
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.telling import replaced, told, whispered
from bot.messages import Event, is_from_person
from ingestion.registered import RegisteredSource
from rag.errors import ConfigError, FootnoteError, ReplyImpossible, SlackUnavailable
from workers.administering import Administering
from workers.elements import Element, text_element
from workers.once import Once
from workers.people_names import names_of
from workers.pinned_list import PinnedLists
from workers.rendering import Rendered
from workers.source_admin import Asker, SourceAdmin
from workers.source_words import listed, sentence, shown

log = logging.getLogger(__name__)

_ENTRIES = 20  # of the audit that are shown


class AdminChannel:
    """Elsewhere nothing is a command."""

    def __init__(
        self, door: Administering, admin: SourceAdmin, once: Once, lists: PinnedLists, reindex: ReindexCommand
    ) -> None:
        self._lists = lists
        self._door = door
        self._admin = admin
        self._once = once
        self._reindex = reindex

    def register(self, app: App) -> None:
        app.action(REMOVE)(self.on_remove)
        app.action(KEEP)(self.on_keep)

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
            else:
                answer = self._performed(said, asker, client)
                if answer is not None:
                    told(client, event, answer)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("command %s not answered (%s)", said.action, error)

    def _performed(self, said: Said, asker: Asker, client: WebClient) -> Rendered | None:
        """The answer; None where there is one already."""
        try:
            if isinstance(said, Misunderstood):
                return sentence([text_element(said.sentence)])
            done = self._done(said, asker, client)
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

    def _done(self, command: Command, asker: Asker, client: WebClient) -> Rendered | None:
        if command.action == "reindex":
            return self._reindex.begin(command.source, asker, full=command.full)
        if command.source:
            return self._done_to(command.source, command, asker)
        match command.action:
            case "list":
                self._lists.want(asker.channel_id)
                return listed(*self._admin.overview())
            case "add" if command.proposal:
                return sentence(self._admin.add(command.proposal, asker, called=command.called))
            case "audit":
                entries = self._door.audit.latest(_ENTRIES)
                return audited(entries, names_of(client, {one.user_id for one in entries}))
            case _:
                return helped()

    def _done_to(self, source: RegisteredSource, command: Command, asker: Asker) -> Rendered:
        if command.action == "show":
            found = self._admin.details(source)
            return shown(found.status, found.run, found.failing)
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
    subject: Any = said.source.name if said.source else said.called
    return str(subject or (said.proposal.location if said.proposal else ""))
