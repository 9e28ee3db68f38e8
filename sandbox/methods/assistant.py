"""assistant.threads.* and agents.sessions.*: "is thinking…", titles, prompts and the state of a session."""

from typing import Any

from sandbox.calls import Call, Methods
from sandbox.channels import Channel
from sandbox.errors import ArgumentError, SlackError
from sandbox.shapes import Json

_SESSION_STATUSES = ("active", "processing", "suspended", "closed")
_TITLE_CHARACTERS = 200
_MOST_LOADING_MESSAGES = 10
_LOADING_CHARACTERS = 50
_MOST_PROMPTS = 4


def set_status(call: Call) -> Json:
    """Show what the app is doing in a thread, for two minutes or until it posts; "" takes it away.

    https://docs.slack.dev/reference/methods/assistant.threads.setStatus
    """
    channel = call.joined_channel("channel_id")
    thread = _thread(call, channel)
    loading: Any = call.arguments.structure("loading_messages") or []
    if len(loading) > _MOST_LOADING_MESSAGES or any(len(line) > _LOADING_CHARACTERS for line in loading):
        raise ArgumentError("must be at most 10 messages of 50 characters: loading_messages")
    status = call.arguments.text("status")
    key = (channel.id, thread)
    call.platform.statuses.pop(key, None)
    if status:
        until = call.platform.clock.now() + call.platform.settings.status_seconds
        call.platform.statuses[key] = {"status": status, "loading_messages": loading, "until": until}
    call.workspace.sessions.setdefault(key, {})["status"] = "processing" if status else "active"
    call.platform.bell.ring(key, (channel.id, ""))
    return {}


def set_title(call: Call) -> Json:
    """Name a thread.

    https://docs.slack.dev/reference/methods/assistant.threads.setTitle
    """
    channel = call.joined_channel("channel_id")
    return _name_session(call, channel, _thread(call, channel))


def set_suggested_prompts(call: Call) -> Json:
    """Offer questions.

    https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
    """
    channel = call.joined_channel("channel_id")
    prompts: Any = call.arguments.structure("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= _MOST_PROMPTS:
        raise ArgumentError("must be 1 to 4 items: prompts")
    if any(not (isinstance(one, dict) and one.get("title") and one.get("message")) for one in prompts):
        raise ArgumentError("missing required field: title or message [json-pointer:/prompts]")
    call.workspace.suggested_prompts[channel.id] = {"title": call.arguments.text("title"), "prompts": prompts}
    call.platform.bell.ring()
    return {}


def set_session_status(call: Call) -> Json:
    """State of a session.

    https://docs.slack.dev/reference/methods/agents.sessions.setStatus
    """
    channel = call.joined_channel("channel_id")
    status = call.arguments.text("status")
    if status not in _SESSION_STATUSES:
        raise SlackError("invalid_status")
    if call.arguments.text("thread_ts") is None and channel.kind != "im":
        raise SlackError("thread_ts_required")
    key = (channel.id, call.arguments.text("thread_ts") or "")
    session = call.workspace.sessions.setdefault(key, {"title": call.arguments.text("title")})
    session["status"] = status
    call.platform.bell.ring()
    return {"status": status, "agent_status": status, "title": session.get("title")}


def rename_session(call: Call) -> Json:
    """Name a session.

    https://docs.slack.dev/reference/methods/agents.sessions.rename
    """
    return _name_session(call, call.joined_channel("channel_id"), call.arguments.text("thread_ts") or "")


def _name_session(call: Call, channel: Channel, thread: str) -> Json:
    title = call.arguments.required("title")
    if len(title) > _TITLE_CHARACTERS:
        raise ArgumentError(f"must be less than {_TITLE_CHARACTERS + 1} characters: title")
    call.workspace.sessions.setdefault((channel.id, thread), {})["title"] = title
    call.platform.bell.ring()
    return {"title": title}


def _thread(call: Call, channel: Channel) -> str:
    ts = call.arguments.text("thread_ts")
    if ts is None or ts not in channel.messages:
        raise SlackError("invalid_thread_ts")
    return channel.messages[ts].thread


METHODS: Methods = {
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setTitle": set_title,
    "assistant.threads.setSuggestedPrompts": set_suggested_prompts,
    "agents.sessions.setStatus": set_session_status,
    "agents.sessions.rename": rename_session,
}
