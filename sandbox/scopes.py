"""Which scope a method needs, so that a manifest that forgets one fails here and not in production.

Enforced only where an app was given a manifest.json. Source: the method pages of docs.slack.dev.
"""

from sandbox.calls import Call
from sandbox.channels import Kind

_FIXED = {
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setTitle": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "agents.sessions.setStatus": "chat:write",
    "agents.sessions.rename": "chat:write",
    "bots.info": "users:read",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "conversations.join": "channels:join",
    "files.info": "files:read",
    "files.list": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "pins.add": "pins:write",
    "pins.list": "pins:read",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "team.info": "team:read",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
}
# These need a scope for each kind of channel: channels:read, groups:history, im:write …
_BY_KIND = {
    "conversations.info": "read",
    "conversations.members": "read",
    "conversations.history": "history",
    "conversations.replies": "history",
}
_KINDS: dict[Kind, str] = {"public": "channels", "private": "groups", "mpim": "mpim", "im": "im"}
_TYPES = {"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}


def scope_needed(call: Call, method: str) -> str | None:
    """The scope that the app lacks for this call, or None."""
    return next((scope for scope in _scopes(call, method) if not call.app.may(scope)), None)


def _scopes(call: Call, method: str) -> list[str]:
    if method in _FIXED:
        return [_FIXED[method]]
    if method in _BY_KIND:
        channel = call.workspace.channels.get(call.arguments.text("channel") or "")
        return [f"{_KINDS[channel.kind]}:{_BY_KIND[method]}"] if channel else []
    if method in ("conversations.list", "users.conversations"):
        wanted = call.arguments.names("types") or ["public_channel"]
        return [f"{_TYPES[kind]}:read" for kind in wanted if kind in _TYPES]
    if method == "conversations.open":
        several = len(call.arguments.names("users")) > 1
        return ["mpim:write" if several else "im:write"]
    return []
