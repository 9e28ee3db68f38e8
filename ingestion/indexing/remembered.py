"""A language model that is asked nothing twice about a document: what it wrote is kept with the source until the document changes."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ingestion.indexing.telling import Prompt
from ingestion.remembering import Memory
from rag.errors import LLMRefused
from rag.ports import LLM

PREFIX = "written:"
_AT_ONCE = 4  # calls
_LONGEST = 2000  # characters of a reply


class Remembered:
    """Asks for one document. `told` is called after each reply, and what it raises ends the asking."""

    def __init__(self, llm: LLM, memory: Memory, document_id: str, told: Callable[[], None]) -> None:
        self._llm = llm
        self._memory = memory
        self._prefix = prefix_of(document_id)
        self._told = told
        self._known: dict[str, str] = memory.all(self._prefix)
        self._used: set[str] = set()

    def replies(self, prompts: Sequence[Prompt]) -> list[str]:
        """In the order of the prompts, a few at a time; empty where the model declined. Raises LLMUnavailable."""
        keys = [self._key(prompt) for prompt in prompts]
        self._used.update(keys)
        missing = {key: prompt for key, prompt in zip(keys, prompts, strict=True) if key not in self._known}
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="writing")
        try:
            for key, reply in zip(missing, pool.map(self._reply, missing.values()), strict=True):
                self._known[key] = reply
                self._memory.put({key: reply})
                self._told()
        finally:
            # After an error those that were not begun are not: each would be paid for.
            pool.shutdown(cancel_futures=True)
        return [self._known[key] for key in keys]

    def forget_others(self) -> None:
        """Strike out what the document is not told by any more."""
        self._memory.forget(self._known.keys() - self._used)

    def _reply(self, prompt: Prompt) -> str:
        try:
            return self._llm.complete(prompt).strip()[:_LONGEST]
        except LLMRefused:
            return ""

    def _key(self, prompt: Prompt) -> str:
        content = repr((self._llm.name, [(message.role, message.content) for message in prompt]))
        return f"{self._prefix}{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def prefix_of(document_id: str) -> str:
    """With which the keys begin of what was written for the document."""
    return f"{PREFIX}{hashlib.sha256(document_id.encode()).hexdigest()[:32]}:"
