"""Which messages of a thread are meant for us though nobody mentions us: never side talk between people.

A thread is followed from our answer there, for some hours after the last one, until somebody says stop, which needs no
mention. Mentioning us again is always a question, and lets the thread be followed again.
"""

import re

from sqlalchemy import Engine, or_, select

from rag.database import now, transaction
from workers.asked import Incoming
from workers.channels import FollowUps, SettingsOf, as_everywhere
from workers.tables import answers, questions

_STOP = re.compile(r"^\W*(?:please\s+)?(?:stop(?:\s+(?:following|listening))?|mute|be\s+quiet|unfollow)(?:\s+(?:this\s+thread|here|please))?\W*$", re.IGNORECASE)  # fmt: skip
_QUESTION = re.compile(
    r"""[?？¿؟]\s*$
      | ^\W*(?:and|but|so|ok|okay|then)?\W*(?:what|who|whom|whose|which|when|where|why|how|is|are|am|was|were|do|does|did|can|could|
          may|might|must|shall|should|will|would|has|have|had)\b
      | ^\W*(?:and|what\ about|how\ about|what\ if)\b
      | ^\W*(?:wer|was|wann|wo|wie|warum|wieso|welche[rsnm]?|qui|que|quoi|quand|où|comment|pourquoi|combien|quien|quién|qué|cuándo|dónde|
          cómo|cuánto)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def says_stop(text: str) -> bool:
    """Whether we are told to be quiet in a thread."""
    return bool(_STOP.match(text))


def looks_like_question(text: str) -> bool:
    """Whether a message asks something, as far as its form tells."""
    return bool(_QUESTION.search(text.strip()))


class Following:
    """Reads the ledger. `mode` and `hours` hold in channels that have none of their own; `hours` after the last question a thread
    is followed no more.
    """

    def __init__(
        self, engine: Engine, mode: FollowUps, *, hours: float, settings_of: SettingsOf = as_everywhere
    ) -> None:
        self._engine = engine
        self._mode = mode
        self._settings_of = settings_of
        self._hours = hours

    def is_for_us(self, incoming: Incoming) -> bool:
        """Whether a message in a thread, which mentions nobody, is a question to us. Raises DatabaseUnavailable."""
        if incoming.thread_ts == incoming.ts:
            return False
        settings = self._settings_of(incoming.channel_id)
        mode, hours = settings.follow_ups or self._mode, settings.follow_up_hours or self._hours
        if says_stop(incoming.text):
            mode = "always"
        if mode == "never" or (mode == "questions" and not looks_like_question(incoming.text)):
            return False
        asked = (
            select(questions.c.user_id, questions.c.text)
            .select_from(questions.outerjoin(answers))
            .where(
                # Of what nobody asked us, only what we said something to.
                or_(questions.c.unasked.is_(False), answers.c.question_id.is_not(None)),
                questions.c.team_id == incoming.team_id,
                questions.c.channel_id == incoming.channel_id,
                questions.c.thread_ts == incoming.thread_ts,
                questions.c.accepted_at > now() - hours * 3600,
            )
            .order_by(questions.c.accepted_at.desc())
        )
        with transaction(self._engine) as connection:
            earlier = connection.execute(asked).all()
        if not earlier or says_stop(earlier[0].text):
            return False
        return mode == "always" or any(row.user_id == incoming.user_id for row in earlier)
