"""Answers that age: when what one quotes does not stand in its document any more, a line below says so, once.

    (nothing) ── look: a run is done, a quote is gone ──▶ aged, with tries ── show: chat.update ──▶ aged, no tries left

Both steps belong to the sweep. `look` compares what recent answers quote with the documents that were written since, and
notes what is gone together with the time of the comparison: a crash before that repeats it. `show` spends a try before it
calls Slack, so that nobody else does, and all of them when the line is there, or nothing is left to put it under.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import Engine, Row, func, select, true, update

from ingestion.catalogue import Catalogue
from ingestion.run_table import runs
from rag.database import now, transaction
from rag.domain import Outcome
from rag.errors import ReplyImpossible, SlackUnavailable
from rag.ports import Index
from rag.quotable import plain_text
from workers.attachments import ATTACHED
from workers.channels import SettingsOf, as_everywhere
from workers.ledger import Ledger
from workers.showing import aged, shown
from workers.slack.messages import change
from workers.tables import answers, questions

log = logging.getLogger(__name__)

_DAYS = 30  # an older answer is read by nobody any more
_LOOKED_AT = 200  # answers in one look
_TRIES, _AGAIN_SECONDS = 3, 600.0

_Key = tuple[str, str]
"""Source and document id."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """Answers to be compared, and when that began."""

    rows: list[Row[Any]]
    at: float


class Aging:
    """`index` gives what serves, for as long as it is used; `team_id` is whose documents they are.

    `slack_team_id`: answers given in that workspace alone, where there are several.
    """

    def __init__(
        self,
        engine: Engine,
        team_id: str,
        index: Callable[[], AbstractContextManager[Index]],
        client: WebClient,
        *,
        settings_of: SettingsOf = as_everywhere,
        slack_team_id: str | None = None,
    ) -> None:
        self._own = questions.c.team_id == slack_team_id if slack_team_id else true()
        self._settings_of = settings_of
        self._engine = engine
        self._team_id = team_id
        self._index = index
        self._client = client
        self._ledger = Ledger(engine)
        self._catalogue = Catalogue(engine, team_id)

    def sweep(self) -> None:
        """Look at some answers, and say under one of them what has changed: more a sweep would be too many for Slack.

        Raises DatabaseUnavailable, IndexUnavailable; the next sweep goes on.
        """
        self._look()
        self._show()

    def _look(self) -> None:
        looked = self._unchecked()
        if not looked.rows:
            return
        written = self._catalogue.written({key for row in looked.rows for key, _ in _cited(row)})
        changed = {row.question_id: self._changed(row, written) for row in looked.rows}
        with transaction(self._engine) as connection:
            for row in looked.rows:
                one = update(answers).where(
                    answers.c.question_id == row.question_id, answers.c.aged.is_(None)
                )
                noted = {"aged": changed[row.question_id], "aged_tries": _TRIES, "aged_after": 0.0}
                values = noted if changed[row.question_id] else {}
                connection.execute(one.values(checked_at=looked.at, **values))
        log.info("answers compared=%d aged=%d", len(looked.rows), sum(map(bool, changed.values())))

    def _unchecked(self) -> _Looked:
        """The latest answers that were not looked at since the index was last written. Private ones cannot be changed."""
        written_at = select(func.max(runs.c.finished_at)).where(
            runs.c.team_id == self._team_id, runs.c.state == "done", runs.c.action.in_(("sync", "remove"))
        )
        # What was written after it was asked may have been written after it was looked up.
        since = func.coalesce(answers.c.checked_at, questions.c.accepted_at)
        found = (
            select(answers.c.question_id, answers.c.citations, since.label("since"))
            .select_from(answers.join(questions))
            .where(
                self._own,
                answers.c.stored_at > now() - _DAYS * 86_400,
                answers.c.outcome == Outcome.ANSWERED.value,
                answers.c.aged.is_(None),
                questions.c.state == "finished",
                questions.c.withdrawn.is_(False),
                questions.c.response_url.is_(None),
                questions.c.placeholder_ts.is_not(None),
                since < written_at.scalar_subquery(),
            )
            .order_by(answers.c.stored_at.desc())
            .limit(_LOOKED_AT)
        )
        with transaction(self._engine) as connection:
            at = float(connection.execute(select(now())).scalar_one())
            return _Looked([*connection.execute(found)], at)

    def _changed(self, row: Row[Any], written: Mapping[_Key, float]) -> dict[str, Any] | None:
        """Titles of what an answer cites and is gone, or does not say it any more; None where all of it stands."""
        gone, changed = [], []
        for key, citation in _cited(row):
            if key not in written:
                gone.append(citation["title"])
            elif written[key] > row.since and not self._stands(key, citation["quotes"]):
                changed.append(citation["title"])
        at = datetime.now(UTC).isoformat()
        return {"changed": changed, "gone": gone, "at": at} if gone or changed else None

    def _stands(self, key: _Key, quotes: Sequence[str]) -> bool:
        """Whether the document still says all that was quoted of it."""
        with self._index() as index:
            chunks = [write.chunk for write in index.export(self._team_id, *key)]
        text = _words(" ".join(plain_text(chunk.text) for chunk in chunks))
        return all(_words(quote) in text for quote in quotes)

    def _show(self) -> None:
        row = self._taken()
        if row is None:
            return
        try:
            self._put(row)
        except ReplyImpossible:
            log.info("nothing left to say it under id=%s", row.question_id)
        except SlackUnavailable as error:
            log.warning("answer not marked as aged id=%s (%s)", row.question_id, error)
            return
        with transaction(self._engine) as connection:
            connection.execute(
                update(answers).where(answers.c.question_id == row.question_id).values(aged_tries=0)
            )

    def _taken(self) -> Row[Any] | None:
        """An answer under which something is to be said, with one try less."""
        waiting = (
            select(answers.c.question_id)
            .select_from(answers.join(questions))
            .where(self._own, answers.c.aged_tries > 0, answers.c.aged_after <= now())
            .order_by(answers.c.stored_at.desc())
            .limit(1)
        )
        spent = {"aged_tries": answers.c.aged_tries - 1, "aged_after": now() + _AGAIN_SECONDS}
        with transaction(self._engine) as connection:
            return connection.execute(
                update(answers)
                .where(answers.c.question_id == waiting.scalar_subquery(), answers.c.aged_after <= now())
                .values(spent)
                .returning(answers.c.question_id, answers.c.aged)
            ).one_or_none()

    def _put(self, row: Row[Any]) -> None:
        """Raises SlackUnavailable; ReplyImpossible where the message, or its question, is gone."""
        placeholder = select(questions.c.placeholder_ts).where(questions.c.id == row.question_id)
        with transaction(self._engine) as connection:
            ts = connection.scalar(placeholder)
        asked = self._ledger.asked(row.question_id)
        if asked is None or ts is None:
            raise ReplyImpossible("the question is not kept any more")
        answer = self._ledger.answer(
            row.question_id, team_id=asked.team_id, channel_id=asked.channel_id, user_id=asked.user_id
        )
        if answer is None:
            raise ReplyImpossible("the question was withdrawn")
        language = self._settings_of(asked.channel_id).language
        message = aged(shown(row.question_id, asked, answer, language=language), row.aged)
        change(self._client, asked.channel_id, ts, message)


def _cited(row: Row[Any]) -> list[tuple[_Key, dict[str, Any]]]:
    """The documents that an answer quotes; of answers of earlier versions it is not known where these are from, files sent along are
    kept nowhere.
    """
    return [
        ((citation["source_id"], citation["document_id"]), citation)
        for citation in row.citations
        if citation.get("source_id") not in (None, "", ATTACHED)
    ]


def _words(text: str) -> str:
    return " ".join(text.split())
