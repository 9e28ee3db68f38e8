"""What admins try: `test "question"` in their channel, and the buttons below its result → a row, which a worker takes up."""

import logging
import re
from collections.abc import Callable

from kombu.exceptions import OperationalError
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.admin.trial_words import ToTry
from bot.listeners.telling import hinted, told
from bot.messages import Event
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.admin.administering import Administering
from workers.admin.explaining_words import SHOW_CHUNK, TRYING, chunk_meant
from workers.admin.source_words import sentence
from workers.admin.trials import Trials, mark_of
from workers.elements import text_element
from workers.intake import MAX_QUESTION_CHARS, TOO_LONG

log = logging.getLogger(__name__)

NOT_KEPT = "I don't keep that test any more. Please ask it again."


class Playground:
    """`send` wakes a worker for a trial. Whoever calls `ask` has asked before whether they may; a click is asked about here."""

    def __init__(self, door: Administering, trials: Trials, send: Callable[[str], object]) -> None:
        self._door = door
        self._trials = trials
        self._send = send

    def register(self, app: App) -> None:
        app.action(re.compile(rf"{SHOW_CHUNK}_\d+"))(self.on_show_chunk)

    def ask(self, wanted: ToTry, event: Event, client: WebClient) -> None:
        """Written down first: the result comes, whatever becomes of the message that it is to take the place of.

        Raises DatabaseUnavailable, and SlackUnavailable or ReplyImpossible where it says that it is too long.
        """
        user_id, channel_id = str(event["user"]), str(event["channel"])
        if len(wanted.question) > MAX_QUESTION_CHARS:
            told(client, event, sentence([text_element(TOO_LONG)]))
            return
        self._door.audit.note(user_id, "test", wanted.reader_id, channel_id=channel_id)
        trial_id = self._trials.add(
            user_id=user_id,
            channel_id=channel_id,
            thread_ts=str(event.get("thread_ts") or event["ts"]),
            question=wanted.question,
            reader_id=wanted.reader_id or user_id,
        )
        try:
            ts = told(client, event, sentence([text_element(TRYING)]), mark=mark_of(trial_id))
            self._trials.place(trial_id, ts)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("trial id=%s has no message yet (%s)", trial_id, error)
        self._wake(trial_id)

    def on_show_chunk(self, body: Event, ack: Ack, respond: Respond) -> None:
        """Asked again who it is. The chunk is looked up for the same readers as before, and shown to who clicked alone."""
        user_id, channel_id = str(body["user"]["id"]), str((body.get("channel") or {}).get("id") or "")
        trial_id, point_id = chunk_meant(str(body["actions"][0]["value"]))
        trial = self._trials.get(trial_id)
        subject = trial.reader_id if trial else ""
        if refusal := self._door.refusal(user_id, "show chunk", subject, channel_id=channel_id):
            hinted(respond, refusal)
        elif trial is None:
            hinted(respond, NOT_KEPT)
        else:
            self._door.audit.note(
                user_id, "show chunk", subject, channel_id=channel_id, after={"chunk": point_id}
            )
            self._wake(
                self._trials.add(
                    user_id=user_id,
                    channel_id=trial.channel_id,
                    thread_ts=trial.thread_ts,
                    question="",
                    reader_id=trial.reader_id,
                    point_id=point_id,
                )
            )
        ack()

    def _wake(self, trial_id: str) -> None:
        try:
            self._send(trial_id)
        except OperationalError as error:
            log.warning(
                "queue not reachable, the sweeper will try id=%s (%s)", trial_id, type(error).__name__
            )
