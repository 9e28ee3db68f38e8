"""Whether each passage holds what answers the question, by a language model, all in one call."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from rag.domain import Passage
from rag.ports import LLM
from rag.prompting import prompt_about
from rag.techniques.asking import parsed
from rag.techniques.prompts import GRADE

Grade = Literal["correct", "ambiguous", "incorrect"]


class Graded(BaseModel):
    document: int
    grade: Grade


class Grades(BaseModel):
    grades: list[Graded]


def graded(llm: LLM, question: str, passages: Sequence[Passage]) -> list[Grade]:
    """A grade for each passage in order; what the model passes over is ambiguous, and everything where it declines."""
    reply = parsed(llm, prompt_about(GRADE, question, passages), Grades)
    given = {each.document: each.grade for each in reply.grades} if reply else {}
    return [given.get(number, "ambiguous") for number in range(1, len(passages) + 1)]
