"""A task in, a reply out: whatever reading raises, something is said."""

from collections.abc import Callable, Iterator

from ingestion.confined.messages import CRASHED, LONGEST_REASON, Orders, Reply, Task, too_much
from ingestion.parsing import DocumentEmpty
from ingestion.reading import read
from rag.errors import DocumentUnreadable


def answer(task: Task, data: bytes, count_tokens: Callable[[str], int], orders: Orders) -> Reply:
    """The reading of these bytes, or why there is none."""
    try:
        reading = read(
            data,
            task.name,
            url=task.url,
            media_type=task.media_type,
            by_line=task.by_line,
            count_tokens=count_tokens,
            max_tokens=orders.max_tokens,
        )
        return Reply(outcome="read", reading=reading)
    except Exception as error:  # noqa: BLE001 - parsers raise what they like
        return _refusal(error, orders)


def finished(reply: Reply, *, last: bool) -> bytes:
    """The reply as it is sent."""
    try:
        return reply.model_copy(update={"last": last}).model_dump_json().encode()
    except (MemoryError, ValueError):  # too much to write down, or not Unicode
        return Reply(outcome="cut short", last=True).model_dump_json().encode()


def _refusal(error: Exception, orders: Orders) -> Reply:
    if any(isinstance(cause, MemoryError) for cause in _causes(error)):
        return Reply(outcome="cut short", reason=too_much(orders.megabytes))
    match error:
        case DocumentEmpty():
            return Reply(outcome="empty", reason=str(error)[:LONGEST_REASON])
        case DocumentUnreadable():
            return Reply(outcome="unreadable", reason=str(error)[:LONGEST_REASON])
        case _:
            return Reply(outcome="cut short", reason=CRASHED)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that it came of: a parser calls a lack of memory a malformed file."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
