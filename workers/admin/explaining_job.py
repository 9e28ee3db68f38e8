"""A trial in, its result in the thread: what would be found for a question, or one chunk of it for whoever clicked."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from slack_sdk import WebClient

from rag.domain import EVERYWHERE, Audience, Chunk, Question
from rag.errors import DatabaseUnavailable, ReplyImpossible, SlackUnavailable, Transient, where
from rag.explaining import Explanation
from workers.admin.explaining_words import (
    CAME_TO_NOTHING,
    CHUNK_GONE,
    NOT_TOLD,
    NOT_YOURS,
    chunk_shown,
    explained,
)
from workers.admin.source_words import sentence
from workers.admin.trials import Trial, Trials, is_marked, mark_of
from workers.channels import SettingsOf
from workers.elements import Element, channel_element, text_element
from workers.rendering import Rendered, defused
from workers.slack.errors import slack_errors
from workers.slack.messages import change, post
from workers.slack.threads import messages

log = logging.getLogger(__name__)

_ATTEMPTS = 3


class Readers(Protocol):
    """Who may read what (`workers.access.SlackAccess`). Raises SlackUnavailable, ReplyImpossible when it cannot be told."""

    def person(self, user_id: str) -> Audience: ...
    def channel(self, channel_id: str) -> Audience: ...


class Explainer(Protocol):
    """What would be found, and why (`rag.serving.Serving`)."""

    def explain(self, question: Question, beside: Audience | None = None) -> Explanation: ...
    def chunk(self, point_id: str, audience: Audience) -> Chunk | None: ...


@dataclass(frozen=True, slots=True)
class _Audiences:
    """Of those for whom it is tried; of who asks; and of all who see what is posted: of others' documents they see no word."""

    tried: Audience
    asking: Audience
    seeing: Audience


class ExplainingJob:
    """`names` tells how people are called: to name them by a mention would notify them. `best`: passages that are read at most.

    `verified`: the ids of the sources that hold verified answers.
    """

    def __init__(
        self,
        trials: Trials,
        client: WebClient,
        readers: Readers,
        explainer: Explainer,
        *,
        settings_of: SettingsOf,
        names: Callable[[Collection[str]], Mapping[str, str]],
        lease_seconds: float,
        best: int | None = None,
        verified: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._trials = trials
        self._client = client
        self._readers = readers
        self._explainer = explainer
        self._settings_of = settings_of
        self._names = names
        self._lease_seconds = lease_seconds
        self._best = best
        self._verified = verified

    def run(self, trial_id: str) -> None:
        """Try it, or leave it to the next sweep; never raises."""
        try:
            trial = self._trials.claim(trial_id, lease_seconds=self._lease_seconds)
            if trial is not None:
                self._run(trial)
        except DatabaseUnavailable as error:
            log.warning("trial left to the sweep id=%s (%s)", trial_id, error)

    def _run(self, trial: Trial) -> None:
        started = monotonic()
        try:
            self._post(trial, self._result(trial))
        except ReplyImpossible as error:
            log.warning("no way to show a trial id=%s (%s)", trial.id, error)
        except Transient as error:
            log.warning("trial again later id=%s (%s)", trial.id, error)
            if trial.attempt <= _ATTEMPTS:
                self._trials.release(trial.id)
                return
        self._trials.finish(trial.id)
        log.info("trial id=%s attempt=%d seconds=%.3f", trial.id, trial.attempt, monotonic() - started)

    def _result(self, trial: Trial) -> Rendered:
        """What is posted, an apology at the last try. Raises Transient before that."""
        is_last = trial.attempt >= _ATTEMPTS
        if trial.attempt > _ATTEMPTS:  # whatever stopped the tries before this one is not tried again
            return sentence([text_element(CAME_TO_NOTHING)])
        try:
            readers = self._audiences(trial)
        except (SlackUnavailable, ReplyImpossible) as error:
            if isinstance(error, SlackUnavailable) and not is_last:
                raise
            return sentence([text_element(NOT_TOLD)])
        try:
            return self._tried(trial, readers)
        except Transient:
            if not is_last:
                raise
        except Exception as error:  # noqa: BLE001 - a fault of ours; who asks is owed a message
            log.error("trial came to nothing id=%s %s", trial.id, where(error))  # noqa: TRY400 - no content in logs
        return sentence([text_element(CAME_TO_NOTHING)])

    def _audiences(self, trial: Trial) -> _Audiences:
        if trial.is_for_channel:
            tried = self._readers.channel(trial.reader_id)
        else:
            tried = self._readers.person(trial.reader_id)
        asking = tried if trial.reader_id == trial.user_id else self._readers.person(trial.user_id)
        is_whispered = trial.point_id is not None
        return _Audiences(
            tried, asking, seeing=asking if is_whispered else self._readers.channel(trial.channel_id)
        )

    def _tried(self, trial: Trial, readers: _Audiences) -> Rendered:
        if trial.point_id is not None:
            return self._chunk(trial.point_id, readers)
        settings = self._settings_of(trial.reader_id)
        scope = settings.scope(self._verified) if trial.is_for_channel else EVERYWHERE
        beside = None if readers.asking == readers.tried else readers.asking
        told = self._explainer.explain(Question(trial.question, readers.tried, scope=scope), beside)
        return explained(
            *(trial.id, trial.question, told),
            reader=self._reader(trial),
            seen_by=readers.seeing.readers,
            best=self._best,
        )

    def _chunk(self, point_id: str, readers: _Audiences) -> Rendered:
        chunk = self._explainer.chunk(point_id, readers.tried)
        if chunk is None:
            return sentence([text_element(CHUNK_GONE)])
        if not chunk.readers & readers.seeing.readers:
            return sentence([text_element(NOT_YOURS)])
        return chunk_shown(chunk)

    def _reader(self, trial: Trial) -> list[Element]:
        if trial.is_for_channel:
            return [text_element("all of "), channel_element(trial.reader_id)]
        name = self._names({trial.reader_id}).get(trial.reader_id, trial.reader_id)
        return [text_element(defused(name), {"bold": True})]

    def _post(self, trial: Trial, message: Rendered) -> None:
        """Raises SlackUnavailable, ReplyImpossible."""
        if trial.point_id is not None:
            self._whisper(trial, message)
        elif ts := trial.ts or self._lost(trial):
            change(self._client, trial.channel_id, ts, message)
        else:
            post(
                *(self._client, trial.channel_id, message),
                thread_ts=trial.thread_ts,
                metadata=mark_of(trial.id),
            )

    def _whisper(self, trial: Trial, message: Rendered) -> None:
        with slack_errors():
            self._client.chat_postEphemeral(
                channel=trial.channel_id,
                user=trial.user_id,
                thread_ts=trial.thread_ts,
                text=message.text,
                blocks=message.blocks,
            )

    def _lost(self, trial: Trial) -> str | None:
        """A message of this trial whose ts was not noted: the process died in between, or Slack's answer was lost."""
        thread = messages(self._client, trial.channel_id, trial.thread_ts, include_all_metadata=True)
        return next((str(one["ts"]) for one in thread if is_marked(one, trial.id)), None)
