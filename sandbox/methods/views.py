"""views.*: modals, three high at most, and the home tab."""

from typing import Any

from sandbox.bell import VIEWS
from sandbox.block_kit import check_view
from sandbox.calls import Call, Methods
from sandbox.content import refuse
from sandbox.errors import ArgumentError, SlackError
from sandbox.platform import Platform
from sandbox.shapes import Json
from sandbox.views import View

_MOST_PUSHED = 3


def open_modal(call: Call) -> Json:
    """Open a modal for whoever acted.

    https://docs.slack.dev/reference/methods/views.open
    """
    content = _content(call, "modal")
    user = _triggered_by(call)
    view = add_view(call.platform, call.app.id, user=user, content=content)
    return {"view": view.to_slack()}


def push(call: Call) -> Json:
    """Put a modal on top of the one that acted.

    https://docs.slack.dev/reference/methods/views.push
    """
    content = _content(call, "modal")
    user = _triggered_by(call)
    below = [
        view for view in call.workspace.views.values() if view.user == user and view.app_id == call.app.id
    ]
    if not below:
        raise SlackError("view_not_found")
    if len(below) >= _MOST_PUSHED:
        raise SlackError("push_limit_reached")
    view = add_view(call.platform, call.app.id, user=user, content=content, below=below[-1])
    return {"view": view.to_slack()}


def update(call: Call) -> Json:
    """Change a modal.

    https://docs.slack.dev/reference/methods/views.update
    """
    content = _content(call, None)
    view = _named_view(call)
    wanted_hash = call.arguments.text("hash")
    if wanted_hash and wanted_hash != view.hash:
        raise SlackError("hash_conflict")
    replace_view(call.platform, view, content)
    return {"view": view.to_slack()}


def publish(call: Call) -> Json:
    """Set somebody's home tab.

    https://docs.slack.dev/reference/methods/views.publish
    """
    content = _content(call, "home")
    user = call.workspace.user(call.arguments.required("user_id"))
    key = (call.app.id, user.id)
    known = call.workspace.homes.get(key)
    wanted_hash = call.arguments.text("hash")
    if wanted_hash and (known is None or known.hash != wanted_hash):
        raise SlackError("hash_conflict")
    if known is None:
        known = new_view(call.platform, call.app.id, user=user.id, content=content)
        call.workspace.homes[key] = known
    replace_view(call.platform, known, content)
    return {"view": known.to_slack()}


def new_view(platform: Platform, app_id: str, *, user: str, content: Json, below: View | None = None) -> View:
    """A view that nobody sees yet."""
    view_id = platform.workspace.ids.new("V")
    app = platform.workspace.apps[app_id]
    return View(
        id=view_id,
        app_id=app_id,
        user=user,
        team_id=platform.workspace.team_id,
        bot_id=app.bot_id,
        content=content,
        hash=platform.clock.ts(),
        root_view_id=below.root_view_id if below else view_id,
        previous_view_id=below.id if below else None,
    )


def add_view(platform: Platform, app_id: str, *, user: str, content: Json, below: View | None = None) -> View:
    """Show a modal to a person."""
    view = new_view(platform, app_id, user=user, content=content, below=below)
    if view.external_id and any(
        view.external_id == one.external_id for one in platform.workspace.views.values()
    ):
        raise SlackError("duplicate_external_id")
    platform.workspace.views[view.id] = view
    platform.bell.ring(VIEWS)
    return view


def replace_view(platform: Platform, view: View, content: Json) -> None:
    """Show something else in a view that is open."""
    view.content, view.hash = content, platform.clock.ts()
    platform.bell.ring(VIEWS)


def checked_view(content: Any) -> Json:
    """A view as an app sent it. Raises SlackError invalid_arguments with what is wrong."""
    refuse(check_view(content), error="invalid_arguments")
    checked: Json = content
    return checked


def _content(call: Call, kind: str | None) -> Json:
    content = checked_view(call.arguments.structure("view"))
    if kind is not None and content["type"] != kind:
        raise ArgumentError(f"unsupported type: {content['type']} [json-pointer:/view/type]")
    return content


def _triggered_by(call: Call) -> str:
    trigger_id = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer") or ""
    return call.platform.triggers.use(trigger_id, call.app.id, call.platform.clock.now())


def _named_view(call: Call) -> View:
    view_id, external_id = call.arguments.text("view_id"), call.arguments.text("external_id")
    known = [*call.workspace.views.values(), *call.workspace.homes.values()]
    for view in known:
        named = view.id == view_id or (external_id and view.external_id == external_id)
        if view.app_id == call.app.id and named:
            return view
    raise SlackError("not_found")


METHODS: Methods = {
    "views.open": open_modal,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
