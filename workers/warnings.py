"""What a reader should know of the sources of an answer: that one could not be read lately, that one does not hold any more."""

from dataclasses import replace
from typing import Protocol

from ingestion.runs import Runs
from rag.conflicts import superseded
from rag.domain import Answer


class Warnings(Protocol):
    def of(self, answer: Answer) -> Answer:
        """The answer, its citations with what is to be known of them. Raises DatabaseUnavailable."""


class SourceWarnings:
    """Looked up once, when an answer is new: what is stored tells how things stood."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def of(self, answer: Answer) -> Answer:
        if not answer.citations:
            return answer
        unread, stale = self._runs.unread_since(), superseded(answer.passages)
        citations = (
            replace(
                citation,
                unread_since=unread.get(citation.source_id),
                superseded=(citation.source_id, citation.document_id) in stale,
            )
            for citation in answer.citations
        )
        return replace(answer, citations=tuple(citations))


class NoWarnings:
    """Where nothing is known of the sources."""

    def of(self, answer: Answer) -> Answer:
        return answer
