"""Other questions for a question, from a language model, within limits of number and length."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from rag.errors import LLMRefused, LLMReplyUnusable
from rag.ports import LLM, Message
from rag.prompting import prompt_about

LONGEST = 500
"""Characters of a query; what is longer is no query."""

Model = TypeVar("Model", bound=BaseModel)


class Queries(BaseModel):
    queries: list[str]


def queries(llm: LLM, rules: str, question: str, *, most: int) -> tuple[str, ...]:
    """At most `most` queries, none twice, none equal to the question; none where the model declines
    or does not reply in the shape that was asked for. One call.

    Raises LLMUnavailable.
    """
    reply = parsed(llm, prompt_about(rules, question, context=f"Give {most}."), Queries)
    seen = {question.casefold()}
    kept: list[str] = []
    for query in (" ".join(query.split()) for query in (reply.queries if reply else [])):
        if 0 < len(query) <= LONGEST and query.casefold() not in seen:
            seen.add(query.casefold())
            kept.append(query)
    return tuple(kept[:most])


def parsed(llm: LLM, messages: Sequence[Message], model: type[Model]) -> Model | None:
    """The structured reply, None where there is none to use: the question is then searched as it is. One call.

    A wrong key or a wrong model is an error all the same: nobody would notice it otherwise.
    """
    return _unless_declined(lambda: llm.parse(messages, model))


def completed(llm: LLM, messages: Sequence[Message]) -> str | None:
    """The reply as text, None where the model declines. One call."""
    return _unless_declined(lambda: llm.complete(messages).strip())


Reply = TypeVar("Reply")


def _unless_declined(call: Callable[[], Reply]) -> Reply | None:
    try:
        return call()
    except (LLMRefused, LLMReplyUnusable):
        return None
