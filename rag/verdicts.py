"""A `Check` by the language model itself: which documents support which claims, as a structured verdict. One more call."""

from collections.abc import Sequence

from pydantic import BaseModel

from rag.budget import CountTokens, estimated_tokens
from rag.checking import Source
from rag.claims import Claim
from rag.ports import LLM
from rag.prompting import judging_prompt


class Verdict(BaseModel):
    """The documents whose text makes one claim true; none where it is unsupported."""

    claim: int
    documents: list[int]


class Verdicts(BaseModel):
    verdicts: list[Verdict]


class ByModel:
    """Asks the model that wrote the answer, or any other. A claim that it passes over counts as unsupported."""

    def __init__(
        self, llm: LLM, *, context_tokens: int, count_tokens: CountTokens = estimated_tokens
    ) -> None:
        self._llm = llm
        self._context_tokens = context_tokens
        self._count_tokens = count_tokens

    def __call__(
        self,
        claims: Sequence[Claim],
        sources: Sequence[Source],
        question: str,  # noqa: ARG002 - judged by the documents alone
    ) -> list[tuple[int, ...]]:
        if not claims:
            return []
        messages = judging_prompt(
            [claim.text for claim in claims],
            [(source.passage, source.text) for source in sources],
            context_tokens=self._context_tokens,
            count_tokens=self._count_tokens,
        )
        verdicts = self._llm.parse(messages, Verdicts).verdicts
        found = {verdict.claim: verdict.documents for verdict in verdicts}
        return [
            tuple(number for number in dict.fromkeys(found.get(place, [])) if 1 <= number <= len(sources))
            for place in range(1, len(claims) + 1)
        ]
