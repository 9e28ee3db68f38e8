"""What can go wrong, and what is done about it. Vendor exceptions become these at the adapters.

* FootnoteError
  + ConfigError            the operator must act; the process ends with one sentence and exit code 2
    - EmbeddingMismatch    the index was built with another embedding model
    - IndexInUse           another process holds the embedded index (usually the running bot)
  + Transient              worth retrying; `retry_after_seconds` if the vendor said when
    - DatabaseUnavailable  EmbedderUnavailable  IndexUnavailable  LLMUnavailable  SlackUnavailable  SourceUnavailable
    - LLMReplyUnusable     an LLMUnavailable that did answer, in a shape that was not asked for
  + Permanent              retrying cannot help; `user_message` is what a person reads
    - DocumentUnreadable   LLMRefused  ReplyImpossible  SourceGone
"""

import traceback
from typing import ClassVar


class FootnoteError(Exception):
    """Any error that Footnote knows how to handle."""


class ConfigError(FootnoteError):
    """A setting, a file or a folder must be changed by the operator; the text is the one sentence to print."""


class EmbeddingMismatch(ConfigError):
    """The index was built with another embedding model; the text names the command that rebuilds it."""


class IndexInUse(ConfigError):
    """Another process holds the embedded index; the text says which folder."""


class Transient(FootnoteError):
    """Something outside did not answer; the same call may succeed later."""

    user_message: ClassVar[str] = (
        "I could not reach one of the services I need just now. Please ask again in a few minutes."
    )

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class DatabaseUnavailable(Transient):
    pass


class EmbedderUnavailable(Transient):
    pass


class IndexUnavailable(Transient):
    user_message = (
        "I could not reach the index of your documents just now. Please ask again in a few minutes."
    )


class LLMUnavailable(Transient):
    user_message = "The language model did not answer in time. Please ask again in a few minutes."


class LLMReplyUnusable(LLMUnavailable):
    """The model replied, but not in the shape that was asked for. What the reply was only to improve goes on without it."""


class SlackUnavailable(Transient):
    pass


class SourceUnavailable(Transient):
    pass


class Permanent(FootnoteError):
    """Trying again would end the same way."""

    user_message: ClassVar[str] = (
        "Something went wrong on my side and I could not answer. The people who run me can see the details."
    )


class DocumentUnreadable(Permanent):
    """A document that cannot become text; `str(error)` is the reason in words a person understands."""


class SourceGone(Permanent):
    """A source that we may no longer hold: deleted, or our right to read it was taken away. What was indexed of it goes too.

    The text is a sentence that says why.
    """


class LLMRefused(Permanent):
    user_message = (
        "The language model would not answer this. Try asking in other words, or look at the pages directly."
    )


class ReplyImpossible(Permanent):
    """Slack will never take the reply: the channel or thread is gone, or the bot was removed from it."""


def where(error: BaseException) -> str:
    """An error's type and place for the log, without its message: the message may hold content."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
