"""Triggers: the trigger_id of an interaction, good for opening one modal within three seconds."""

from dataclasses import dataclass
from uuid import uuid4

from sandbox.errors import SlackError


@dataclass
class _Trigger:
    app_id: str
    user: str
    expires_at: float
    used: bool = False


class Triggers:
    """The trigger ids handed out so far."""

    def __init__(self) -> None:
        self._triggers: dict[str, _Trigger] = {}

    def new(self, app_id: str, user: str, expires_at: float) -> str:
        trigger_id = f"{len(self._triggers) + 1}.{int(expires_at)}.{uuid4().hex}"
        self._triggers[trigger_id] = _Trigger(app_id, user, expires_at)
        return trigger_id

    def use(self, trigger_id: str, app_id: str, now: float) -> str:
        """The user whose action it came from.

        Raises SlackError invalid_trigger_id, expired_trigger_id, exchanged_trigger_id.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if now > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user
