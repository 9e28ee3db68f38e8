"""A file shared in the admin channel → what is proposed of it."""

from collections.abc import Callable

from bot.admin.source_proposal import Draft, draft_of, proposal_message
from bot.messages import Event, files_of
from ingestion.estimating import Estimate
from ingestion.kinds import Proposal
from ingestion.sources.slack_files import KIND
from rag.domain import channel_readers
from rag.errors import DocumentUnreadable, Transient
from workers.admin.looking import Looked
from workers.admin.source_admin import SourceAdmin
from workers.admin.source_words import sentence
from workers.asked import File
from workers.elements import shortened, text_element
from workers.rendering import Rendered, defused

MOST = 5
"""Files of one message that are proposed."""

NOT_NOW = "I could not look into that file just now. Please share it again in a few minutes."
_NAME_CHARS, _ABOUT_CHARS = 120, 150

Look = Callable[[str], Looked]
Cost = Callable[[int | None, int | None], Estimate]


def dropped_files(event: Event, bot_user_id: str) -> tuple[File, ...]:
    """The files of a message that asks us nothing: what comes with a mention belongs to a question."""
    if event.get("subtype") != "file_share" or f"<@{bot_user_id}" in str(event.get("text") or ""):
        return ()
    return files_of(event)[:MOST]


class DroppedFiles:
    """`look` reads a file through; `cost` is told its pages and chunks."""

    def __init__(self, admin: SourceAdmin, look: Look, cost: Cost) -> None:
        self._admin = admin
        self._look = look
        self._cost = cost

    def proposal(self, file: File, channel_id: str) -> Rendered:
        """Takes some seconds. By itself it is for those alone who see it already, the members of the channel.

        Raises DatabaseUnavailable.
        """
        if known := self._admin.known(Proposal(KIND, file.id, "")):
            return _said(f"That is the source {known.name} already. It follows the file in Slack by itself.")
        try:
            looked = self._look(file.id)
        except DocumentUnreadable as error:
            return _said(f"I can't make a source of {_named(file.name)}: it {error}.")
        except Transient:
            return _said(NOT_NOW)
        return proposal_message(self._draft(file, looked, channel_id))

    def _draft(self, file: File, looked: Looked, channel_id: str) -> Draft:
        name = self._unused(_named(looked.title or looked.name), file.id)
        about = ", ".join(filter(None, (looked.form, shortened(looked.name, _ABOUT_CHARS))))
        draft = draft_of(
            Proposal(KIND, file.id, name),
            frozenset({channel_readers(channel_id)}),
            self._cost(looked.pages, looked.chunks),
        )
        return Draft(draft.proposal, draft.readers, draft.every_seconds, draft.estimate, defused(about))

    def _unused(self, name: str, file_id: str) -> str:
        """Files are often called alike, sources never."""
        taken = {source.name for source in self._admin.sources()}
        return f"{name} ({file_id})" if name in taken else name


def _named(name: str) -> str:
    return (
        shortened("".join(letter if letter.isprintable() else " " for letter in name), _NAME_CHARS)
        or "the file"
    )


def _said(text: str) -> Rendered:
    return sentence([text_element(defused(text))])
