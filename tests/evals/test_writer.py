"""The stand-in for a language model: it speaks the protocol, and says only what it was shown."""

from evals.writer import Writer, written
from rag.adapters.openai import OpenAILLM
from rag.ports import Message

PROMPT = (
    '<document number="1" title="Leave">\nFull-time employees have 25 days of annual leave. Ask.\n</document>\n'
    '<document number="2" title="Bikes">\nshort\n</document>\n<question>\nhow many?\n</question>'
)


def test_it_copies_sentences_with_the_marks_of_their_documents() -> None:
    assert written(PROMPT) == "Full-time employees have 25 days of annual leave. [1]"
    assert written("nothing") == "The documents do not say."


def test_it_writes_word_by_word() -> None:
    with Writer(thinking_seconds=0, word_seconds=0) as writer:
        llm = OpenAILLM(writer.base_url, "none", "writer", 5)
        pieces = [*llm.stream([Message("user", PROMPT)])]
        assert "".join(pieces) == llm.complete([Message("user", PROMPT)]) == written(PROMPT)
        assert len(pieces) > 5
        llm.close()
