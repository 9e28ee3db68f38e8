"""The settings of one workspace of several: its own tenant, token and admin channel, and nothing that opens doors of the operator's."""

from pydantic import SecretStr

from rag.settings import Settings


def settings_for(settings: Settings, team_id: str, *, token: str = "", admin_channel: str = "") -> Settings:
    """The settings of one workspace of several.

    What opens doors that are the operator's is left out: tokens for wikis and repositories, hosts within the operator's network. Whoever
    administers a workspace is a stranger to the operator, and says which addresses are read.
    """
    own_slack = {"slack": settings.slack.model_copy(update={"bot_token": SecretStr(token)})}
    return Settings(
        **vars(settings)
        | own_slack
        | {
            "storage": settings.storage.model_copy(update={"team_id": team_id}),
            "admin": settings.admin.model_copy(update={"channel": admin_channel}),
            "answer": settings.answer.model_copy(update={"people_channel": ""}),
            "fetch": settings.fetch.model_copy(update={"trusted_hosts": ""}),
            "confluence": settings.confluence.model_copy(update={"email": "", "api_token": None}),
            "notion": settings.notion.model_copy(update={"token": None}),
            "google": settings.google.model_copy(update={"credentials_file": None}),
            "git": settings.git.model_copy(update={"token": None}),
        }
    )


def settings_here(settings: Settings) -> Settings:
    """As a command of the operator's may use them for the tenant that they name: where there are several, that is a workspace."""
    return settings_for(settings, settings.storage.team_id) if settings.tenancy.is_for_several else settings
