"""The buttons under one source, for whoever would rather click: pause, audience, schedule, reindex, remove → SourceAdmin.

Who clicks is asked for at each click, and again when a form is submitted.
"""

import logging

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.admin.source_card import (
    AUDIENCE,
    AUDIENCE_FORM,
    PAUSE,
    REINDEX,
    REMOVE,
    RESUME,
    SCHEDULE,
    SCHEDULE_FORM,
    Card,
    card,
    card_of,
    source_form,
)
from bot.admin.source_fields import CHANNELS, EVERY, NOBODY, every_in, readers_in
from bot.listeners.opening import opened
from bot.listeners.reindexing import ReindexCommand
from bot.listeners.telling import hinted
from bot.messages import Event
from bot.notice import notice
from ingestion.registered import RegisteredSource
from rag.errors import ConfigError, ReplyImpossible, SlackUnavailable
from workers.admin.administering import Administering
from workers.admin.source_admin import Asker, SourceAdmin
from workers.admin.source_words import plain_words
from workers.elements import Element
from workers.rendering import Rendered
from workers.slack.messages import change

log = logging.getLogger(__name__)

REMOVED = "That source was removed in the meantime."
_TITLE = "A source"
_WORDS = {PAUSE: "pause", RESUME: "resume", REINDEX: "reindex", REMOVE: "remove"} | {
    AUDIENCE: "audience",
    SCHEDULE: "schedule",
}
"""What each button is called in the audit."""

_FIELDS = {"audience": CHANNELS, "schedule": EVERY}
"""At which a problem is told."""


class SourceCards:
    """Under the answer to `show NAME`."""

    def __init__(self, door: Administering, admin: SourceAdmin, reindex: ReindexCommand) -> None:
        self._door = door
        self._admin = admin
        self._reindex = reindex

    def register(self, app: App) -> None:
        for done_at_once in (PAUSE, RESUME, REINDEX, REMOVE):
            app.action(done_at_once)(self.on_click)
        for asked_for in (AUDIENCE, SCHEDULE):
            app.action(asked_for)(self.on_form_wanted)
        app.view(AUDIENCE_FORM)(self.on_audience)
        app.view(SCHEDULE_FORM)(self.on_schedule)

    def on_click(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        place, asker, action_id = _place(body), _asker(body), str(body["actions"][0]["action_id"])
        source = self._source(place)
        if problem := self._refused(asker, _WORDS[action_id], source, place):
            hinted(respond, problem)
        elif source:
            try:
                said = self._done(action_id, source, asker)
            except ConfigError as error:
                self._failed(asker, _WORDS[action_id], source)
                hinted(respond, str(error))
            else:
                self._redraw(place, said, client)
        ack()

    def _done(self, action_id: str, source: RegisteredSource, asker: Asker) -> list[Element]:
        if action_id == PAUSE:
            return self._admin.pause(source, asker)
        if action_id == RESUME:
            return self._admin.resume(source, asker)
        if action_id == REMOVE:
            return self._admin.remove(source.id, asker)
        return self._reindex.asked_for(source, asker)

    def on_form_wanted(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        place, asker, action_id = _place(body), _asker(body), str(body["actions"][0]["action_id"])
        source = self._source(place)
        if problem := self._refused(asker, _WORDS[action_id], source, place):
            hinted(respond, problem)
        elif source:
            opened(client, body["trigger_id"], source_form(action_id, source, place))
        ack()

    def on_audience(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        self._submitted("audience", body, view, ack, client)

    def on_schedule(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        self._submitted("schedule", body, view, ack, client)

    def _submitted(self, action: str, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        place = card_of(view)
        asker, source = Asker(str(body["user"]["id"]), place.channel_id), self._source(place)
        problem = self._refused(asker, action, source, place)
        if problem or source is None:
            ack(response_action="update", view=notice(_TITLE, problem or REMOVED))
            return
        try:
            said = self._changed(action, view, source, asker)
        except ConfigError as error:
            self._failed(asker, action, source)
            ack(response_action="errors", errors={_FIELDS[action]: str(error)})
            return
        ack()
        self._redraw(place, said, client)

    def _changed(
        self, action: str, view: Event, source: RegisteredSource, asker: Asker
    ) -> list[Element] | None:
        """None where it is as it was."""
        if action == "schedule":
            every = every_in(view)
            return None if every == source.every_seconds else self._admin.schedule(source, every, asker)
        readers = readers_in(view)
        if not readers:
            raise ConfigError(NOBODY)
        return None if readers == source.readers else self._admin.audience(source, readers, asker)

    def _source(self, place: Card) -> RegisteredSource | None:
        return next((one for one in self._admin.sources() if one.id == place.source_id), None)

    def _refused(self, asker: Asker, action: str, source: RegisteredSource | None, place: Card) -> str | None:
        """Why it is not done; what is no longer there is told to admins alone."""
        subject = source.name if source else place.source_id
        refusal = self._door.refusal(asker.user_id, action, subject, channel_id=asker.channel_id)
        return refusal or (None if source else REMOVED)

    def _failed(self, asker: Asker, action: str, source: RegisteredSource) -> None:
        self._door.audit.note(
            asker.user_id, action, source.name, outcome="failed", channel_id=asker.channel_id
        )

    def _redraw(self, place: Card, said: list[Element] | None, client: WebClient) -> None:
        """Where the message cannot be changed, what was done holds all the same."""
        source = self._source(place)
        if source is None or said is None:
            return
        message = card(self._admin.details(source), said)
        try:
            change(client, place.channel_id, place.ts, Rendered(plain_words(said), message.blocks))
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("a source not shown anew (%s)", error)


def _place(body: Event) -> Card:
    return Card(
        str(body["actions"][0]["value"]), str(body["channel"]["id"]), str(body["container"]["message_ts"])
    )


def _asker(body: Event) -> Asker:
    """What is told besides goes to the thread that the message stands in."""
    thread_ts = body["container"].get("thread_ts") or (body.get("message") or {}).get("thread_ts")
    return Asker(str(body["user"]["id"]), str(body["channel"]["id"]), str(thread_ts) if thread_ts else None)
