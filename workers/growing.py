"""A message that grows while its answer is written: by Slack's streams, and where there are none, by edits.

    (nothing) ── first draft ──▶ stream ── expired, or not taken ──▶ edits
                                  └── no streams here, or a placeholder stands already ──▶ edits

What is shown is a courtesy: whatever Slack does not take is left to the final message, which replaces all of it. Only two things
matter: that one message is made and its ts noted, and that a press on Stop is heard.
https://docs.slack.dev/reference/methods/chat.startStream
"""

import logging
import math
from collections.abc import Callable
from time import time

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from ingestion.sources.slack_answers import code_of, status_of
from rag.domain import Answer
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.asked import Claimed
from workers.rendering import Rendered, render_draft, streamed_text
from workers.slack.errors import slack_errors
from workers.slack.pacing import NotYet

log = logging.getLogger(__name__)

STREAM_SECONDS = 1.0  # between two additions: the tier allows 100 a minute for the whole workspace
EDIT_SECONDS = 3.0  # between two edits of a message, as Slack asks
_LONGEST_TEXT = 11_000  # of a stream; a text block takes 12,000 characters
_UNSURE_SECONDS = (
    6.0  # after which a stream that may have begun is old enough to be found (`SlackReplies.find`)
)
_CERTAIN = range(200, 500)  # HTTP status of an answer by Slack itself, which names its error by an identifier

Edit = Callable[[str, Rendered], None]
Post = Callable[[Rendered], str]
Note = Callable[[str], bool]
"""Writes a ts down; False when the question is another worker's by now."""


class Stopped(Exception):
    """The asker wants no more of this answer."""


class TakenOver(Exception):
    """Whatever is written here, nobody will read."""


class GrowingMessage:
    """The message of one question, as far as it is written. `ts` is None until there is one; `note` keeps it for whoever takes over.

    Without `streams` it is edited from the beginning. `shown` is the draft that was shown last.
    """

    def __init__(
        self,
        client: WebClient,
        claimed: Claimed,
        ts: str | None,
        *,
        streams: bool,
        note: Note,
        post: Post,
        edit: Edit,
        now: Callable[[], float] = time,
    ) -> None:
        self.ts = ts
        self.shown: Answer | None = None
        self._client = client
        self._claimed = claimed
        self._streams = streams and ts is None
        self._note = note
        self._post = post
        self._edit = edit
        self._now = now
        self._sent = ""
        self._next_at = 0.0
        self._unsure = False

    def show(self, draft: Answer) -> None:
        """Let the message grow to this draft, if it is time to. Raises Stopped, TakenOver."""
        if self._unsure or self._now() < self._next_at:
            return
        try:
            self.shown = draft
            if self._streams:
                self._stream(streamed_text(draft))
                self._next_at = self._now() + STREAM_SECONDS
            if not self._streams and not self._unsure:
                self._show_whole(render_draft(draft))
                self._next_at = self._now() + EDIT_SECONDS
        except NotYet as error:
            self._next_at = self._now() + error.retry_after_seconds
        except SlackUnavailable as error:
            self._unsure = self.ts is None  # it may have been posted
            self._next_at = self._now() + (error.retry_after_seconds or EDIT_SECONDS)
        except ReplyImpossible:
            self._next_at = math.inf

    def end(self) -> None:
        """Before the final message is put in its place.

        Raises SlackUnavailable where a message may have begun of which no ts is known: it is found when some seconds old.
        """
        if self._unsure:
            raise SlackUnavailable("a message may have begun", retry_after_seconds=_UNSURE_SECONDS)
        if self._streams and self.ts is not None:
            self._stop(self.ts)

    def _stream(self, text: str) -> None:
        addition = text[len(self._sent) :] if text.startswith(self._sent) else ""
        if not addition or len(text) > _LONGEST_TEXT:
            return
        try:
            if self.ts is None:
                self._begun(self._start(text))
            else:
                self._client.chat_appendStream(
                    channel=self._claimed.incoming.channel_id, ts=self.ts, markdown_text=addition
                )
            self._sent = text
        except NotYet:
            # Too many are begun just now, and an edit takes no stream.
            self._streams = self.ts is not None
        except SlackApiError as error:
            self._not_taken(error)
        except (SlackClientError, OSError):
            self._unsure = self.ts is None

    def _start(self, text: str) -> str:
        incoming = self._claimed.incoming
        started = self._client.chat_startStream(
            channel=incoming.channel_id,
            thread_ts=incoming.thread_ts,
            markdown_text=text,
            recipient_user_id=incoming.user_id,
            recipient_team_id=incoming.team_id,
        )
        return str(started["ts"])

    def _not_taken(self, error: SlackApiError) -> None:
        code = code_of(error.response)
        if code == "stopped_by_user":
            raise Stopped
        if status_of(error.response) not in _CERTAIN or not code.isidentifier():
            self._unsure = self.ts is None
        elif code != "ratelimited" or self.ts is None:
            log.info("no stream, edited instead id=%s (%s)", self._claimed.question_id, code)
            self._streams = False

    def _show_whole(self, message: Rendered) -> None:
        if self.ts is not None:
            self._edit(self.ts, message)
        else:
            self._begun(self._post(message))

    def _begun(self, ts: str) -> None:
        self.ts = ts
        if not self._note(ts):
            self._discard(ts)
            raise TakenOver

    def _stop(self, ts: str) -> None:
        try:
            self._client.chat_stopStream(channel=self._claimed.incoming.channel_id, ts=ts)
        except (SlackApiError, SlackClientError, OSError, NotYet) as error:
            # Ended already, or the final message ends it.
            log.debug("stream not ended id=%s (%s)", self._claimed.question_id, type(error).__name__)

    def _discard(self, ts: str) -> None:
        """Whoever took the question over knows nothing of this message."""
        self._stop(ts)
        with slack_errors():
            self._client.chat_delete(channel=self._claimed.incoming.channel_id, ts=ts)
