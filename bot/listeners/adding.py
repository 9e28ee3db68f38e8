"""“Add a source”: a form, of which comes the same message as of a link dropped in the admin channel."""

from functools import partial

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.admin.adding_form import ADDRESS, FORM, NEW, TITLE, adding_form, asked_for
from bot.listeners.opening import opened
from bot.listeners.proposing import Proposing
from bot.listeners.telling import hinted
from bot.messages import Event
from bot.notice import notice
from ingestion.kinds import Proposal
from workers.admin.administering import Administering
from workers.slack.messages import post


class Adding:
    """The button stands under the list of sources and in the home tab; the message comes in the admin channel."""

    def __init__(self, door: Administering, proposing: Proposing) -> None:
        self._door = door
        self._proposing = proposing

    def register(self, app: App) -> None:
        app.action(NEW)(self.on_new)
        app.view(FORM)(self.on_submitted)

    def on_new(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        channel_id = str((body.get("container") or {}).get("channel_id") or "")
        refusal = self._door.refusal(str(body["user"]["id"]), "propose", channel_id=channel_id)
        if refusal and channel_id:
            hinted(respond, refusal)
        else:
            opened(client, body["trigger_id"], notice(TITLE, refusal) if refusal else adding_form())
        ack()

    def on_submitted(self, body: Event, view: Event, ack: Ack, client: WebClient) -> None:
        asked = asked_for(view)
        subject = asked.location if isinstance(asked, Proposal) else ""
        if refusal := self._door.refusal(str(body["user"]["id"]), "propose", subject):
            ack(response_action="update", view=notice(TITLE, refusal))
        elif isinstance(asked, str):
            ack(response_action="errors", errors={ADDRESS: asked})
        else:
            ack()
            offer = partial(self._proposing.proposal_of, asked)
            self._proposing.show(offer, partial(post, client, self._door.channel_id))
