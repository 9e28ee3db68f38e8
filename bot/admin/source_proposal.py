"""A link dropped in the admin channel, proposed as a source: the message with its buttons, and the forms behind them. Pure.

All that is chosen so far stands in the values of the buttons; nothing is kept elsewhere until somebody says Add.
"""

import json
from dataclasses import astuple, dataclass, replace
from typing import Any

from bot.admin.estimate_words import file_size_in_words, size_in_words
from bot.admin.source_fields import audience_fields, every_in, readers_in, schedule_field
from bot.admin.words import Place, location_of
from bot.form_parts import modal
from ingestion.estimating import Estimate
from ingestion.kinds import KINDS, Proposal, in_words
from ingestion.sources.slack_files import KIND as SINGLE_FILE
from workers.admin.source_words import place, plain_words, readers_in_words
from workers.elements import (
    Block,
    Element,
    actions,
    bullets,
    button,
    rich_text,
    section,
    shortened,
    text_element,
)
from workers.rendering import Rendered

ADD, AUDIENCE, SCHEDULE, CANCEL = "propose_add", "propose_audience", "propose_schedule", "propose_cancel"
AUDIENCE_FORM, SCHEDULE_FORM = "propose_audience_form", "propose_schedule_form"

CANCELLED = "Nothing was added."
DECIDED = "That was added or cancelled in the meantime."

_LONGEST = 1200  # of an address; a button's value takes 2000 characters
_WRITTEN = ("<", "https://", "http://", "git@", "ssh://")


@dataclass(frozen=True, slots=True)
class Draft:
    """A source as it would be added. `estimate`: what reading it would cost, as far as that is known; `about`: of a file, its name and
    format.
    """

    proposal: Proposal
    readers: frozenset[str]
    every_seconds: float | None
    estimate: Estimate
    about: str = ""

    @property
    def is_file(self) -> bool:
        return self.proposal.kind == SINGLE_FILE

    def to_json(self) -> str:
        it = self.proposal
        return json.dumps(
            [
                it.kind,
                it.location,
                it.name,
                sorted(self.readers),
                self.every_seconds,
                astuple(self.estimate),
                self.about,
            ]
        )

    @classmethod
    def from_json(cls, text: str) -> "Draft":
        kind, location, name, readers, every, estimate, about = json.loads(text)
        return cls(Proposal(kind, location, name), frozenset(readers), every, Estimate(*estimate), about)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft, and the message in which it is proposed."""

    draft: Draft
    channel_id: str
    ts: str


def dropped(text: str) -> Proposal | None:
    """The place that is all of a message: a link, a repository's address or a channel."""
    text = text.strip()
    if not text.startswith(_WRITTEN):
        return None
    found = location_of(text)
    if not isinstance(found, Place) or len(found.proposal.location) > _LONGEST:
        return None
    return replace(found.proposal, name=found.label or found.proposal.name)


def draft_of(proposal: Proposal, readers: frozenset[str], estimate: Estimate) -> Draft:
    return Draft(proposal, readers, KINDS[proposal.kind].every_seconds, estimate)


def proposal_message(draft: Draft) -> Rendered:
    """What it is, who could read it, how often it would be read, and what can be done."""
    it, value = draft.proposal, draft.to_json()
    head: list[Element] = [
        text_element("Shall I read "),
        text_element(shortened(it.name, 200), {"bold": True}),
        text_element("?"),
    ]
    rows = _about_file(draft) if draft.is_file else _about_place(draft)
    schedule = [] if draft.is_file else [button(SCHEDULE, "Schedule", value)]
    buttons = [
        button(ADD, "Add", value, style="primary"),
        button(AUDIENCE, "Choose audience", value),
        *schedule,
        button(CANCEL, "Cancel", value),
    ]
    blocks = [rich_text([section(head), bullets([section(row) for row in rows])]), actions(buttons)]
    return Rendered(plain_words(head), blocks)


def _about_place(draft: Draft) -> list[list[Element]]:
    it = draft.proposal
    return [
        [text_element(f"{KINDS[it.kind].words} at "), place(it.location)],
        [text_element("read by "), *readers_in_words(draft.readers)],
        [text_element(f"synced {in_words(draft.every_seconds)}")],
        [text_element(size_in_words(draft.estimate))],
        [text_element("nothing of it is read before you say Add")],
    ]


def _about_file(draft: Draft) -> list[list[Element]]:
    return [
        [text_element(f"{KINDS[draft.proposal.kind].words}: {draft.about}")],
        [text_element("read by "), *readers_in_words(draft.readers)],
        [text_element(file_size_in_words(draft.estimate))],
        [text_element("it follows the file in Slack, and goes when that is deleted")],
        [
            text_element(
                "nothing of it is kept before you say Add; its link opens for those who see the file in Slack"
            )
        ],
    ]


def audience_form(proposed: Proposed) -> dict[str, Any]:
    return _form("Who may read it", AUDIENCE_FORM, proposed, audience_fields(proposed.draft.readers))


def schedule_form(proposed: Proposed) -> dict[str, Any]:
    return _form("How often", SCHEDULE_FORM, proposed, [schedule_field(proposed.draft.every_seconds)])


def with_audience(view: dict[str, Any]) -> Proposed:
    """A submitted form; without readers, where none were chosen."""
    proposed = _proposed(view)
    return replace(proposed, draft=replace(proposed.draft, readers=readers_in(view)))


def with_schedule(view: dict[str, Any]) -> Proposed:
    proposed = _proposed(view)
    return replace(proposed, draft=replace(proposed.draft, every_seconds=every_in(view)))


def _proposed(view: dict[str, Any]) -> Proposed:
    draft, channel_id, ts = json.loads(view["private_metadata"])
    return Proposed(Draft.from_json(draft), channel_id, ts)


def _form(title: str, callback: str, proposed: Proposed, blocks: list[Block]) -> dict[str, Any]:
    metadata = json.dumps([proposed.draft.to_json(), proposed.channel_id, proposed.ts])
    return modal(title, blocks, callback=callback, submit="Choose", metadata=metadata)
