"""What each scope of manifest.json is for, in the words of those who miss it. A test keeps the two in step."""

from collections.abc import Collection

FEATURES = {
    "app_mentions:read": "questions by mention",
    "assistant:write": "questions to begin with, in the agent's pane",
    "channels:history": "follow-ups in threads of public channels, and public channels as sources",
    "channels:read": "answers in public channels: who will read them cannot be told",
    "chat:write": "every answer",
    "commands": "/ask, /reindex and the menus' shortcuts",
    "files:read": "files that come with a question, or are sources",
    "files:write": "the audit as a file, in the admin channel",
    "groups:history": "follow-ups in threads of private channels, and private channels as sources",
    "groups:read": "answers in private channels, and the admin channel",
    "im:history": "direct questions",
    "im:read": "answers in direct messages: who will read them cannot be told",
    "im:write": "answers to questions asked by the form",
    "mpim:history": "follow-ups in group messages",
    "mpim:read": "answers in group messages: who will read them cannot be told",
    "pins:write": "the list of sources stays pinned in the admin channel",
    "users:read": "answers from sources that guests may not read, and the names of authors",
}
"""What does not work without the scope."""


def missing(granted: Collection[str]) -> dict[str, str]:
    """The scopes that are not granted, each with what does not work without it."""
    return {scope: feature for scope, feature in FEATURES.items() if scope not in granted}


def needless(granted: Collection[str]) -> list[str]:
    """The scopes that nothing here uses."""
    return sorted(set(granted) - FEATURES.keys())
