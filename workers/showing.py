"""An answer as it is shown where its question was asked. Pure."""

from rag.domain import Answer
from workers.ledger import Incoming
from workers.rendering import Rendered, render


def shown(
    question_id: str,
    incoming: Incoming,
    answer: Answer,
    *,
    people: bool = False,
    chosen: int | None = None,
) -> Rendered:
    """The question stands above its answer where no message of the asker does: in private, and where it was shared."""
    shared = not incoming.thread_ts
    return render(
        answer,
        question_id=question_id,
        restated=incoming.text if incoming.is_private or shared else None,
        asker=incoming.user_id if shared else None,
        private=incoming.is_private,
        unasked=incoming.unasked,
        people=people,
        chosen=chosen,
    )
