"""`/reindex` → Reindexing; answered at once, and then one message tells how far it is."""

import logging

from slack_bolt import Ack, App

from bot.admin.reindex_command import Wanted, wanted
from bot.messages import Event
from ingestion.registered import RegisteredSource
from rag.errors import ConfigError
from workers.admin.administering import Administering
from workers.admin.reindexing import Reindexing, ReindexingMessages, Started
from workers.admin.source_admin import Asker, SourceAdmin
from workers.admin.source_words import listed, sentence
from workers.elements import Element, text_element
from workers.rendering import Rendered

log = logging.getLogger(__name__)

COMMAND = "/reindex"

STARTED = "How far it is stands in a message here."
SHARED = "That is being done already; I tell how far it is in this channel: one run is enough for everybody."
ELSEWHERE = "I can't write in this channel, so I tell how far it is in the admin channel."
NOTHING_TO_STOP = "Nothing is being reindexed."
"""What whoever typed it is told, alone."""


class ReindexCommand:
    """Only for whoever is an admin at that moment, in any channel."""

    def __init__(
        self, door: Administering, admin: SourceAdmin, reindexing: Reindexing, messages: ReindexingMessages
    ) -> None:
        self._door = door
        self._admin = admin
        self._reindexing = reindexing
        self._messages = messages

    def register(self, app: App) -> None:
        app.command(COMMAND)(self.on_reindex)

    def on_reindex(self, command: Event, ack: Ack) -> None:
        asker = Asker(command["user_id"], command["channel_id"])
        text = str(command.get("text") or "")
        asked = wanted(text, self._admin.sources())
        subject = asked.source.name if isinstance(asked, Wanted) and asked.source else ""
        action = "reindex" if not isinstance(asked, Wanted) or asked.what != "cancel" else "cancel"
        if refusal := self._door.refusal(asker.user_id, action, subject, channel_id=asker.channel_id):
            ack(response_type="ephemeral", text=refusal)
            return
        answer = _said(asked) if isinstance(asked, str) else self._answer(asked, asker)
        log.info("reindex command by=%s", asker.user_id)
        ack(response_type="ephemeral", text=answer.text, blocks=answer.blocks)

    def _answer(self, asked: Wanted, asker: Asker) -> Rendered:
        try:
            match asked.what:
                case "status":
                    return listed(*self._admin.overview())
                case "cancel":
                    return _said(self._stopped(asked, asker))
                case "start":
                    started = self._reindexing.start(asked.source, asker, full=asked.full)
                    return _said(self._told(started))
        except ConfigError as error:
            return _said(str(error))

    def begin(self, source: RegisteredSource | None, asker: Asker, *, full: bool) -> Rendered | None:
        """In the thread of an admin's mention, whom the message itself answers; else what there is to say. Raises ConfigError."""
        said = self._told(self._reindexing.start(source, asker, full=full))
        return None if said == STARTED else _said(said)

    def asked_for(self, source: RegisteredSource, asker: Asker) -> list[Element]:
        """By a click; what there is to say about it beside the message that tells how far it is. Raises ConfigError."""
        return [text_element(self._told(self._reindexing.start(source, asker, full=False)))]

    def _told(self, started: Started) -> str:
        if started.is_shared:
            return SHARED
        return STARTED if self._messages.post(started.reindexing_id) else ELSEWHERE

    def _stopped(self, asked: Wanted, asker: Asker) -> str:
        names = self._reindexing.cancel(asked.source, asker)
        if names:
            return f"Stopped: {', '.join(names)}. What was read before that stays."
        return f"{asked.source.name} is not being read." if asked.source else NOTHING_TO_STOP


def _said(text: str) -> Rendered:
    return sentence([text_element(text)])
