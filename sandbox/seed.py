"""A workspace out of a JSON file; `default_workspace.json` shows the form.

People, channels and groups may name people by name or id. Tokens follow from an app's name
(`xoxb-sandbox-footnote`, `xapp-sandbox-footnote`), so that an environment once set stays right; where
several workspaces are served together, the further ones say tokens of their own (`bot_token`).
"""

import json
from pathlib import Path

from sandbox.apps import App
from sandbox.channels import Channel
from sandbox.people import User
from sandbox.shapes import Json
from sandbox.workspace import UserGroup, Workspace

DEFAULT = Path(__file__).with_name("default_workspace.json")


def read_workspace(path: Path = DEFAULT) -> Workspace:
    """Build the workspace that a file describes. Raises ValueError that says what is wrong with it."""
    try:
        seed = json.loads(path.read_text(encoding="utf-8"))
        return _build(seed)
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no workspace description: {type(error).__name__}: {error}") from error


def _build(seed: Json) -> Workspace:
    team = seed["team"]
    workspace = Workspace(team_id=team["id"], team_name=team["name"], domain=team["domain"])
    workspace.users["USLACKBOT"] = User("USLACKBOT", "slackbot", "Slackbot", workspace.team_id)
    for app in seed.get("apps", []):
        add_app(workspace, app)
    for person in seed.get("people", []):
        add_user(workspace, person)
    for channel in seed.get("channels", []):
        add_channel(workspace, channel)
    for group in seed.get("usergroups", []):
        users = tuple(workspace.user(user).id for user in group["users"])
        workspace.usergroups[group["id"]] = UserGroup(group["id"], group["handle"], group["name"], users)
    return workspace


def add_app(workspace: Workspace, given: Json) -> App:
    """Install an app: itself and its bot user."""
    name = given["name"]
    new = workspace.ids.new
    app = App(
        id=given.get("id") or new("A"),
        name=name,
        bot_id=given.get("bot_id") or new("B"),
        bot_user_id=given.get("bot_user_id") or new("U"),
        bot_token=given.get("bot_token") or f"xoxb-sandbox-{name}",
        app_token=given.get("app_token") or f"xapp-sandbox-{name}",
        client_id=f"client-{name}",
        client_secret=f"secret-{name}",
    )
    workspace.apps[app.id] = app
    workspace.users[app.bot_user_id] = User(
        id=app.bot_user_id,
        name=name,
        real_name=name.capitalize(),
        team_id=workspace.team_id,
        bot_id=app.bot_id,
        app_id=app.id,
    )
    return app


def add_user(workspace: Workspace, given: Json) -> User:
    """Let a person in; missing are the id, the real name and the team, if they are the usual."""
    usual = {"id": None, "real_name": given["name"].capitalize(), "team_id": workspace.team_id}
    user = User(**(usual | given))
    user.id = user.id or workspace.ids.new("U")
    workspace.users[user.id] = user
    return user


def add_channel(workspace: Workspace, given: Json) -> Channel:
    """Create a channel with its members, given by name or id."""
    members = [workspace.user(member).id for member in given.get("members", [])]
    usual: Json = {
        "id": None,
        "kind": "public",
        "created": int(workspace.clock.now()),
        "creator": members[0] if members else "USLACKBOT",
        "team_id": workspace.team_id,
    }
    channel = Channel(**(usual | given | {"members": members}))
    channel.id = channel.id or workspace.ids.new("C")
    workspace.channels[channel.id] = channel
    return channel
