"""manifest.json asks for what is used and nothing else: a new scope or event is a decision, written down here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from bot.scopes import FEATURES
from tests.bot.wired import listeners_without_slack

MANIFEST = json.loads((Path(__file__).parent.parent / "manifest.json").read_text())

REASONS = {
    "app_mentions:read": "questions by mention",
    "assistant:write": "assistant.threads.setSuggestedPrompts: questions to begin with, in the agent's pane",
    "channels:history": "conversations.replies: the thread a question stands in, and our own placeholder in it; "
    "conversations.history: a channel that was added as a source",
    "channels:read": "conversations.info and .members: who will read the answer",
    "chat:write": "the answer, the status before it and the stream it grows in; the name of a session in direct messages",
    "commands": "/ask: a question that nobody else sees; /reindex: sources read again",
    "files:write": "files.getUploadURLExternal and files.completeUploadExternal: the audit as a file, in the admin channel",
    "files:read": "files.list, files.info and the download: of files in a channel that is a source, and of what comes with a question",
    "groups:history": "as channels:history, in private channels",
    "groups:read": "as channels:read, in private channels",
    "im:history": "direct questions, and the threads they stand in",
    "im:read": "conversations.info of a direct message",
    "im:write": "conversations.open: the answer to a question asked by the form",
    "mpim:history": "as channels:history, in group messages",
    "mpim:read": "as channels:read, in group messages",
    "pins:write": "pins.add: the list of sources in the admin channel",
    "users:read": "users.list: who is a guest or from another organisation; users.info: who wrote a message of a source, who answers for "
    "what was verified, who did what is in the audit",
}

EVENTS = {
    "agent_session_stopped": "somebody pressed Stop: no more of the answer is written",
    "app_home_opened": "what the bot knows, and what one asked",
    "app_mention": "questions by mention",
    "app_uninstalled": "everything that came from Slack is removed, what was asked there is forgotten",
    "channel_deleted": "what was indexed of the channel is removed",
    "channel_left": "the bot was put out of a channel: what was indexed of it is removed",
    "channel_shared": "a source that another organisation now shares is looked at again",
    "file_change": "a file of a source has other content",
    "file_deleted": "a file of a source is gone",
    "group_deleted": "as channel_deleted, for private channels",
    "group_left": "as channel_left, for private channels",
    "member_left_channel": "as channel_left: which of the two Slack sends depends on how the bot left",
    "message.channels": "new replies, edits and deletions in a channel that was added as a source; "
    "follow-ups without a mention; questions in channels where they are answered unasked",
    "message.groups": "as message.channels, in private channels",
    "message.im": "direct questions",
    "tokens_revoked": "as app_uninstalled",
}


def test_every_scope_has_its_reason() -> None:
    assert MANIFEST["oauth_config"]["scopes"] == {"bot": sorted(REASONS)}


def test_the_doctor_knows_what_every_scope_is_for() -> None:
    assert sorted(FEATURES) == sorted(REASONS)


def test_every_event_has_its_reason() -> None:
    assert MANIFEST["settings"]["event_subscriptions"] == {"bot_events": sorted(EVENTS)}


def test_every_event_subscribed_is_listened_to() -> None:
    registered: list[str] = []

    class Recorder:
        def event(self, name: str) -> Callable[[object], None]:
            registered.append(name)
            return lambda listener: None

        def action(self, name: str) -> Callable[[object], None]:
            return lambda listener: None

        view = command = shortcut = action

    listeners_without_slack().register(cast("Any", Recorder()))
    assert {name.partition(".")[0] for name in EVENTS} == set(registered)


def test_slack_limits_of_a_manifest_hold() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert MANIFEST["settings"]["socket_mode_enabled"] is True


def test_clicks_and_forms_reach_the_bot() -> None:
    assert MANIFEST["settings"]["interactivity"] == {"is_enabled": True}
