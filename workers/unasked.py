"""Questions that nobody asked us, in channels where they are answered all the same: only what is sure enough to be of use is said.

Whatever else comes of one is never seen. No placeholder, no apology, no hint; and no word where a person was quicker.
"""

from rag.domain import Answer, Outcome
from workers.asked import Incoming
from workers.channels import SettingsOf
from workers.following import looks_like_question
from workers.ledger import Ledger

MOST_AN_HOUR = 20
"""Answers that nobody asked for, in one channel."""


class Unasked:
    """Reads the channels' settings at each question: one that was switched off is quiet from then on. Raises DatabaseUnavailable."""

    def __init__(self, ledger: Ledger, settings_of: SettingsOf) -> None:
        self._ledger = ledger
        self._settings_of = settings_of

    def is_looked_at(self, incoming: Incoming) -> bool:
        """Whether an answer is looked for to a message that starts no thread of ours and is addressed to nobody."""
        bar = self._settings_of(incoming.channel_id).auto_answer
        return bar is not None and looks_like_question(incoming.text)

    def is_worth_saying(self, incoming: Incoming, answer: Answer) -> bool:
        """Whether the answer, which is stored, reaches the channel's bar, and the channel has not heard enough of us."""
        bar = self._settings_of(incoming.channel_id).auto_answer
        return (
            bar is not None
            and answer.outcome is Outcome.ANSWERED
            and answer.confidence >= bar
            and looks_like_question(incoming.text)  # it may have been edited
            and self._ledger.unasked_answers(incoming.team_id, incoming.channel_id) <= MOST_AN_HOUR
        )
