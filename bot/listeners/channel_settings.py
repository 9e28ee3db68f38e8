"""The form in which admins change what holds in a channel: asked who it is when it opens, and again when it is submitted."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.admin.channel_form import (
    CALLBACK,
    CHANGED_MEANWHILE,
    NOT_IN_THERE,
    PEOPLE,
    PEOPLE_CHANNEL,
    TITLE,
    Place,
    channel_form,
    filled_in,
    fingerprint,
    place_for,
    place_of,
    problems,
)
from bot.admin.channel_replies import CHANGE, PICK, one_channel
from bot.listeners.opening import opened
from bot.listeners.telling import hinted
from bot.messages import Event
from bot.notice import notice
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.admin.administering import Administering
from workers.admin.channel_admin import ChannelAdmin
from workers.admin.source_admin import Asker
from workers.channels import ChannelSettings
from workers.slack.messages import change

log = logging.getLogger(__name__)

ShowHome = Callable[[str, WebClient, BoltContext], None]
"""Draws the home tab of a person anew; never raises."""

Aside = Callable[[Callable[[], None]], object]
"""Has something done; in a thread of its own, where Slack is not to wait for it."""


class ChannelForms:
    """The button “Change”, wherever it stands, the list to choose a channel from, and the form that both open."""

    def __init__(
        self,
        door: Administering,
        admin: ChannelAdmin,
        *,
        show_home: ShowHome,
        aside: Aside = lambda do: do(),
    ) -> None:
        self._door = door
        self._admin = admin
        self._show_home = show_home
        self._aside = aside

    def register(self, app: App) -> None:
        app.action(CHANGE)(self.on_change)
        app.action(PICK)(self.on_change)
        app.view(CALLBACK)(self.on_submitted)

    def on_change(self, body: Event, ack: Ack, client: WebClient, respond: Respond) -> None:
        channel_id, container = _channel_of(body["actions"][0]), body.get("container") or {}
        shown_in = str(container.get("channel_id") or "")
        refusal = self._refused(body["user"]["id"], channel_id, shown_in)
        if refusal and shown_in:
            hinted(respond, refusal)
        elif refusal:
            opened(client, body["trigger_id"], notice(TITLE, refusal))
        else:
            settings = self._admin.of(channel_id)
            ts = str(container.get("message_ts") or "")
            place = place_for(channel_id, settings, shown_in=shown_in, ts=ts)
            opened(client, body["trigger_id"], channel_form(place, settings, self._admin.choosable()))
        ack()

    def on_submitted(
        self, body: Event, view: Event, ack: Ack, client: WebClient, context: BoltContext
    ) -> None:
        place, user_id = place_of(view), str(body["user"]["id"])
        if refusal := self._refused(user_id, place.channel_id, place.shown_in):
            ack(response_action="update", view=notice(TITLE, refusal))
            return
        before = self._admin.of(place.channel_id)
        if found := self._problems(view, place, before, client):
            ack(response_action="errors", errors=found)
            return
        settings = filled_in(view, before)
        changed = self._admin.put(place.channel_id, settings, Asker(user_id, place.shown_in))
        log.info("settings of channel=%s changed=%s", place.channel_id, changed)
        ack()
        if changed and place.ts:
            self._redraw(place, settings, client)
        elif changed:
            self._aside(lambda: self._show_home(user_id, client, context))

    def _refused(self, user_id: str, channel_id: str, shown_in: str) -> str | None:
        return self._door.refusal(user_id, "settings", channel_id, channel_id=shown_in)

    def _problems(
        self, view: Event, place: Place, before: ChannelSettings, client: WebClient
    ) -> dict[str, str]:
        """A sentence at an input of the form."""
        if fingerprint(before) != place.was:
            return {PEOPLE: CHANGED_MEANWHILE}
        found = problems(view)
        asked = "" if found else filled_in(view, before).people_channel
        if asked and asked != before.people_channel and not _is_here(client, asked):
            return {PEOPLE_CHANNEL: NOT_IN_THERE}
        return found

    def _redraw(self, place: Place, settings: ChannelSettings, client: WebClient) -> None:
        """The message with the button tells how it is now; where it cannot be changed, what was set holds all the same."""
        message = one_channel(place.channel_id, settings, self._admin.names())
        try:
            change(client, place.shown_in, place.ts, message)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("settings of a channel not shown anew (%s)", error)


def _channel_of(action: Event) -> str:
    """Of the button, or of what was chosen."""
    return str(action.get("value") or action.get("selected_conversation") or "")


def _is_here(client: WebClient, channel_id: str) -> bool:
    """Whether we may write in the channel; where Slack does not say, no."""
    try:
        channel: Any = client.conversations_info(channel=channel_id)["channel"]
    except (SlackApiError, SlackClientError, OSError):
        return False
    return bool(channel.get("is_member"))
