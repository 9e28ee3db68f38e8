"""The one door to everything that only admins may do: asked at each action, and every refusal is written down."""

import logging

from workers.admin.admins import Admins
from workers.admin.audit import Audit

log = logging.getLogger(__name__)

NOT_AN_ADMIN = (
    "Only the admins of this bot can do that; they are the members of its admin channel. Ask one of them."
)
NO_ADMINS = "Nobody administers this bot from Slack yet: whoever runs it has to set ADMIN_CHANNEL to the id of a private channel."
NOT_SETTLED = (
    "Nobody administers me in this workspace yet: whoever installed me, or an owner or admin of the workspace, has to mention me with "
    "administer here in a private channel."
)


class Administering:
    """Whether somebody may do something now, with the refusal ready to be shown to them."""

    def __init__(
        self, admins: Admins, audit: Audit, channel_id: str, *, without_channel: str = NO_ADMINS
    ) -> None:
        self._without_channel = without_channel
        self.audit = audit
        self.channel_id = channel_id
        self._admins = admins

    def refusal(self, user_id: str, action: str, subject: str = "", *, channel_id: str = "") -> str | None:
        """None where this person may; else a friendly no, which has been noted. Raises DatabaseUnavailable."""
        if self._admins.may_administer(user_id):
            return None
        log.info("refused action=%s user=%s", action, user_id)
        self.audit.note(user_id, action, subject, outcome="refused", channel_id=channel_id)
        return NOT_AN_ADMIN if self.channel_id else self._without_channel
