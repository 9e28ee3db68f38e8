"""manifest.json asks for what is used and nothing else: a new scope or event is a decision, written down here."""

import json
from pathlib import Path

MANIFEST = json.loads((Path(__file__).parent.parent / "manifest.json").read_text())

REASONS = {
    "app_mentions:read": "questions by mention",
    "channels:history": "conversations.replies: the thread a question stands in, and our own placeholder in it",
    "channels:read": "conversations.info and .members: who will read the answer",
    "chat:write": "the answer",
    "groups:history": "as channels:history, in private channels",
    "groups:read": "as channels:read, in private channels",
    "im:history": "direct questions, and the threads they stand in",
    "im:read": "conversations.info of a direct message",
    "mpim:history": "as channels:history, in group messages",
    "mpim:read": "as channels:read, in group messages",
    "users:read": "users.list: who is a guest or from another organisation",
}


def test_every_scope_has_its_reason() -> None:
    assert MANIFEST["oauth_config"]["scopes"] == {"bot": sorted(REASONS)}


def test_every_event_subscribed_has_a_listener() -> None:
    assert MANIFEST["settings"]["event_subscriptions"] == {"bot_events": ["app_mention", "message.im"]}


def test_slack_limits_of_a_manifest_hold() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
