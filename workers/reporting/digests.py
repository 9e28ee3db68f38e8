"""The digest in the admin channel: once a week, and where an admin asks for it.

A part of the sweep. Whoever sweeps first when it is time posts it (`workers.reporting.report_posting`: once, whatever dies in between); a week
in which nobody asked anything is passed over, as is a time that nobody was there for within a day.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Engine, select

from rag.database import now, transaction
from workers.reporting.digest import Digest, Span
from workers.reporting.digest_words import digest_message
from workers.reporting.report_book import Key, Posting, ReportBook
from workers.reporting.report_posting import Report, ReportPosting
from workers.reporting.weekly import Weekly

_LOOK_SECONDS = 3.0  # between two looks, in one process
_DAY, _WEEK = 86_400.0, 7 * 86_400.0
_APART = 6 * _DAY  # two weekly ones, at least, though the setting changes

_ASKED, _WEEKLY = "digest:", "digest-of:"

Read = Callable[[Span], Digest]


class Digests:
    """`weekly` is when it is posted by itself; None: never."""

    def __init__(self, posting: ReportPosting, read: Read, weekly: Weekly | None, engine: Engine) -> None:
        self._posting = posting
        self._read = read
        self._weekly = weekly
        self._engine = engine
        self._look_at = 0.0

    def sweep(self) -> None:
        """Post what is due. Raises DatabaseUnavailable, SlackUnavailable, EmbedderUnavailable; the next sweep goes on."""
        if not self._posting.channel_id or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + _LOOK_SECONDS
        with transaction(self._engine) as connection:
            at = float(connection.execute(select(now())).scalar_one())
        for one in self._posting.book.wanted(_ASKED):
            message = digest_message(self._read((at - _WEEK, at)))
            self._posting.tell(Report(one.key, "told", message, loud=False))
            self._posting.book.forget_old(_ASKED)
        if self._weekly is not None:
            self._tell_weekly(self._weekly.latest(at), at)

    def _tell_weekly(self, due: float, at: float) -> None:
        book, key = self._posting.book, Key(f"{_WEEKLY}{datetime.fromtimestamp(due, UTC):%Y-%m-%d}", "weekly")
        if at > due + _DAY or not book.is_open(key) or self._is_recent(at):
            return
        digest = self._read((due - _WEEK, due))
        if digest.is_empty:
            book.told(Posting(key, "nothing", (), None), None)
            return
        self._posting.tell(Report(key, "told", digest_message(digest)))
        book.forget_old(_WEEKLY)

    def _is_recent(self, at: float) -> bool:
        return any(
            at < told.told_at + _APART
            for key, told in self._posting.book.all().items()
            if key.topic == "weekly" and told.event == "told"
        )


def want_digest(book: ReportBook, *, asked_ts: str, thread_ts: str) -> None:
    """Somebody asked for one, with the message `asked_ts`. Raises DatabaseUnavailable."""
    book.want(Key(f"{_ASKED}{asked_ts}", "asked"), thread_ts)
