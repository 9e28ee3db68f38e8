"""The admin channel: commands typed to us there → AdminCommands, each only for whoever is an admin at that moment."""

import logging
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.admin.commands import Command, Misunderstood, Said, parse
from bot.admin.replies import KEEP, KEPT, REMOVE, TRY_AGAIN
from bot.listeners.performing import AdminCommands
from bot.listeners.playground import Playground
from bot.listeners.telling import hinted, replaced, told, whispered
from bot.messages import Event, is_from_person
from rag.errors import ConfigError, FootnoteError, ReplyImpossible, SlackUnavailable
from workers.admin.administering import Administering
from workers.admin.once import Once
from workers.admin.source_admin import Asker
from workers.admin.source_words import sentence
from workers.elements import text_element
from workers.rendering import Rendered

log = logging.getLogger(__name__)


class AdminChannel:
    """Elsewhere nothing is a command."""

    def __init__(
        self, door: Administering, once: Once, commands: AdminCommands, playground: Playground
    ) -> None:
        self._door = door
        self._once = once
        self._commands = commands
        self._playground = playground

    def register(self, app: App) -> None:
        app.action(REMOVE)(self.on_remove)
        app.action(KEEP)(self.on_keep)
        self._playground.register(app)
        self._commands.erase.register(app)

    def took(self, event: Event, context: BoltContext, client: WebClient) -> bool:
        """Whether a mention was a command; then it was answered. Raises DatabaseUnavailable, before anything was done."""
        if not self._is_here(event) or not is_from_person(event):
            return False
        said = parse(str(event.get("text") or ""), self._commands.sources.sources(), str(context.bot_user_id))
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
            done = self._commands.perform(said, asker, event["ts"], client)
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

    def on_remove(self, body: Event, ack: Ack, respond: Respond) -> None:
        """Asked again who it is: between the question and the click somebody may have left."""
        asker = Asker(body["user"]["id"], str((body.get("channel") or {}).get("id") or ""))
        source_id = str(body["actions"][0]["value"])
        name = next((one.name for one in self._commands.sources.sources() if one.id == source_id), source_id)
        if refusal := self._door.refusal(asker.user_id, "remove", name, channel_id=asker.channel_id):
            hinted(respond, refusal)
        else:
            replaced(respond, sentence(self._commands.sources.remove(source_id, asker)))
        ack()

    def on_keep(self, body: Event, ack: Ack, respond: Respond) -> None:
        asker = Asker(body["user"]["id"], str((body.get("channel") or {}).get("id") or ""))
        if refusal := self._door.refusal(asker.user_id, "keep", channel_id=asker.channel_id):
            hinted(respond, refusal)
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
