"""The shapes of what people do with an app: commands, clicks, submitted views, shortcuts. Pure.

Source: https://docs.slack.dev/reference/interaction-payloads
"""

from typing import Any

from sandbox.apps import App
from sandbox.channels import Channel
from sandbox.errors import ArgumentError
from sandbox.people import User
from sandbox.shapes import Json
from sandbox.views import View

_SELECTS = ("static_select", "radio_buttons", "overflow", "external_select")
SEVERAL = ("checkboxes", "multi_static_select")
# Elements that report what was chosen as it is, and the field they report it in.
_REPORTED = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def command(
    app: App, *, user: User, channel: Channel, team_domain: str, name: str, text: str, trigger_id: str
) -> Json:
    """A slash command; `response_url` is added by who hands it out."""
    return {
        "token": "sandbox-verification-token",
        "team_id": channel.team_id,
        "team_domain": team_domain,
        "channel_id": channel.id,
        "channel_name": {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": "false",
        "trigger_id": trigger_id,
    }


def block_actions(
    person: Json,
    *,
    action: Json,
    container: Json,
    channel: Channel | None,
    message: Json | None,
    view: View | None,
) -> Json:
    """A click, in a message or in a view. `person` comes from `actor`."""
    payload = {"type": "block_actions"} | person | {"container": container, "actions": [action]}
    if channel is not None:
        named = "directmessage" if channel.kind == "im" else channel.name
        payload |= {"channel": {"id": channel.id, "name": named}, "state": {"values": {}}}
    if message is not None:
        payload["message"] = message
    if view is not None:
        payload["view"] = view.to_slack()
    return payload


def view_submission(person: Json, view: View) -> Json:
    """Somebody pressed Submit."""
    return {"type": "view_submission"} | person | {"view": view.to_slack(), "response_urls": []}


def view_closed(person: Json, view: View) -> Json:
    """Somebody closed a modal whose `notify_on_close` is set."""
    closed = {name: value for name, value in person.items() if name != "trigger_id"}
    return {"type": "view_closed"} | closed | {"view": view.to_slack(), "is_cleared": False}


def message_shortcut(
    person: Json, *, callback_id: str, channel: Channel, message: Json, action_ts: str
) -> Json:
    """A shortcut from a message's menu; `response_url` is added by who hands it out."""
    named = "directmessage" if channel.kind == "im" else channel.name
    return (
        {
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": action_ts,
            "message_ts": message["ts"],
        }
        | person
        | {"channel": {"id": channel.id, "name": named}, "message": message}
    )


def global_shortcut(person: Json, *, callback_id: str, action_ts: str) -> Json:
    """A shortcut from the lightning menu."""
    return {"type": "shortcut", "callback_id": callback_id, "action_ts": action_ts} | person


def actor(app: App, user: User, *, team_id: str, team_domain: str, trigger_id: str) -> Json:
    """The fields of every interaction: who, in which team, for which app."""
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": app.id,
        "token": "sandbox-verification-token",
        "team": {"id": team_id, "domain": team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger_id,
    }


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """The block and the element in it that an action_id names. Raises ArgumentError."""
    for index, block in enumerate(blocks):
        named = block | {"block_id": id_of(block, index)}
        for element in elements_of(block):
            if element.get("action_id") == action_id and block_id in (None, named["block_id"]):
                return named, element
    raise ArgumentError(f"no element with action_id {action_id} to be seen there")


def id_of(block: Json, index: int) -> str:
    """The block_id, its own or the one it gets by its place."""
    return str(block.get("block_id") or f"b{index}")


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, wherever its type keeps them."""
    kept = [
        *block.get("elements", []),
        block.get("accessory"),
        block.get("element"),
        *block.get("actions", []),
    ]
    return [element for element in kept if isinstance(element, dict)]


def action(block: Json, element: Json, *, value: Any, action_ts: str) -> Json:
    """The entry of `actions` for an element; `value` chooses among options or the two feedback buttons."""
    shown = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts,
    }
    return shown | chosen(element, value)


def chosen(element: Json, value: Any) -> Json:
    """What an element reports once `value` was chosen, typed or, for a button, pressed; a list where several may be."""
    kind = element["type"]
    if kind == "feedback_buttons":
        return {"value": value if value is not None else element["positive_button"]["value"]}
    if kind in _SELECTS:
        options = [*element.get("options", []), *_grouped(element)]
        selected = next((option for option in options if option["value"] == value), None)
        if selected is None and value is not None:
            raise ArgumentError(f"{element.get('action_id')} has no option {value}")
        return {"selected_option": selected}
    if kind in SEVERAL:
        options = [*element.get("options", []), *_grouped(element)]
        return {"selected_options": [option for option in options if option["value"] in (value or [])]}
    if kind in _REPORTED:
        return {_REPORTED[kind]: value}
    if kind in ("button", "icon_button"):
        return {str(name): element[name] for name in ("text", "value", "style", "url") if name in element}
    return {"value": value}


def _grouped(element: Json) -> list[Json]:
    return [option for group in element.get("option_groups", []) for option in group.get("options", [])]
