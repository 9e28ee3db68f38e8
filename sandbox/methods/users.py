"""Who is there: auth.test, users.*, bots.info, team.info, usergroups.*."""

from sandbox.calls import Call, Methods
from sandbox.errors import SlackError
from sandbox.pages import page
from sandbox.shapes import Json

_MOST_USERS = 1000


def auth_test(call: Call) -> Json:
    """Who the token belongs to.

    https://docs.slack.dev/reference/methods/auth.test
    """
    workspace = call.workspace
    return {
        "url": f"{call.platform.base_url}/",
        "team": workspace.team_name,
        "user": call.bot.name,
        "team_id": workspace.team_id,
        "user_id": call.bot.id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


def api_test(call: Call) -> Json:
    """Whether anybody is there; the arguments come back.

    https://docs.slack.dev/reference/methods/api.test
    """
    if error := call.arguments.text("error"):
        raise SlackError(error, args=call.arguments.values)
    return {"args": call.arguments.values}


def info(call: Call) -> Json:
    """One user.

    https://docs.slack.dev/reference/methods/users.info
    """
    found = call.workspace.users.get(call.arguments.text("user") or "")
    if found is None:
        raise SlackError("user_not_found")
    return {"user": found.to_slack()}


def list_users(call: Call) -> Json:
    """All users, deleted ones too.

    https://docs.slack.dev/reference/methods/users.list
    """
    limit = call.arguments.number("limit", default=_MOST_USERS, maximum=_MOST_USERS)
    everybody = [user for user in call.workspace.users.values() if user.team_id == call.workspace.team_id]
    users, following = page(
        everybody, key=lambda user: user.id, cursor=call.arguments.text("cursor"), limit=limit
    )
    return {
        "members": [user.to_slack() for user in users],
        "cache_ts": int(call.platform.clock.now()),
        "response_metadata": {"next_cursor": following},
    }


def lookup_by_email(call: Call) -> Json:
    """The user with an address.

    https://docs.slack.dev/reference/methods/users.lookupByEmail
    """
    email = call.arguments.required("email")
    for user in call.workspace.users.values():
        if user.profile().get("email") == email and not user.deleted:
            return {"user": user.to_slack()}
    raise SlackError("users_not_found")


def bot_info(call: Call) -> Json:
    """One bot.

    https://docs.slack.dev/reference/methods/bots.info
    """
    bot_id = call.arguments.text("bot") or call.app.bot_id
    app = next((app for app in call.workspace.apps.values() if app.bot_id == bot_id), None)
    if app is None:
        raise SlackError("bot_not_found")
    profile = app.profile(call.workspace.team_id)
    return {
        "bot": {name: profile[name] for name in ("id", "app_id", "user_id", "name", "deleted", "updated")}
    }


def team_info(call: Call) -> Json:
    """The team.

    https://docs.slack.dev/reference/methods/team.info
    """
    team = call.workspace
    if call.arguments.text("team") not in (None, team.team_id):
        raise SlackError("team_not_found")
    shown = {"id": team.team_id, "name": team.team_name, "domain": team.domain, "email_domain": ""}
    return {"team": shown | {"url": f"{call.platform.base_url}/"}}


def list_groups(call: Call) -> Json:
    """The user groups.

    https://docs.slack.dev/reference/methods/usergroups.list
    """
    with_users = call.arguments.flag("include_users")
    groups = [
        {
            "id": group.id,
            "team_id": call.workspace.team_id,
            "is_usergroup": True,
            "name": group.name,
            "handle": group.handle,
            "user_count": len(group.users),
        }
        | ({"users": list(group.users)} if with_users else {})
        for group in call.workspace.usergroups.values()
    ]
    return {"usergroups": groups}


def list_group_users(call: Call) -> Json:
    """Who is in a group.

    https://docs.slack.dev/reference/methods/usergroups.users.list
    """
    group = call.workspace.usergroups.get(call.arguments.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


METHODS: Methods = {
    "auth.test": auth_test,
    "api.test": api_test,
    "users.info": info,
    "users.list": list_users,
    "users.lookupByEmail": lookup_by_email,
    "bots.info": bot_info,
    "team.info": team_info,
    "usergroups.list": list_groups,
    "usergroups.users.list": list_group_users,
}
