"""What people do and wait for: commands, clicks, shortcuts, forms. The app has three seconds."""

from typing import Any

from sandbox import interactions
from sandbox.apps import App
from sandbox.arguments import Arguments
from sandbox.bell import VIEWS
from sandbox.channels import Channel
from sandbox.composer import Composer
from sandbox.deliveries import Envelope
from sandbox.errors import ArgumentError, SlackError
from sandbox.forms import fill_in
from sandbox.messages import Message
from sandbox.methods.views import add_view, checked_view, replace_view
from sandbox.people import User
from sandbox.platform import Platform
from sandbox.response_urls import ResponseUrl
from sandbox.responses import respond
from sandbox.shapes import Json
from sandbox.verbs import Verbs
from sandbox.verbs.acting import named_app, person
from sandbox.verbs.reading import can_read
from sandbox.views import View

# What a person reads when a command fails, by outcome of the delivery.
_FAILURES = {
    "dropped": 'failed with the error "dispatch_failed"',
    "given_up": 'failed with the error "operation_timeout"',
}


async def command(platform: Platform, arguments: Arguments) -> Json:
    """Type a slash command: user, channel, command, [text], [app]."""
    user, app = person(platform, arguments), named_app(platform, arguments)
    channel = platform.workspace.channel_for(user.id, arguments.required("channel"))
    name, text = arguments.required("command"), arguments.text("text") or ""
    if not app.knows_command(name) or user.team_id != platform.workspace.team_id:
        platform.whisper(channel, to=user.id, text=f"{name} is not a valid command.")
        return {"outcome": "not_a_command"}
    if name in app.escaped_commands:
        text = Composer(platform.workspace).compose(text)[0]
    payload = interactions.command(
        app,
        user=user,
        channel=channel,
        team_domain=platform.workspace.domain,
        name=name,
        text=text,
        trigger_id=platform.actor(app, user)["trigger_id"],
    )
    url = response_url(platform, app, user=user, channel=channel)
    envelope = await platform.deliveries.send(app.id, "slash_commands", payload | {"response_url": url})
    if envelope.outcome in _FAILURES:
        platform.whisper(channel, to=user.id, text=f"{name} {_FAILURES[envelope.outcome]}")
    elif envelope.ack_payload:
        respond(platform, ResponseUrl(app.id, channel.id, user.id, 0, 0), Arguments(envelope.ack_payload))
    return outcome_of(envelope)


async def click(platform: Platform, arguments: Arguments) -> Json:
    """Use an element: user, action_id, [block_id], [value], and channel with ts, or view."""
    user = person(platform, arguments)
    if arguments.text("view"):
        return await _click_in_view(platform, arguments, user)
    channel = platform.workspace.channel_for(user.id, arguments.required("channel"))
    message = visible_message(channel, user, arguments.required("ts"))
    app = platform.workspace.apps[message.app_id or ""]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.ephemeral_to),
    }
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    payload = interactions.block_actions(
        platform.actor(app, user),
        action=_action(platform, message.blocks, arguments),
        container=container,
        channel=channel,
        message=None if message.ephemeral_to else channel.present(message),
        view=None,
    )
    url = response_url(platform, app, user=user, channel=channel, message=message)
    envelope = await platform.deliveries.send(app.id, "interactive", payload | {"response_url": url})
    return outcome_of(envelope)


async def shortcut(platform: Platform, arguments: Arguments) -> Json:
    """Use a shortcut: user, callback_id, [app]; with channel and ts one of a message's menu."""
    user, app = person(platform, arguments), named_app(platform, arguments)
    actor, action_ts = platform.actor(app, user), platform.clock.ts()
    callback_id = arguments.required("callback_id")
    if not arguments.text("ts"):
        payload = interactions.global_shortcut(actor, callback_id=callback_id, action_ts=action_ts)
        return outcome_of(await platform.deliveries.send(app.id, "interactive", payload))
    channel = platform.workspace.channel_for(user.id, arguments.required("channel"))
    message = visible_message(channel, user, arguments.required("ts"))
    payload = interactions.message_shortcut(
        actor, callback_id=callback_id, channel=channel, message=channel.present(message), action_ts=action_ts
    )
    url = response_url(platform, app, user=user, channel=channel, message=message, clicked=False)
    return outcome_of(await platform.deliveries.send(app.id, "interactive", payload | {"response_url": url}))


async def submit(platform: Platform, arguments: Arguments) -> Json:
    """Fill in a modal and press Submit: user, view, values ({action_id: value})."""
    user = person(platform, arguments)
    view = open_view(platform, user, arguments.required("view"))
    view.state = fill_in(view.content["blocks"], arguments.structure("values") or {})
    app = platform.workspace.apps[view.app_id]
    payload = interactions.view_submission(platform.actor(app, user), view)
    envelope = await platform.deliveries.send(app.id, "interactive", payload)
    if envelope.outcome != "acknowledged":
        return outcome_of(envelope)
    return outcome_of(envelope) | _after_submission(platform, view, envelope.ack_payload or {})


async def close_view(platform: Platform, arguments: Arguments) -> Json:
    """Close a modal without submitting: user, view."""
    user = person(platform, arguments)
    view = open_view(platform, user, arguments.required("view"))
    platform.workspace.views.pop(view.id, None)
    platform.bell.ring(VIEWS)
    if not view.content.get("notify_on_close"):
        return {"outcome": "closed"}
    app = platform.workspace.apps[view.app_id]
    payload = interactions.view_closed(platform.actor(app, user), view)
    return outcome_of(await platform.deliveries.send(app.id, "interactive", payload))


def outcome_of(envelope: Envelope) -> Json:
    """How it went: acknowledged, dropped (no socket) or given_up; and what the app said."""
    return {"outcome": envelope.outcome, "ack_payload": envelope.ack_payload}


def visible_message(channel: Channel, user: User, ts: str) -> Message:
    """A message the person can see, ephemeral ones meant for them included."""
    message = channel.messages.get(ts) if can_read(channel, user) else None
    if message is None or message.ephemeral_to not in (None, user.id):
        raise SlackError("message_not_found")
    return message


def open_view(platform: Platform, user: User, view_id: str) -> View:
    """A modal or home tab that the person has before them."""
    known = {
        view.id: view for view in [*platform.workspace.views.values(), *platform.workspace.homes.values()]
    }
    view = known.get(view_id)
    if view is None or view.user != user.id:
        raise SlackError("view_not_found")
    return view


def response_url(
    platform: Platform,
    app: App,
    *,
    user: User,
    channel: Channel,
    message: Message | None = None,
    clicked: bool = True,
) -> str:
    """An address at which the app may answer this interaction."""
    settings = platform.settings
    url = ResponseUrl(
        app_id=app.id,
        channel_id=channel.id,
        user=user.id,
        expires_at=platform.clock.now() + settings.response_url_seconds,
        uses_left=settings.response_url_uses,
        message_ts=message.ts if message and clicked else None,
    )
    return f"{platform.base_url}/response/{platform.response_urls.new(url)}"


async def _click_in_view(platform: Platform, arguments: Arguments, user: User) -> Json:
    view = open_view(platform, user, arguments.required("view"))
    app = platform.workspace.apps[view.app_id]
    payload = interactions.block_actions(
        platform.actor(app, user),
        action=_action(platform, view.content["blocks"], arguments),
        container={"type": "view", "view_id": view.id},
        channel=None,
        message=None,
        view=view,
    )
    return outcome_of(await platform.deliveries.send(app.id, "interactive", payload))


def _action(platform: Platform, blocks: list[Json], arguments: Arguments) -> Json:
    block, element = interactions.find_element(
        blocks, arguments.required("action_id"), arguments.text("block_id")
    )
    value: Any = arguments.values.get("value")
    return interactions.action(block, element, value=value, action_ts=platform.clock.ts())


def _after_submission(platform: Platform, view: View, ack: Json) -> Json:
    """What the app's answer does to the modal: errors, update, push, clear, or simply closing it."""
    views = platform.workspace.views
    match ack.get("response_action"):
        case "errors":
            _check_error_blocks(view, ack.get("errors") or {})
            return {"response_action": "errors", "errors": ack["errors"]}
        case "update":
            replace_view(platform, view, checked_view(ack.get("view")))
            return {"response_action": "update", "view": view.id}
        case "push":
            pushed = add_view(
                platform, view.app_id, user=view.user, content=checked_view(ack.get("view")), below=view
            )
            return {"response_action": "push", "view": pushed.id}
        case "clear":
            for other in [one for one in views.values() if one.root_view_id == view.root_view_id]:
                views.pop(other.id)
        case _:
            views.pop(view.id, None)
    platform.bell.ring(VIEWS)
    return {"response_action": "clear"}


def _check_error_blocks(view: View, errors: Json) -> None:
    """Slack shows an error only under an input block that exists."""
    inputs = {block.get("block_id") for block in view.content["blocks"] if block.get("type") == "input"}
    unknown = [block_id for block_id in errors if block_id not in inputs]
    if unknown or not errors:
        raise ArgumentError(f"response_action errors names no input block: {unknown}")


VERBS: Verbs = {
    "command": command,
    "click": click,
    "shortcut": shortcut,
    "submit": submit,
    "close_view": close_view,
}
