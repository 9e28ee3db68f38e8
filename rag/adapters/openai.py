"""A language model behind any endpoint that speaks OpenAI's chat completions."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import openai
from pydantic import BaseModel, ValidationError

from rag.adapters.openai_errors import RequestRejected, endpoint_errors
from rag.errors import LLMRefused, LLMUnavailable
from rag.noting import count
from rag.ports import Message

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.chat.chat_completion_chunk import Choice

Model = TypeVar("Model", bound=BaseModel)
Reply = TypeVar("Reply")

DEFAULT_BASE_URL = "https://api.openai.com/v1"

_CONNECT_SECONDS = 5.0


class OpenAILLM:
    """An `LLM` for any number of threads.

    `timeout_seconds` is the longest silence of the endpoint. A connection that breaks before the reply begins is made
    once more; waiting longer is the caller's, who is told how long by `retry_after_seconds`. Besides LLMUnavailable
    and LLMRefused, methods raise Permanent where a setting is wrong, with a text that names it.
    """

    def __init__(self, base_url: str | None, api_key: str, model: str, timeout_seconds: float) -> None:
        self.name = model
        self._knows_schemas = True
        self._client = openai.OpenAI(
            base_url=base_url or DEFAULT_BASE_URL,
            api_key=api_key,
            timeout=openai.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            # The library would sleep through a Retry-After of two minutes in a worker's thread.
            max_retries=0,
        )
        self._chat = self._client.chat.completions

    def complete(self, messages: Sequence[Message]) -> str:
        with endpoint_errors(self.name):
            completion = self._connected(lambda: self._chat.create(model=self.name, messages=_wire(messages)))
            choice = completion.choices[0]
            self._check(choice.finish_reason, choice.message.refusal)
            return self._not_empty(choice.message.content)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        with endpoint_errors(self.name):
            chunks = self._connected(
                lambda: self._chat.create(model=self.name, messages=_wire(messages), stream=True)
            )
            with chunks:
                yield from self._pieces(choice for chunk in chunks for choice in chunk.choices)

    def parse(self, messages: Sequence[Message], model: type[Model]) -> Model:
        reply: Model | None = None
        if self._knows_schemas:
            try:
                reply = self._by_schema(messages, model)
            except RequestRejected:
                reply = self._by_instruction(messages, model)
                # Had the messages been the reason, this too would have been rejected.
                self._knows_schemas = False
        return self._by_instruction(messages, model) if reply is None else reply

    def close(self) -> None:
        self._client.close()

    def _by_schema(self, messages: Sequence[Message], model: type[Model]) -> Model | None:
        """The reply as the endpoint shapes it, None where it took the schema and paid no heed to it."""
        with endpoint_errors(self.name):
            try:
                completion = self._connected(
                    lambda: self._chat.parse(model=self.name, messages=_wire(messages), response_format=model)
                )
            except ValidationError:
                return None
            choice = completion.choices[0]
            self._check(choice.finish_reason, choice.message.refusal)
            self._not_empty(choice.message.content)
            return choice.message.parsed

    def _by_instruction(self, messages: Sequence[Message], model: type[Model]) -> Model:
        """The reply of an endpoint without structured outputs: the schema is asked for in words."""
        schema = json.dumps(model.model_json_schema(), ensure_ascii=False)
        instruction = f"Reply with one JSON object that fits this JSON schema, and nothing else:\n{schema}"
        text = self.complete([*messages, Message("system", instruction)])
        with endpoint_errors(self.name):
            return model.model_validate_json(text[text.find("{") : text.rfind("}") + 1])

    def _pieces(self, choices: Iterable["Choice"]) -> Iterator[str]:
        finish_reason, empty = None, True
        for choice in choices:
            self._check(choice.finish_reason, choice.delta.refusal)
            finish_reason = choice.finish_reason or finish_reason
            if piece := choice.delta.content:
                empty = empty and not piece.strip()
                yield piece
        if finish_reason is None:
            raise LLMUnavailable(f"The reply of {self.name} was cut off.")
        if empty:
            raise LLMUnavailable(f"{self.name} sent an empty reply.")

    def _check(self, finish_reason: str | None, refusal: str | None) -> None:
        if refusal or finish_reason == "content_filter":
            raise LLMRefused(f"{self.name} refused to reply.")

    def _not_empty(self, text: str | None) -> str:
        if text is None or not text.strip():
            raise LLMUnavailable(f"{self.name} sent an empty reply.")
        return text

    def _connected(self, call: Callable[[], Reply]) -> Reply:
        """The call, made again once if the connection fails: the endpoint may have closed one that was kept open."""
        count("llm call")
        try:
            return call()
        except openai.APITimeoutError:
            raise
        except openai.APIConnectionError:
            count("llm retry")
            return call()


def _wire(messages: Sequence[Message]) -> list["ChatCompletionMessageParam"]:
    return cast(
        "list[ChatCompletionMessageParam]",
        [{"role": message.role, "content": message.content} for message in messages],
    )
