"""`administer here`, said to us in a private channel of one of several workspaces: from then on its members are the admins there.

Who may say it, as Slack tells at that moment: the owners and admins of the workspace always; whoever installed us as long as there is
no admin channel; afterwards the members of the one that there is. Installing us again makes nobody an admin.
"""

import logging
import re
from typing import Any

from slack_bolt import BoltContext
from slack_sdk import WebClient

from bot.listeners.telling import told, whispered
from bot.messages import Event, is_from_person, question_text
from rag.errors import ReplyImpossible, SlackUnavailable
from workers.access import is_full_member
from workers.admin.admins import Admins
from workers.admin.audit import Audit
from workers.admin.once import Once
from workers.admin.source_words import sentence
from workers.elements import text_element
from workers.slack.errors import slack_errors
from workers.tenancy.installations import Installations, Installed

log = logging.getLogger(__name__)

_SAID = re.compile(r"\W*administer\s+(?:me\s+|you\s+)?(?:from\s+)?here\W*", re.IGNORECASE)

DONE = (
    "Done: whoever is in this channel administers me from now on. What I can do here: mention me with help."
)
NOT_PRIVATE = (
    "I am administered from a private channel of this workspace alone: everybody in it is an admin. Make one, invite me, "
    "and say it there."
)
NOT_YOU = (
    "Only an owner or admin of this workspace can say that, or whoever installed me while I have no admin channel, or the members "
    "of the one I have. Please ask one of them."
)
AGAIN = "I could not find out just now whether you may. Please say it again in a minute."


class Settling:
    """Of one workspace."""

    def __init__(self, team_id: str, kept: Installations, once: Once, audit: Audit) -> None:
        self._team_id = team_id
        self._kept = kept
        self._once = once
        self._audit = audit

    def took(self, event: Event, context: BoltContext, client: WebClient) -> bool:
        """Whether a mention said it; then it was answered. Raises DatabaseUnavailable, before anything was done."""
        if not is_from_person(event):
            return False
        if not _SAID.fullmatch(question_text(str(event.get("text") or ""), str(context.bot_user_id))):
            return False
        installed = self._kept.of(self._team_id)
        if installed is not None and self._once.claim(f"settle:{event['channel']}:{event['ts']}"):
            self._answer(event, client, installed)
        return True

    def _answer(self, event: Event, client: WebClient, installed: Installed) -> None:
        channel_id = event["channel"]
        try:
            refusal = self._refusal(event["user"], channel_id, client, installed)
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("not settled (%s)", error)
            refusal = AGAIN
        self._audit.note(
            event["user"],
            "administer",
            channel_id,
            outcome="refused" if refusal else "done",
            channel_id=channel_id,
            before={"channel": installed.admin_channel},
            after=None if refusal else {"channel": channel_id},
        )
        if not refusal:
            self._kept.administer_from(self._team_id, channel_id)
        try:
            if refusal:
                whispered(client, event, refusal)
            else:
                told(client, event, sentence([text_element(DONE)]))
        except (SlackUnavailable, ReplyImpossible) as error:
            log.warning("settling not answered (%s)", error)

    def _refusal(self, user_id: str, channel_id: str, client: WebClient, installed: Installed) -> str | None:
        """Raises SlackUnavailable, ReplyImpossible where Slack does not tell."""
        with slack_errors():
            channel: Any = client.conversations_info(channel=channel_id)["channel"]
            person: Any = client.users_info(user=user_id)["user"]
        if not _is_private(channel):
            return NOT_PRIVATE
        return None if self._may(user_id, person, client, installed) else NOT_YOU

    def _may(self, user_id: str, person: Any, client: WebClient, installed: Installed) -> bool:
        if not is_full_member(person, self._team_id):
            return False
        if person.get("is_owner") or person.get("is_admin"):
            return True
        if installed.admin_channel:
            return Admins(client, installed.admin_channel).may_administer(user_id)
        return user_id == installed.installed_by


def _is_private(channel: Any) -> bool:
    """A private channel of this workspace alone, no direct messages."""
    shared = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_im", "is_mpim", "is_archived")
    return bool(channel.get("is_private")) and not any(channel.get(flag) for flag in shared)
