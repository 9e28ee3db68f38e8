"""Adaptive planning: no search for a greeting, one for most questions, several steps where one cannot do.

Jeong et al. 2024, "Adaptive-RAG: learning to adapt retrieval-augmented large language models through question complexity"
(https://arxiv.org/abs/2403.14403); the model judges by a structured output instead of a classifier of its own. Without a model only
greetings and thanks are told apart. At most one call, beside those of the several steps.
"""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from rag.ports import LLM, Hits
from rag.prompting import prompt_about
from rag.retrieval import Found, Retrieve, Search, Technique
from rag.techniques.asking import parsed
from rag.techniques.prompts import PLAN

_GREETING = r"hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|moin|hallo|servus|salut|bonjour|hola|ciao"
_THANKS = r"thanks|thank you|thx|ty|cheers|merci|danke|danke schön|gracias|great|perfect|awesome|cool|nice|ok|okay|got it|bye|goodbye"
_ADDED = r"all|everyone|everybody|team|there|folks|again|footnote|bot|so much|a lot|very much|for (?:the|your) help"
_CHAT = re.compile(
    rf"\W*(?:(?:{_GREETING}|{_THANKS})(?:\W+(?:{_ADDED}))*)(?:\W+(?:{_GREETING}|{_THANKS})(?:\W+(?:{_ADDED}))*)*\W*",
    re.IGNORECASE,
)


class Plan(BaseModel):
    steps: Literal["none", "one", "several"]


@dataclass(frozen=True, slots=True)
class Adaptive:
    """`several` is what is done for questions of several steps."""

    llm: LLM | None = None
    several: Technique | None = None

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        if is_chat(search.text):
            return Found((), Hits((), ()), (), (), search.text, needless=True)
        if self.llm is None or self.several is None:
            return retrieve(search)
        plan = parsed(self.llm, prompt_about(PLAN, search.text), Plan)
        if plan and plan.steps == "several":
            return self.several(search, retrieve)
        # "none" for what is no greeting is searched all the same: a document may know, and the model cannot tell.
        return retrieve(search)


def is_chat(text: str) -> bool:
    """Whether the text greets or thanks and asks nothing."""
    return bool(_CHAT.fullmatch(text))
