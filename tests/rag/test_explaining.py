"""What is told of a search is what the search does: over the real index, with words as the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rag.adapters.edge import EdgeIndex
from rag.answering import Answerer
from rag.domain import Audience, Chunk, Outcome, Passage, Question, Scope
from rag.explaining import as_indexed
from rag.ports import LLM, Write
from rag.retrieval import Found, Retrieve, Retriever, Search, Technique, planned
from rag.techniques.recency import Recency
from rag.techniques.reranking import Reranking
from rag.techniques.spelling import Spelling
from tests.fakes import MEMBERS_OF_T, ScriptedModel, WordEmbedder

LONG = "Each member of the team may take annual leave when the lead has agreed and the plan shows no other leave in that same week."
PAGES = {
    "leave.md": "Full-time employees have 25 days of annual leave. Unused days expire on 31 March.",
    "sick.md": "Sick leave is told to the lead on the first day before nine.",
    "bikes.md": "Bicycles stand in the cellar. The code of the cellar door is 4711.",
    "plan.md": LONG,
    "plan-copy.md": LONG,
    "parents.md": "Parental leave takes up to 16 weeks.",
}
SECRET = Audience("T", frozenset({"members", "channel:C9"}))


def chunk_of(name: str, source: str = "handbook") -> Chunk:
    readers = frozenset({"channel:C9"} if name == "bikes.md" else {"members"})
    return Chunk("T", source, name, 0, name, (), PAGES[name], f"https://x.example/{name}", readers)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EdgeIndex]:
    embedder = WordEmbedder()
    index = EdgeIndex.open(tmp_path / "index", embedder=embedder)
    for name in PAGES:
        chunk = chunk_of(name)
        vector = embedder.embed_query(chunk.indexed_text)
        index.replace("T", "handbook", name, writes=[Write(chunk, vector)], removed=[])
    yield index
    index.close()


@dataclass
class ByLength:
    """A reranker that likes long texts."""

    name: str = "length"

    def scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        return [float(len(passage.chunk.text)) for passage in passages]


@dataclass
class Without:
    """Judges that one document answers nothing."""

    document_id: str

    def __call__(self, search: Search, retrieve: Retrieve) -> Found:
        found = retrieve(search)
        return found.ranked([one for one in found.candidates if one.chunk.document_id != self.document_id])


PLANS: dict[str, tuple[Technique, ...]] = {
    "none": (),
    "usual": (Recency(), Spelling(len)),
    "reranked": (Reranking(ByLength(), weight=5),),
    "judged": (Without("sick.md"), Recency()),
}


def answerer(
    index: EdgeIndex, plan: tuple[Technique, ...] = (), llm: LLM | None = None, threshold: float = 0.1
) -> Answerer:
    embedder = WordEmbedder()
    retriever = Retriever(embedder, index, candidates=20, passages=2)
    return Answerer(
        retriever, embedder, llm, answer_threshold=threshold, context_tokens=4000, techniques=plan
    )


def ask(text: str, audience: Audience = MEMBERS_OF_T, **more: Any) -> Question:
    return Question(text, audience, **more)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("audience", [MEMBERS_OF_T, SECRET, Audience("T", frozenset())])
@pytest.mark.parametrize("text", ["annual leave", "code of the cellar door", "anual laeve of employees"])
def test_the_passages_explained_are_those_that_retrieval_returns(
    index: EdgeIndex, plan: str, audience: Audience, text: str
) -> None:
    retriever = Retriever(WordEmbedder(), index, candidates=20, passages=2)
    found = planned(retriever.retrieve, PLANS[plan])(Search(text, audience))
    told = answerer(index, PLANS[plan]).explain(ask(text, audience))
    assert [one.chunk for one in told.used] == [passage.chunk for passage in found.passages]
    kept = [one for one in told.candidates if one.rank is not None]
    assert [(one.chunk, one.score, one.rank) for one in kept] == [
        (passage.chunk, passage.score, passage.rank) for passage in found.candidates
    ]
    assert all(one.readers and one.readers <= audience.readers for one in told.candidates)
    assert told.answer == answerer(index, PLANS[plan]).answer(ask(text, audience))


def test_the_scores_are_those_of_the_index_and_the_fusion(index: EdgeIndex) -> None:
    retriever = Retriever(WordEmbedder(), index, candidates=20, passages=2)
    found = retriever.retrieve(Search("annual leave", MEMBERS_OF_T))
    told = {one.chunk.document_id: one for one in answerer(index).explain(ask("annual leave")).candidates}
    for hit in found.hits.dense:
        assert told[hit.chunk.document_id].meaning == hit.score
    for hit in found.hits.sparse:
        assert told[hit.chunk.document_id].words == hit.score
    assert told["leave.md"].fused == told["leave.md"].score == found.passages[0].score


def test_what_was_dropped_says_why(index: EdgeIndex) -> None:
    told = answerer(index, PLANS["judged"]).explain(ask("leave of members in the week"))
    fates = {one.chunk.document_id: one.fate for one in told.candidates}
    assert sorted([fates["plan.md"], fates["plan-copy.md"]]) == ["copy", "used"]
    assert fates["sick.md"] == "left out"
    assert "below" in fates.values()
    assert "bikes.md" not in fates


def test_the_reranker_is_seen_to_change_the_order(index: EdgeIndex) -> None:
    told = answerer(index, PLANS["reranked"]).explain(ask("annual leave"))
    assert told.steps == ("Reranking",)
    assert any(one.score != one.fused for one in told.used)


def test_a_slip_is_searched_for_twice_and_told_as_it_was_meant(index: EdgeIndex) -> None:
    told = answerer(index, PLANS["usual"]).explain(ask("parrental leave"))
    assert (told.text, told.searches, told.steps) == ("parental leave", 2, ("Spelling",))


def test_what_who_asks_may_read_and_the_others_not_is_told_apart(index: EdgeIndex) -> None:
    question = ask("code of the cellar door")
    alone, beside = answerer(index).explain(question), answerer(index).explain(question, beside=SECRET)
    assert {one.chunk.document_id for one in alone.candidates}.isdisjoint({"bikes.md"})
    [withheld] = [one for one in beside.candidates if one.fate == "not for them"]
    assert (withheld.chunk.document_id, withheld.readers, withheld.score) == ("bikes.md", frozenset(), None)
    assert beside.answer == alone.answer
    assert answerer(index).explain(question, beside=MEMBERS_OF_T).candidates == alone.candidates


def test_what_is_not_searched_there_is_told_apart(index: EdgeIndex) -> None:
    question = ask("annual leave", scope=Scope(source_ids=frozenset({"wiki"})))
    told = answerer(index).explain(question, beside=MEMBERS_OF_T)
    assert {one.fate for one in told.candidates} == {"not searched"}
    assert told.answer.outcome is Outcome.NOT_FOUND


def test_the_decision_is_the_answers(index: EdgeIndex) -> None:
    sure = answerer(index, threshold=0).explain(ask("annual leave"))
    unsure = answerer(index, threshold=1).explain(ask("annual leave"))
    assert (sure.answer.outcome, sure.threshold) == (Outcome.ANSWERED, 0)
    assert (unsure.answer.outcome, unsure.threshold) == (Outcome.NOT_FOUND, 1)
    assert sure.answer.confidence == unsure.answer.confidence
    written = answerer(index, llm=ScriptedModel(["25 days [1]."])).explain(ask("annual leave"))
    assert (written.answer.outcome, written.threshold) == (Outcome.ANSWERED, None)


def test_a_chunk_is_shown_as_indexed_and_only_to_its_readers(index: EdgeIndex) -> None:
    bikes, embedder = chunk_of("bikes.md"), WordEmbedder()
    assert as_indexed(index, embedder, bikes.point_id, MEMBERS_OF_T) is None
    assert as_indexed(index, embedder, bikes.point_id, Audience("U", SECRET.readers)) is None
    shown = as_indexed(index, embedder, bikes.point_id, SECRET)
    assert shown is not None
    assert shown.indexed_text == bikes.indexed_text
    assert as_indexed(index, embedder, replace(bikes, text="gone").point_id, SECRET) is None
