"""Follow-up rewriting: a question that leans on the conversation becomes one that stands alone.

With an LLM, as in conversational query rewriting (Elgohary et al. 2019, "Can You Unpack That?", CANARD). Without one, a
heuristic: a question that points back ("and for part-timers?", "how long does that take") is searched together with the
last question before it that stood alone.
"""

import re

from rag.budget import CountTokens, estimated_tokens
from rag.domain import Question
from rag.ports import LLM
from rag.prompting import REWRITING_TOKENS, rewriting_prompt

_POINTS_BACK = re.compile(
    r"""^(and|also|but|or|so|then|ok|okay|what\ about|how\ about|what\ if|same|why|why\ not|really|which|who|when|where|
        how\ (long|much|many|often|far))\b
      | \b(it|its|that|this|these|those|they|them|their|there|he|she|him|her|his|one|ones|else|instead|too|either|neither|
        same|both|other|others|another|more|above|such)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_SHORT = 4  # words; below this a question hardly names its subject


def standalone(
    question: Question,
    llm: LLM | None,
    *,
    context_tokens: int = REWRITING_TOKENS,
    count_tokens: CountTokens = estimated_tokens,
) -> str:
    """The question's text with what it leaves to the conversation filled in; unchanged where there is none.

    The prompt stays within `context_tokens`.
    """
    if not question.history:
        return question.text
    if llm is None:
        return _joined(question)
    prompt = rewriting_prompt(question, context_tokens=context_tokens, count_tokens=count_tokens)
    rewritten = llm.complete(prompt).strip()
    return rewritten if 0 < len(rewritten) <= len(question.text) + 500 else question.text


def _joined(question: Question) -> str:
    if not points_back(question.text):
        return question.text
    asked = [turn.text for turn in question.history if turn.author == "asker"]
    if not asked:
        return question.text
    subject = next((text for text in reversed(asked) if not points_back(text)), asked[0])
    return f"{subject}\n{question.text}"


def points_back(text: str) -> bool:
    """Whether the text seems to lean on what was said before."""
    return len(_WORD.findall(text)) < _SHORT or bool(_POINTS_BACK.search(text))
