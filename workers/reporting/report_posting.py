"""Posts reports in the admin channel, each once whatever dies in between: every message carries what it reports as metadata, so that
one of which nobody noted that it was posted is found instead of posted again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slack_sdk import WebClient

from rag.errors import ReplyImpossible, SlackUnavailable
from workers.rendering import Rendered
from workers.reporting.report_book import TAKEN_SECONDS, Key, Posting, ReportBook
from workers.slack.errors import slack_errors
from workers.slack.messages import post
from workers.slack.pacing import NotYet
from workers.slack.threads import PAGE, messages

log = logging.getLogger(__name__)

EVENT_TYPE = "footnote_report"

_IMPOSSIBLE_SECONDS = 600.0  # until the next try where Slack says never


@dataclass(frozen=True, slots=True)
class Report:
    """Something to be told once. `event` names it among all that may be told of its key; `marks` are noted with it.

    `loud`: in the channel, too, where it belongs to a thread.
    """

    key: Key
    event: str
    message: Rendered
    marks: tuple[str, ...] = ()
    loud: bool = True


class ReportPosting:
    """Of one channel. All methods raise DatabaseUnavailable."""

    def __init__(self, book: ReportBook, client: WebClient, channel_id: str) -> None:
        self.book = book
        self.channel_id = channel_id
        self._client = client

    def settle(self) -> None:
        """Find out about one report whose process died whether it stands in Slack. At most one look into Slack."""
        posting = self.book.unsettled()
        if posting is None:
            return
        try:
            found = self._found(posting)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("not known yet whether a report was posted (%s)", error)
            return
        if found is None:
            self.book.drop(posting.key, again_after_seconds=0)
        else:
            self.book.told(posting, str(found.get("thread_ts") or found["ts"]))

    def tell(self, report: Report) -> bool:
        """Post it, unless somebody else does; whether this one tried to."""
        posting = self.book.take(report.key, report.event, report.marks)
        if posting is None:
            return False
        try:
            ts = post(
                self._client,
                self.channel_id,
                report.message,
                thread_ts=posting.thread_ts,
                metadata=_mark(report.key, report.event),
                also_in_channel=report.loud,
            )
        except NotYet:
            self.book.drop(report.key, again_after_seconds=0)
        except ReplyImpossible as error:
            log.warning("report not posted topic=%s (%s)", report.key.topic, error)
            is_lost = posting.thread_ts is not None
            if is_lost:
                self.book.lose_thread(report.key.subject)
            self.book.drop(report.key, again_after_seconds=TAKEN_SECONDS if is_lost else _IMPOSSIBLE_SECONDS)
        except SlackUnavailable as error:  # it may stand there all the same: to be settled
            log.warning("report perhaps not posted topic=%s (%s)", report.key.topic, error)
        else:
            self.book.told(posting, posting.thread_ts or ts)
            log.info("reported topic=%s", report.key.topic)
        return True

    def _found(self, posting: Posting) -> dict[str, Any] | None:
        """The message that tells it. Others may write such metadata: of ours alone."""
        mark = _mark(posting.key, posting.event)
        return next(
            (
                message
                for message in self._there(posting.thread_ts)
                if message.get("user") == self._own_user_id and message.get("metadata") == mark
            ),
            None,
        )

    def _there(self, thread_ts: str | None) -> Iterable[dict[str, Any]]:
        if thread_ts:
            return messages(self._client, self.channel_id, thread_ts, include_all_metadata=True)
        with slack_errors():
            page: Any = self._client.conversations_history(
                channel=self.channel_id, limit=PAGE, include_all_metadata=True
            )
        found: list[dict[str, Any]] = page["messages"]
        return found

    @cached_property
    def _own_user_id(self) -> str:
        with slack_errors():
            return str(self._client.auth_test()["user_id"])


def _mark(key: Key, event: str) -> dict[str, Any]:
    payload = {"subject": key.subject, "topic": key.topic, "event": event}
    return {"event_type": EVENT_TYPE, "event_payload": payload}
