"""A message becomes a verified answer: who may save it, who will read it, what the form is filled in with.

A full member of the workspace may, of a message that they see: Slack offers its menu to nobody else. What is saved is read by
whom the conversation is read (`ingestion.sources.answers.readers_of`), never by more. It is written down together with a note of
the change, and a sync is asked for; should one be under way just then, the note makes the next one.
"""

import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.kinds import KINDS
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.runs import Runs
from ingestion.sources.answers import KIND, readers_of
from ingestion.sources.slack_answers import SOMEBODY, name_of
from ingestion.sources.slack_conversations import is_shared
from ingestion.sources.slack_markup import markdown
from ingestion.sources.slack_notes import Change, Notes
from ingestion.verified import Verified, VerifiedAnswers
from rag.domain import MEMBERS
from rag.errors import ConfigError, FootnoteError, ReplyImpossible
from workers.access import SlackAccess
from workers.elements import permalink, shortened
from workers.ledger import Ledger
from workers.rendering import plain_mentions
from workers.slack.errors import slack_errors
from workers.slack.threads import messages, question_of

log = logging.getLogger(__name__)

MOST_CHARS = 3000
"""Of a question, and of an answer: what a form takes."""

NOT_A_MEMBER = "Only full members of the workspace can save answers. Please ask one of them to save this."
NOT_HERE = "I'm not in this conversation, so I cannot tell who may read it. Invite me first, then try again."
SHARED = "This channel is shared with another organisation, and what is written here is not mine to keep."
NOT_SAVED = "There is no such answer any more."

_REVIEW_AFTER = timedelta(days=182)
_MARK = re.compile(r"[ \t]*\[\d{1,3}\]")

Message = dict[str, Any]


class CannotSave(FootnoteError):
    """The text is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Place:
    """The message that an answer is made of, and its thread (itself, where there is none)."""

    channel_id: str
    ts: str
    thread_ts: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form shows. `read_by` tells who will read it."""

    place: Place
    question: str
    answer: str
    owner: str
    review_on: date
    read_by: str
    is_saved: bool = False


class Saving:
    """Over the record of verified answers. All methods raise CannotSave, SlackUnavailable, DatabaseUnavailable."""

    def __init__(
        self, client: WebClient, access: SlackAccess, engine: Engine, *, team_id: str, workspace_url: str = ""
    ) -> None:
        self._client = client
        self._access = access
        self._engine = engine
        self._catalogue = Catalogue(engine, team_id)
        self._runs = Runs(engine, team_id)
        self._answers = VerifiedAnswers(engine)
        self._ledger = Ledger(engine)
        self._workspace_url = workspace_url

    def draft(
        self, message: Message, *, team_id: str, channel_id: str, user_id: str, own_user_id: str
    ) -> Draft:
        """What was saved of the message, or else what can be read out of it and its thread. `team_id` is Slack's."""
        conversation = self._conversation(channel_id, user_id)
        ts = str(message["ts"])
        place = Place(channel_id, ts, str(message.get("thread_ts") or ts))
        read_by = _read_by(conversation)
        if saved := self._saved(place, read_by, user_id):
            return saved
        thread = self._thread(place)
        chosen = next((one for one in thread if one["ts"] == ts), message)
        reader = _Reader(self._ledger, self._client, own_user_id)
        is_persons = message.get("user") and not message.get("bot_id")
        return Draft(
            place,
            question=shortened(reader.question(chosen, thread), MOST_CHARS),
            answer=shortened(reader.answer(chosen, team_id, channel_id, user_id), MOST_CHARS),
            owner=str(message["user"]) if is_persons else user_id,
            review_on=_review_on(),
            read_by=read_by,
        )

    def blank(self, place: Place, question: str, *, user_id: str) -> Draft:
        """What was saved of a question's message, or else a form for the answer that it did not get."""
        read_by = _read_by(self._conversation(place.channel_id, user_id))
        if saved := self._saved(place, read_by, user_id):
            return saved
        return Draft(place, shortened(question, MOST_CHARS), "", user_id, _review_on(), read_by)

    def save(
        self, place: Place, *, question: str, answer: str, owner: str, review_on: date, user_id: str
    ) -> None:
        """Keep it, in the place of what was saved of the message before."""
        conversation = self._conversation(place.channel_id, user_id)
        source = self._source(place.channel_id) or self._added(conversation)
        source = self._read_by_those_of(conversation, source)
        verified = Verified(
            question=question,
            answer=answer,
            url=permalink(self._workspace_url, place.channel_id, place.thread_ts),
            owner=owner,
            owner_name=_name_of(self._client, owner),
            review_on=review_on,
            saved_by=user_id,
        )
        self._answers.save(source.id, place.ts, verified)
        self._changed(source, place, user_id)
        log.info("answer saved source=%s", source.id)

    def delete(self, place: Place, *, user_id: str) -> None:
        """Keep nothing of the message."""
        self._conversation(place.channel_id, user_id)
        source = self._source(place.channel_id)
        if source is None or not self._answers.delete(source.id, place.ts):
            raise CannotSave(NOT_SAVED)
        self._changed(source, place, user_id)
        log.info("answer deleted source=%s", source.id)

    def _conversation(self, channel_id: str, user_id: str) -> Mapping[str, Any]:
        if MEMBERS not in self._access.person(user_id).readers:
            raise CannotSave(NOT_A_MEMBER)
        try:
            with slack_errors():
                answer: Any = self._client.conversations_info(channel=channel_id)
        except ReplyImpossible:
            raise CannotSave(NOT_HERE) from None
        conversation: Mapping[str, Any] = answer["channel"]
        if is_shared(conversation):
            raise CannotSave(SHARED)
        return conversation

    def _saved(self, place: Place, read_by: str, user_id: str) -> Draft | None:
        source = self._source(place.channel_id)
        kept = self._answers.of_message(source.id, place.ts) if source else None
        if kept is None:
            return None
        it = kept.verified
        owner = it.owner or user_id  # whose owner was erased, is theirs who looks after it now
        return Draft(place, it.question, it.answer, owner, it.review_on, read_by, is_saved=True)

    def _source(self, channel_id: str) -> RegisteredSource | None:
        return next(
            (
                source
                for source in self._catalogue.sources()
                if (source.kind, source.location, source.state) == (KIND, channel_id, "active")
            ),
            None,
        )

    def _added(self, conversation: Mapping[str, Any]) -> RegisteredSource:
        name = f"Answers from {_called(conversation)}"
        given: dict[str, Any] = {
            "kind": KIND,
            "location": conversation["id"],
            "readers": readers_of(conversation),
            "every_seconds": KINDS[KIND].every_seconds,
        }
        try:
            return self._catalogue.add_source(name, **given)
        except ConfigError:  # somebody saved here at the same moment, or another channel had the name before
            same = self._source(conversation["id"])
            return same or self._catalogue.add_source(f"{name} ({conversation['id']})", **given)

    def _read_by_those_of(
        self, conversation: Mapping[str, Any], source: RegisteredSource
    ) -> RegisteredSource:
        readers = readers_of(conversation)
        if source.readers == readers:
            return source
        changed = self._catalogue.change_source(source.id, readers=readers, options=source.options)
        self._runs.request(source.id, "readers", KIND)
        return changed

    def _changed(self, source: RegisteredSource, place: Place, user_id: str) -> None:
        Notes(Memory(self._engine, source.id)).changed(Change(place.ts, f"{time.time():.6f}"))
        self._runs.request(source.id, "sync", user_id)

    def _thread(self, place: Place) -> Sequence[Message]:
        """The messages down to the chosen one; none where we may not read them."""
        found: list[Message] = []
        try:
            for message in messages(
                self._client, place.channel_id, place.thread_ts, include_all_metadata=True
            ):
                found.append(message)
                if message["ts"] == place.ts:
                    break
        except ReplyImpossible:
            return []
        return found


class _Reader:
    """What was asked and answered, out of messages."""

    def __init__(self, ledger: Ledger, client: WebClient, own_user_id: str) -> None:
        self._ledger = ledger
        self._client = client
        self._own_user_id = own_user_id

    def question(self, chosen: Message, thread: Sequence[Message]) -> str:
        """What the message answers: the question that it, or the head of its thread, is known to be about; else the head itself."""
        for message in (chosen, *thread[:1]):
            question_id = self._question_id(message)
            if question_id and (asked := self._ledger.asked(question_id)):
                return asked.text
        if not thread or thread[0]["ts"] == chosen["ts"]:
            return ""
        text = str(thread[0].get("text") or "").replace(f"<@{self._own_user_id}>", " ")
        return "\n".join(" ".join(line.split()) for line in plain_mentions(text).splitlines()).strip()

    def answer(self, chosen: Message, team_id: str, channel_id: str, user_id: str) -> str:
        """What the message says, as Markdown; of an answer of ours, as it was written."""
        if question_id := self._question_id(chosen):
            given = self._ledger.answer(question_id, team_id=team_id, channel_id=channel_id, user_id=user_id)
            if given:
                return _MARK.sub("", given.text).strip()
        return markdown(chosen, self).strip()

    def person(self, user_id: str) -> str:
        return _name_of(self._client, user_id)

    def channel(self, channel_id: str) -> str:  # noqa: ARG002 - that of a private one is for its members to know
        return "a channel"

    def _question_id(self, message: Message) -> str | None:
        return question_of(message) if message.get("user") == self._own_user_id else None


def _review_on() -> date:
    return datetime.now(UTC).date() + _REVIEW_AFTER


def _name_of(client: WebClient, user_id: str) -> str:
    """How the person is called in Slack. Raises SlackUnavailable."""
    try:
        with slack_errors():
            answer: Any = client.users_info(user=user_id)
    except ReplyImpossible:
        return SOMEBODY
    return name_of(answer["user"])


def _called(conversation: Mapping[str, Any]) -> str:
    if conversation.get("is_im"):
        return f"direct messages ({conversation['id']})"
    if conversation.get("is_mpim"):
        return f"a group message ({conversation['id']})"
    return f"#{conversation.get('name') or conversation['id']}"


def _read_by(conversation: Mapping[str, Any]) -> str:
    if conversation.get("is_im"):
        return "Only you will get this as an answer, in our direct messages."
    if conversation.get("is_mpim"):
        return "Only the people in this group message will get this as an answer, and only here."
    if MEMBERS in readers_of(conversation):
        return "All full members of the workspace will get this as an answer, and the guests of this channel."
    return "Only the members of this private channel will get this as an answer."
