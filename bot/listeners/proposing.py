"""A link or a file dropped in the admin channel is proposed as a source; one click adds it, once."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.admin.source_fields import CHANNELS, EVERY, NOBODY
from bot.admin.source_proposal import (
    ADD,
    AUDIENCE,
    AUDIENCE_FORM,
    CANCEL,
    CANCELLED,
    DECIDED,
    SCHEDULE,
    SCHEDULE_FORM,
    Draft,
    Proposed,
    audience_form,
    draft_of,
    dropped,
    proposal_message,
    schedule_form,
    with_audience,
    with_schedule,
)
from bot.listeners.dropped_files import DroppedFiles, dropped_files
from bot.listeners.opening import opened
from bot.listeners.telling import hinted, replaced, told
from bot.messages import Event, is_from_person
from ingestion.estimating import Estimate
from ingestion.kinds import Proposal
from rag.errors import ConfigError, FootnoteError, ReplyImpossible, SlackUnavailable, where
from workers.admin.administering import Administering
from workers.admin.once import Once
from workers.admin.source_admin import Asker, SourceAdmin
from workers.admin.source_words import sentence
from workers.elements import text_element
from workers.rendering import Rendered
from workers.slack.messages import change

log = logging.getLogger(__name__)


Estimating = Callable[[Proposal], Estimate]
Offer = Callable[[], Rendered]
Aside = Callable[[Callable[[], None]], None]
Form = Callable[[Proposed], dict[str, Any]]


class Proposing:
    """Nothing is written down of a link until somebody says Add. `estimate` tells what reading a place would cost, and may take its
    time, as may `files`, which proposes those: `aside` is given what is to be done after Slack has been told that we heard.
    """

    def __init__(
        self,
        door: Administering,
        admin: SourceAdmin,
        once: Once,
        *,
        estimate: Estimating = lambda _: Estimate(),
        aside: Aside = lambda do: do(),
        files: DroppedFiles | None = None,
    ) -> None:
        self._files = files
        self._estimate = estimate
        self._aside = aside
        self._door = door
        self._admin = admin
        self._once = once

    def register(self, app: App) -> None:
        app.action(ADD)(self.on_add)
        app.action(CANCEL)(self.on_cancel)
        app.action(AUDIENCE)(self.on_audience)
        app.action(SCHEDULE)(self.on_schedule)
        app.view(AUDIENCE_FORM)(self.on_audience_form)
        app.view(SCHEDULE_FORM)(self.on_schedule_form)

    def took(self, event: Event, context: BoltContext, client: WebClient) -> bool:
        """Whether a message was nothing but a place that could be a source, or a file; then it was answered.

        Raises DatabaseUnavailable.
        """
        here = self._door.channel_id and event.get("channel") == self._door.channel_id
        if not here or not is_from_person(event) or event.get("thread_ts"):
            return False
        offers = self._offers(event, str(context.bot_user_id))
        if offers and self._once.claim(f"drop:{event['channel']}:{event['ts']}"):
            for subject, offer in offers:
                self._propose(subject, offer, event, client)
        return bool(offers)

    def _offers(self, event: Event, bot_user_id: str) -> list[tuple[str, Offer]]:
        """What is proposed of a message: where each is, and what makes its message."""
        if self._files and (found := dropped_files(event, bot_user_id)):
            channel_id = str(event["channel"])
            return [(file.id, partial(self._files.proposal, file, channel_id)) for file in found]
        proposal = None if event.get("subtype") else dropped(str(event.get("text") or ""))
        return [(proposal.location, partial(self.proposal_of, proposal))] if proposal else []

    def propose(self, proposal: Proposal, event: Event, client: WebClient) -> None:
        """In the thread of the message that an event tells of, to whom it says wrote it. Raises DatabaseUnavailable."""
        self._propose(proposal.location, partial(self.proposal_of, proposal), event, client)

    def _propose(self, subject: str, offer: Offer, event: Event, client: WebClient) -> None:
        if self._refused(event["user"], "propose", subject, event["channel"]):
            return  # nobody asked for anything
        self.show(offer, partial(told, client, event))

    def show(self, offer: Offer, put: Callable[[Rendered], object]) -> None:
        """Work out, aside, what is proposed, and put it where it belongs."""
        self._aside(lambda: _shown(offer, put))

    def proposal_of(self, proposal: Proposal) -> Rendered:
        """The message that asks whether it is to be added; says why not, where it cannot be."""
        if known := self._admin.known(proposal):
            said = f"That is the source {known.name} already. To read it again, mention me with: reindex {known.name}"
            return sentence([text_element(said)])
        try:
            name, readers = self._admin.looked_at(proposal)
        except ConfigError as error:
            return sentence([text_element(str(error))])
        called = Proposal(proposal.kind, proposal.location, name)
        return proposal_message(draft_of(called, readers, self._estimate(proposal)))

    def on_add(self, body: Event, ack: Ack, respond: Respond) -> None:
        proposed = _clicked(body)
        draft, asker = proposed.draft, Asker(body["user"]["id"], proposed.channel_id)
        if refusal := self._refused(asker.user_id, "add", draft.proposal.location, proposed.channel_id):
            hinted(respond, refusal)
        elif self._once.claim(_decision(proposed)):
            try:
                said = self._admin.add(
                    draft.proposal,
                    asker,
                    called=draft.proposal.name,
                    readers=draft.readers,
                    every=draft.every_seconds,
                )
            except ConfigError as error:
                self._once.release(_decision(proposed))
                hinted(respond, str(error))
            else:
                replaced(respond, sentence(said))
        ack()

    def on_cancel(self, body: Event, ack: Ack, respond: Respond) -> None:
        proposed = _clicked(body)
        location = proposed.draft.proposal.location
        if refusal := self._refused(body["user"]["id"], "cancel", location, proposed.channel_id):
            hinted(respond, refusal)
        elif self._once.claim(_decision(proposed)):
            replaced(respond, sentence([text_element(CANCELLED)]))
        ack()

    def on_audience(self, body: Event, ack: Ack, respond: Respond, client: WebClient) -> None:
        self._form_wanted("audience", audience_form, body, respond, client)
        ack()

    def on_schedule(self, body: Event, ack: Ack, respond: Respond, client: WebClient) -> None:
        self._form_wanted("schedule", schedule_form, body, respond, client)
        ack()

    def _form_wanted(self, action: str, form: Form, body: Event, respond: Respond, client: WebClient) -> None:
        proposed = _clicked(body)
        location = proposed.draft.proposal.location
        if refusal := self._refused(body["user"]["id"], action, location, proposed.channel_id):
            hinted(respond, refusal)
        else:
            opened(client, body["trigger_id"], form(proposed))

    def on_audience_form(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        proposed = with_audience(view)
        problem = "" if proposed.draft.readers else NOBODY
        self._chosen(body, proposed, ack, client, field=CHANNELS, problem=problem)

    def on_schedule_form(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        self._chosen(body, with_schedule(view), ack, client, field=EVERY)

    def _chosen(
        self, body: Event, proposed: Proposed, ack: Ack, client: WebClient, *, field: str, problem: str = ""
    ) -> None:
        location = proposed.draft.proposal.location
        refusal = self._refused(body["user"]["id"], "propose", location, proposed.channel_id)
        decided = DECIDED if self._once.is_claimed(_decision(proposed)) else ""
        if problem := refusal or problem or decided:
            ack(response_action="errors", errors={field: problem})
            return
        message = proposal_message(proposed.draft)
        try:
            change(client, proposed.channel_id, proposed.ts, message)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("a proposal was not changed (%s)", error)
        ack()

    def _refused(self, user_id: str, action: str, subject: str, channel_id: str) -> str | None:
        return self._door.refusal(user_id, action, subject, channel_id=channel_id)


def _shown(offer: Offer, put: Callable[[Rendered], object]) -> None:
    try:
        put(offer())
    except FootnoteError as error:
        log.warning("no source proposed (%s)", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - a thread of its own would print the address
        log.error("no source proposed: %s", where(error))  # noqa: TRY400 - no content in logs


def _clicked(body: Event) -> Proposed:
    draft = Draft.from_json(str(body["actions"][0]["value"]))
    return Proposed(draft, str(body["channel"]["id"]), str(body["message"]["ts"]))


def _decision(proposed: Proposed) -> str:
    return f"proposal:{proposed.channel_id}:{proposed.ts}"
