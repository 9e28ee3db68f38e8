"""The techniques that ask a language model: how often, what they search, and what is left when it declines or lies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from rag.adapters.openai import OpenAILLM
from rag.domain import Audience, Chunk, Passage, Scope
from rag.errors import ConfigError, LLMUnavailable, Permanent
from rag.ports import LLM, Hits
from rag.retrieval import Found, Note, Search, Technique, planned
from rag.techniques.adaptive import Adaptive
from rag.techniques.crag import CorrectiveRag
from rag.techniques.decomposition import Decomposition
from rag.techniques.hyde import HyDE
from rag.techniques.multi_query import MultiQuery
from rag.techniques.plan import NAMES, WITH_LLM, Parts, plan
from rag.techniques.query_construction import QueryConstruction
from rag.techniques.rag_fusion import RagFusion
from rag.techniques.routing import Described, LogicalRouting
from rag.techniques.self_rag import Critique, Relevant, critique
from rag.techniques.step_back import StepBack
from tests.fakes import WordEmbedder
from tests.scripted_llm import Fault, ScriptedLLM

AUDIENCE = Audience("T", frozenset({"members"}))
ASKED = Search("may I carry three days over", AUDIENCE, Scope(source_ids=frozenset({"wiki", "drive"})))
SOURCES = {
    "wiki": Described("Wiki", "how we work"),
    "drive": Described("Our drive", "contracts"),
    "secret": Described("secret", "board minutes"),
}


def passage(name: str, rank: int = 1, text: str = "") -> Passage:
    chunk = Chunk(
        "T", "wiki", name, 0, name, (), text or f"the text of {name} alone", "u", frozenset({"members"})
    )
    return Passage(chunk, 1 / rank, rank)


@dataclass
class Shelf:
    """Finds a page named like each query, after one that every query finds; remembers the searches."""

    searches: list[Search] = field(default_factory=list)
    empty_in: Callable[[Scope], bool] = lambda scope: False

    def __call__(self, search: Search) -> Found:
        self.searches.append(search)
        if self.empty_in(search.scope):
            return Found((), Hits((), ()), (), (), search.text)
        passages = (passage("everywhere", 1), passage(f"on {search.text}", 2))
        return Found((1.0,), Hits(passages, ()), passages, passages, search.text)

    @property
    def texts(self) -> list[str]:
        return [search.text for search in self.searches]


@pytest.fixture
def scripted() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as llm:
        yield llm


@pytest.fixture
def llm(scripted: ScriptedLLM) -> Iterator[LLM]:
    model = OpenAILLM(base_url=scripted.base_url, api_key="x", model="scripted", timeout_seconds=5)
    yield model
    model.close()


def names(found: Found) -> list[str]:
    return [passage.chunk.document_id for passage in found.passages]


def sources(_: Audience) -> dict[str, Described]:
    return SOURCES


def test_multi_query_searches_each_wording_and_unites_what_is_found(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"queries": ["b", "a", "B ", "", "x" * 501, ASKED.text.upper()]})
    shelf = Shelf()
    found = MultiQuery(llm)(ASKED, shelf)
    assert shelf.texts == [ASKED.text, "b", "a"]
    assert [passage.chunk.document_id for passage in found.candidates] == [
        "everywhere", f"on {ASKED.text}", "on b", "on a",
    ]  # fmt: skip
    assert len(found.passages) == 2
    assert (found.text, found.vector, len(scripted.requests)) == (ASKED.text, (1.0,), 1)
    assert ASKED.text in scripted.requests[0].prompt


def test_rag_fusion_scores_by_reciprocal_ranks_with_k_sixty(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"queries": ["a", "b", "c", "d", "too many"]})
    shelf = Shelf()
    found = RagFusion(llm)(ASKED, shelf)
    assert shelf.texts == [ASKED.text, "a", "b", "c", "d"]
    assert found.candidates[0].chunk.document_id == "everywhere"
    assert found.candidates[0].score == pytest.approx(5 / 61)
    assert found.candidates[1].score == pytest.approx(1 / 62)


def test_step_back_searches_the_general_question_too(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"queries": ["rules for carrying leave over"]})
    shelf = Shelf()
    StepBack(llm)(ASKED, shelf)
    assert shelf.texts == [ASKED.text, "rules for carrying leave over"]


def test_hyde_searches_by_the_meaning_of_a_passage_and_by_the_words_of_the_question(
    scripted: ScriptedLLM, llm: LLM
) -> None:
    scripted.enqueue("Leave may be carried over.", "Up to five days.")
    shelf = Shelf()
    HyDE(llm, passages=2)(ASKED, shelf)
    assert shelf.searches == [replace(ASKED, hypotheses=("Leave may be carried over.", "Up to five days."))]


@pytest.mark.parametrize("recursive", [True, False])
def test_decomposition_answers_the_parts_and_carries_the_answers_on(
    scripted: ScriptedLLM, llm: LLM, recursive: bool
) -> None:
    scripted.enqueue({"queries": ["how much leave", "until when"]}, "25 days. [1]", "NOT_IN_DOCUMENTS")
    shelf = Shelf()
    found = Decomposition(llm, recursive=recursive)(ASKED, shelf)
    assert shelf.texts == [ASKED.text, "how much leave", "until when"]
    assert found.notes == (Note("how much leave", "25 days."),)
    assert len(scripted.requests) == 3
    assert ("25 days." in scripted.requests[2].prompt) is recursive
    assert "the text of on until when" in scripted.requests[2].prompt


def test_logical_routing_searches_the_sources_named_and_no_others(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"sources": ["our drive ", "secret", "drive"]})
    shelf = Shelf()
    LogicalRouting(llm, sources)(ASKED, shelf)
    assert [search.scope.source_ids for search in shelf.searches] == [{"drive"}]
    assert "board minutes" not in scripted.requests[0].prompt  # outside the scope that was given


def test_where_the_routed_sources_hold_nothing_all_are_searched(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"sources": ["Our drive"]})
    shelf = Shelf(empty_in=lambda scope: scope.source_ids == {"drive"})
    assert LogicalRouting(llm, sources)(ASKED, shelf).passages
    assert [search.scope for search in shelf.searches] == [
        replace(ASKED.scope, source_ids=frozenset({"drive"})),
        ASKED.scope,
    ]


def test_a_filter_is_made_of_what_is_said(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue(
        {"sources": ["wiki"], "author": "Ines", "path": "runbooks/", "since": "2026-03-01", "until": "spring"}
    )
    shelf = Shelf()
    asked = replace(ASKED, text="what did ines write in runbooks since March 2026?")
    QueryConstruction(llm, sources)(asked, shelf)
    assert shelf.searches[0].scope == Scope(
        frozenset({"wiki"}), frozenset({"Ines"}), "runbooks/", datetime(2026, 3, 1, tzinfo=UTC), None
    )


def test_a_filter_holds_no_author_or_path_that_the_question_does_not_name(
    scripted: ScriptedLLM, llm: LLM
) -> None:
    scripted.enqueue({"author": "Ines", "path": "runbooks/"})
    shelf = Shelf()
    QueryConstruction(llm, sources)(ASKED, shelf)
    assert shelf.searches == [ASKED]


def test_adaptive_takes_as_many_steps_as_the_question_needs(scripted: ScriptedLLM, llm: LLM) -> None:
    adaptive = Adaptive(llm, StepBack(llm))
    for steps, searches in (("one", 1), ("none", 1), ("several", 2)):
        scripted.enqueue({"steps": steps}, *([{"queries": ["general"]}] if steps == "several" else []))
        shelf = Shelf()
        adaptive(ASKED, shelf)
        assert len(shelf.searches) == searches
    shelf = Shelf()
    calls = len(scripted.requests)
    assert adaptive(replace(ASKED, text="thanks a lot!"), shelf).needless
    assert (shelf.searches, len(scripted.requests)) == ([], calls)


def grades(*given: str) -> dict[str, Any]:
    return {"grades": [{"document": number, "grade": grade} for number, grade in enumerate(given, start=1)]}


def test_crag_keeps_what_is_right(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue(grades("incorrect", "correct"))
    found = CorrectiveRag(llm)(ASKED, Shelf())
    assert names(found) == [f"on {ASKED.text}"]
    assert [passage.rank for passage in found.passages] == [1]
    assert len(scripted.requests) == 1


def test_crag_searches_anew_where_nothing_is_right(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue(
        grades("incorrect", "incorrect"), {"queries": ["carry over"]}, grades("incorrect", "correct")
    )
    shelf = Shelf()
    found = CorrectiveRag(llm)(ASKED, shelf)
    assert shelf.texts == [ASKED.text, "carry over"]
    assert names(found) == ["on carry over"]
    assert found.text == ASKED.text


def test_crag_joins_both_where_it_is_unsure(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue(
        grades("incorrect", "ambiguous"), {"queries": ["carry over"]}, grades("incorrect", "correct")
    )
    assert names(CorrectiveRag(llm)(ASKED, Shelf())) == [f"on {ASKED.text}"]
    scripted.enqueue(
        grades("ambiguous", "ambiguous"), {"queries": ["carry over"]}, grades("incorrect", "correct")
    )
    found = CorrectiveRag(llm)(ASKED, Shelf())
    assert "on carry over" in {passage.chunk.document_id for passage in found.candidates}


def test_crag_finds_nothing_rather_than_something_wrong(scripted: ScriptedLLM, llm: LLM) -> None:
    wrong = grades("incorrect", "incorrect")
    scripted.enqueue(wrong, {"queries": ["carry over"]}, wrong)
    found = CorrectiveRag(llm)(ASKED, Shelf())
    assert found.passages == ()
    assert found.candidates  # the nearest pages can still be offered


def test_self_rag_reads_what_is_relevant_and_judges_the_answer(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue(grades("correct", "incorrect"), {"grounded": True, "useful": False})
    found = Relevant(llm)(ASKED, Shelf())
    assert names(found) == ["everywhere"]
    assert critique(llm, ASKED.text, "Yes. [1]", found.passages) == Critique(grounded=True, useful=False)
    assert "Yes. [1]" in scripted.requests[1].prompt


def test_techniques_compose(scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.enqueue({"sources": ["wiki"]}, {"queries": ["general"]}, "A passage.", "Another.")
    shelf = Shelf()
    planned(shelf, [LogicalRouting(llm, sources), StepBack(llm), HyDE(llm)])(ASKED)
    assert shelf.texts == [ASKED.text, "general"]
    assert {search.scope.source_ids for search in shelf.searches} == {frozenset({"wiki"})}
    assert [search.hypotheses for search in shelf.searches] in (
        [("A passage.",), ("Another.",)],
        [("Another.",), ("A passage.",)],
    )


@pytest.mark.parametrize("name", WITH_LLM)
def test_a_model_that_declines_leaves_the_plain_search(name: str, scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.default = lambda _: Fault("refusal")
    shelf = Shelf()
    found = WITH_LLM[name](Parts(WordEmbedder(), sources), llm)(ASKED, shelf)
    assert shelf.searches == [ASKED]
    assert names(found) == ["everywhere", f"on {ASKED.text}"]


@pytest.mark.parametrize("name", WITH_LLM)
def test_a_model_that_replies_in_another_shape_leaves_the_plain_search(
    name: str, scripted: ScriptedLLM, llm: LLM
) -> None:
    scripted.default = lambda _: {"of": "no schema that was asked for"}
    shelf = Shelf()
    WITH_LLM[name](Parts(WordEmbedder(), sources), llm)(ASKED, shelf)
    assert {search.text for search in shelf.searches} == {ASKED.text}


@pytest.mark.parametrize("name", WITH_LLM)
def test_a_wrong_key_is_not_taken_for_a_model_that_declines(
    name: str, scripted: ScriptedLLM, llm: LLM
) -> None:
    scripted.default = lambda _: Fault("status", status=401)
    with pytest.raises(Permanent, match="LLM_API_KEY"):
        WITH_LLM[name](Parts(WordEmbedder(), sources), llm)(ASKED, Shelf())


@pytest.mark.parametrize("name", WITH_LLM)
def test_a_model_that_is_away_is_an_error_worth_retrying(name: str, scripted: ScriptedLLM, llm: LLM) -> None:
    scripted.default = lambda _: Fault("status", status=503)
    with pytest.raises(LLMUnavailable):
        WITH_LLM[name](Parts(WordEmbedder(), sources), llm)(ASKED, Shelf())


class Lying:
    """A model that replies whatever is drawn for it, in whatever shape is asked for."""

    name = "lying"

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def complete(self, messages: object) -> str:
        return str(self._draw(st.text()))

    def stream(self, messages: object) -> Iterator[str]:
        yield self.complete(messages)

    def parse(self, messages: object, model: type[BaseModel]) -> Any:
        return self._draw(st.from_type(model))

    def close(self) -> None:
        pass


@given(
    st.data(),
    st.sampled_from(sorted(WITH_LLM)),
    st.none() | st.frozensets(st.sampled_from(["wiki", "drive"])),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_no_reply_of_a_model_changes_the_audience_or_widens_the_scope(
    data: st.DataObject, name: str, given_sources: frozenset[str] | None
) -> None:
    search = replace(ASKED, scope=Scope(given_sources, path="runbooks/"))
    shelf = Shelf()
    WITH_LLM[name](Parts(WordEmbedder(), sources), Lying(data.draw))(search, shelf)
    for made in shelf.searches:
        assert made.audience is search.audience
        assert made.scope.narrowed(search.scope) == made.scope
        assert len(made.text) <= max(500, len(search.text))


def test_a_plan_has_the_names_asked_for_and_says_what_it_leaves_out(
    llm: LLM, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts(WordEmbedder(), sources)
    kinds: list[type[Technique]] = [type(each) for each in plan(["hyde", "greetings"], parts, llm)]
    assert [kind.__name__ for kind in kinds] == ["HyDE", "Adaptive"]
    assert len(plan(["hyde", "greetings"], parts, None)) == 1
    assert "hyde needs a language model" in caplog.text
    with pytest.raises(ConfigError, match=f"names best; there are {NAMES[0]}"):
        plan(["best"], parts, llm)
