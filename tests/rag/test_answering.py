"""A Question in, an Answer out: over the real index, with words as the model."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.adapters.edge import EdgeIndex
from rag.answer_cache import AnswerCache, Memory
from rag.answering import NOT_FOUND, NOTHING_ASKED, NOTHING_TO_READ, Answerer
from rag.checking import ByWords
from rag.clarifying import Clarification
from rag.conflicts import DISAGREE
from rag.domain import Answer, Audience, Chunk, Outcome, Question, Scope, Turn
from rag.errors import LLMUnavailable
from rag.ports import LLM, Message, Write
from rag.prompting import NOT_IN_DOCUMENTS
from rag.retrieval import Note, Retrieve, Retriever, Search, Technique
from tests.fakes import MEMBERS_OF_T, ScriptedModel, WordEmbedder

PAGES = {
    "leave.md": (
        "Annual leave",
        "Full-time employees have 25 days of annual leave. Unused days expire on 31 March.",
    ),
    "bikes.md": ("Bicycles", "Bicycles stand in the cellar. The code of the cellar door is 4711."),
    "vpn.md": ("VPN", "The VPN client is called Tunnel. Restart Tunnel when it reports WR-4107."),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EdgeIndex]:
    embedder = WordEmbedder()
    index = EdgeIndex.open(tmp_path / "index", embedder=embedder)
    for name, (title, text) in PAGES.items():
        readers = frozenset({"channel:C9"} if name == "bikes.md" else {"members"})
        chunk = Chunk("T", "handbook", name, 0, title, (), text, f"https://x.example/{name}", readers)
        vector = embedder.embed_query(chunk.indexed_text)
        index.replace("T", "handbook", name, writes=[Write(chunk, vector)], removed=[])
    yield index
    index.close()


def answerer(index: EdgeIndex, llm: LLM | None = None, threshold: float = 0.5) -> Answerer:
    embedder = WordEmbedder()
    retriever = Retriever(embedder, index, candidates=20, passages=3)
    return Answerer(retriever, embedder, llm, answer_threshold=threshold, context_tokens=4000)


def ask(text: str, *history: Turn, audience: Audience = MEMBERS_OF_T) -> Question:
    return Question(text, audience, history)


def test_without_a_model_the_best_sentence_is_quoted_with_its_number(index: EdgeIndex) -> None:
    answer = answerer(index, threshold=0).answer(ask("how many days of annual leave do employees have?"))
    assert answer.outcome is Outcome.ANSWERED
    assert answer.text.startswith("Full-time employees have 25 days of annual leave. [1]")
    assert answer.citations[0].url == "https://x.example/leave.md"
    assert "Full-time employees have 25 days of annual leave." in answer.citations[0].quotes


def test_marks_of_the_documents_own_are_not_taken_for_ours(index: EdgeIndex) -> None:
    text = "The annual leave of pilots is 30 days [1], see the agreement [2]."
    chunk = Chunk(
        "T", "handbook", "pilots.md", 0, "Pilots", (), text, "https://x.example/p", frozenset({"members"})
    )
    vector = WordEmbedder().embed_query(chunk.indexed_text)
    index.replace("T", "handbook", "pilots.md", writes=[Write(chunk, vector)], removed=[])
    answer = answerer(index, threshold=0).answer(ask("annual leave of pilots"))
    assert answer.text.startswith("The annual leave of pilots is 30 days (1), see the agreement (2). [1]")


def test_below_the_threshold_it_says_so_and_offers_the_nearest_pages(index: EdgeIndex) -> None:
    answer = answerer(index, threshold=1).answer(ask("annual leave days"))
    assert answer.outcome is Outcome.NOT_FOUND
    assert answer.text.startswith(NOT_FOUND)
    assert answer.citations[0].document_id == "leave.md"


def test_what_the_audience_may_not_read_is_neither_quoted_nor_offered(index: EdgeIndex) -> None:
    question = "code of the cellar door bicycles"
    hidden = answerer(index, threshold=0).answer(ask(question))
    assert "4711" not in hidden.text
    assert "bikes.md" not in {citation.document_id for citation in hidden.citations}
    shown = answerer(index, threshold=0).answer(
        ask(question, audience=Audience("T", frozenset({"channel:C9"})))
    )
    assert "4711" in shown.text


def test_only_the_sources_of_its_scope_are_searched(index: EdgeIndex) -> None:
    question = replace(ask("how many days of annual leave?"), scope=Scope(source_ids=frozenset({"wiki"})))
    assert answerer(index, threshold=0).answer(question).text == NOTHING_TO_READ
    add(index, "wiki.md", "Leave", "The wiki says 25 days of annual leave.", source_id="wiki")
    assert "wiki says" in answerer(index, threshold=0).answer(question).text
    hidden = replace(question, audience=Audience("T", frozenset()))
    assert answerer(index, threshold=0).answer(hidden).text == NOTHING_TO_READ, "a scope opens nothing"


@pytest.mark.parametrize("audience", [Audience("T", frozenset()), Audience("other", frozenset({"members"}))])
def test_who_may_read_nothing_is_told_so(index: EdgeIndex, audience: Audience) -> None:
    answer = answerer(index).answer(ask("annual leave", audience=audience))
    assert (answer.text, answer.outcome, answer.citations) == (NOTHING_TO_READ, Outcome.NOT_FOUND, ())


def test_a_follow_up_is_searched_with_what_it_leans_on(index: EdgeIndex) -> None:
    history = Turn("asker", "how many days of annual leave do employees have?")
    leaning = ask("and what about it?", history)
    assert answerer(index, threshold=0).answer(leaning).citations[0].document_id == "leave.md"
    assert (
        answerer(index, threshold=0).answer(ask("and what about it?")).citations[0].document_id != "leave.md"
    )


def test_what_was_said_before_is_not_said_again(index: EdgeIndex) -> None:
    first = "how many days of annual leave do employees have?"
    history = (Turn("asker", first), Turn("bot", "Full-time employees have 25 days of annual leave. [1]"))
    answer = answerer(index, threshold=0).answer(ask("and when do they expire?", *history))
    assert "Unused days expire on 31 March." in answer.text


def test_a_code_is_answered_with_its_own_row(index: EdgeIndex) -> None:
    table = "| Code | Means |\n|---|---|\n| WR-4105 | valve leaks |\n| WR-4109 | valve does not answer |\n| WR-4130 | valve is old |"
    chunk = Chunk(
        "T", "handbook", "codes.md", 0, "Codes", (), table, "https://x.example/c", frozenset({"members"})
    )
    write = Write(chunk, WordEmbedder().embed_query(chunk.indexed_text))
    index.replace("T", "handbook", "codes.md", writes=[write], removed=[])
    answer = answerer(index, threshold=0).answer(ask("the valve says wr-4109, what does the code mean"))
    assert answer.text == "Code: WR-4109; Means: valve does not answer [1]"


def test_a_code_that_no_document_holds_is_not_answered_with_its_neighbours(index: EdgeIndex) -> None:
    answer = answerer(index, threshold=0.01).answer(ask("Tunnel reports WR-4999, should I restart Tunnel?"))
    assert answer.outcome is Outcome.NOT_FOUND
    known = answerer(index, threshold=0.01).answer(ask("Tunnel reports WR-4107, should I restart Tunnel?"))
    assert known.outcome is Outcome.ANSWERED


def test_a_model_answers_from_numbered_documents(index: EdgeIndex) -> None:
    llm = ScriptedModel(["You have **25 days** [1]."])
    answer = answerer(index, llm).answer(ask("how many days of annual leave?"))
    assert answer.outcome is Outcome.ANSWERED
    assert answer.text == "You have **25 days** [1]."
    assert answer.citations[0].document_id == "leave.md"
    assert "25 days of annual leave" in llm.asked[0][1].content


@pytest.mark.parametrize(
    "reply", [NOT_IN_DOCUMENTS, f"{NOT_IN_DOCUMENTS}.", "25 days, I am sure.", "25 days [9]."]
)
def test_a_reply_that_rests_on_no_document_is_no_answer(index: EdgeIndex, reply: str) -> None:
    answer = answerer(index, ScriptedModel([reply])).answer(ask("how many days of annual leave?"))
    assert answer.outcome is Outcome.NOT_FOUND
    assert "25 days" not in answer.text


def test_a_model_rewrites_the_follow_up_first(index: EdgeIndex) -> None:
    llm = ScriptedModel(["When do unused days of annual leave expire?", "On 31 March [1]."])
    answer = answerer(index, llm).answer(ask("and when do they expire?", Turn("asker", "annual leave?")))
    assert answer.text == "On 31 March [1]."
    assert "When do unused days" in llm.asked[1][1].content


def test_a_model_that_is_away_is_not_replaced_by_guessing(index: EdgeIndex) -> None:
    with pytest.raises(LLMUnavailable):
        answerer(index, ScriptedModel([LLMUnavailable("away")])).answer(ask("annual leave"))


def add(
    index: EdgeIndex,
    name: str,
    title: str,
    text: str,
    updated_at: datetime | None = None,
    *,
    source_id: str = "handbook",
) -> None:
    readers = frozenset({"members"})
    chunk = Chunk(
        "T", source_id, name, 0, title, (), text, f"https://x.example/{name}", readers, updated_at=updated_at
    )
    vector = WordEmbedder().embed_query(chunk.indexed_text)
    index.replace("T", source_id, name, writes=[Write(chunk, vector)], removed=[])


def checking(
    index: EdgeIndex, llm: LLM, *, seconds: float = 0, techniques: tuple[Technique, ...] = ()
) -> Answerer:
    embedder = WordEmbedder()
    memory = Memory(AnswerCache(seconds=seconds), index.version, "settings") if seconds else None
    return Answerer(
        Retriever(embedder, index, candidates=20, passages=3),
        embedder,
        llm,
        answer_threshold=0.5,
        context_tokens=4000,
        techniques=techniques,
        check=ByWords(embedder),
        draft_check=ByWords(embedder),
        memory=memory,
    )


LEAVE = "how many days of annual leave do employees have?"


def test_what_a_model_makes_up_does_not_reach_the_reader(index: EdgeIndex) -> None:
    reply = "Full-time employees have 25 days [1]. They also get a company car [1]. Unused days expire on 31 May [1]."
    answer = checking(index, ScriptedModel([reply])).answer(ask(LEAVE))
    assert answer.text == "Full-time employees have 25 days [1]."


def test_a_reply_of_nothing_but_inventions_is_no_answer(index: EdgeIndex) -> None:
    answer = checking(index, ScriptedModel(["Full-time employees have 40 days of annual leave [1]."])).answer(
        ask(LEAVE)
    )
    assert answer.outcome is Outcome.NOT_FOUND
    assert "40" not in answer.text
    assert answer.citations[0].document_id == "leave.md"


def test_a_wrong_mark_is_put_right(index: EdgeIndex) -> None:
    answer = checking(index, ScriptedModel(["Full-time employees have 25 days of annual leave [2]."])).answer(
        ask(LEAVE)
    )
    assert answer.text == "Full-time employees have 25 days of annual leave [1]."
    assert answer.citations[0].document_id == "leave.md"


def test_where_documents_disagree_both_are_quoted_the_newest_first(index: EdgeIndex) -> None:
    new = datetime(2026, 5, 3, tzinfo=UTC)
    add(index, "new.md", "Leave", "Full-time employees have 30 days of annual leave.", new)
    answer = answerer(index, threshold=0).answer(ask(LEAVE))
    assert answer.text.startswith(f"{DISAGREE}\n\n- Full-time employees have 30 days")
    assert "(updated 3 May 2026) [1]\n- Full-time employees have 25 days of annual leave. [2]" in answer.text
    assert [citation.document_id for citation in answer.citations[:2]] == ["new.md", "leave.md"]


def test_a_model_is_told_which_documents_seem_to_disagree(index: EdgeIndex) -> None:
    new = datetime(2026, 5, 3, tzinfo=UTC)
    add(index, "new.md", "Leave", "Full-time employees have 30 days of annual leave.", new)
    llm = ScriptedModel(["Full-time employees have 30 days of annual leave [1], or 25 days [2]."])
    checking(index, llm).answer(ask(LEAVE))
    note = llm.asked[0][1].content.partition("<note>")[2].partition("</note>")[0]
    assert note.index("30 days") < note.index("25 days")


VAGUE = {
    "a.md": ("Zoos", "Zebra rules are long."),
    "b.md": ("Farms", "Zebra rules are short."),
}


def test_a_question_without_a_subject_is_asked_back_but_not_in_a_conversation(index: EdgeIndex) -> None:
    for name, page in VAGUE.items():
        add(index, name, *page)
    answer = answerer(index, threshold=0).answer(ask("zebra?"))
    assert answer.outcome is Outcome.NEEDS_CLARIFICATION
    assert set(answer.options) == {"Zoos", "Farms"}
    follow_up = answerer(index, threshold=0).answer(ask("zebra?", Turn("asker", "hello")))
    assert follow_up.outcome is not Outcome.NEEDS_CLARIFICATION


def test_a_model_may_find_the_question_clear(index: EdgeIndex) -> None:
    for name, page in VAGUE.items():
        add(index, name, *page)
    llm = ScriptedModel(
        [Clarification(clear=True).model_dump_json(), "Zebra rules are short [1] or long [2]."]
    )
    assert checking(index, llm).answer(ask("zebra?")).outcome is Outcome.ANSWERED
    vague = Clarification(clear=False, question="Which zebra?", options=["the long one", "the short one"])
    asking = checking(index, ScriptedModel([vague.model_dump_json()])).answer(ask("zebra?"))
    assert (asking.text, asking.options) == ("Which zebra?", ("the long one", "the short one"))


def test_what_asks_nothing_is_told_how_to_ask(index: EdgeIndex) -> None:
    def greeting(search: Search, retrieve: Retrieve) -> object:
        return replace(retrieve(search), needless=True, passages=())

    answer = checking(index, ScriptedModel([]), techniques=(greeting,)).answer(ask("hello"))  # type: ignore[arg-type]
    assert (answer.text, answer.outcome) == (NOTHING_ASKED, Outcome.NEEDS_CLARIFICATION)


def test_notes_worked_out_on_the_way_are_in_the_prompt(index: EdgeIndex) -> None:
    def with_note(search: Search, retrieve: Retrieve) -> object:
        return replace(retrieve(search), notes=(Note("how many in Leeds?", "As many as elsewhere."),))

    llm = ScriptedModel(["Full-time employees have 25 days of annual leave [1]."])
    checking(index, llm, techniques=(with_note,)).answer(ask(LEAVE))  # type: ignore[arg-type]
    assert "As many as elsewhere." in llm.asked[0][1].content


REPLY = "Full-time employees have 25 days of annual leave [1]."


def test_a_written_answer_is_as_confident_as_what_was_found_lets_it_be(index: EdgeIndex) -> None:
    llm = ScriptedModel([REPLY, "The client is called Tunnel [1]."])
    clear = answerer(index, llm).answer(ask(LEAVE))
    vague = answerer(index, llm).answer(ask("what is the thing on my laptop for?"))
    assert 0.5 <= vague.confidence < clear.confidence < 1


def test_the_same_question_is_answered_once_for_the_same_people(index: EdgeIndex) -> None:
    llm = ScriptedModel([REPLY, REPLY, REPLY])
    answers = checking(index, llm, seconds=60)
    first = answers.answer(ask(LEAVE))
    assert answers.answer(ask(LEAVE.upper().replace("?", ""))) == first
    assert len(llm.asked) == 1
    both = Audience("T", frozenset({"members", "channel:C9"}))
    answers.answer(ask(LEAVE, audience=both))
    assert len(llm.asked) == 2
    answers.answer(ask("how many weeks of annual leave do employees have?"))
    assert len(llm.asked) == 3
    elsewhere = replace(ask(LEAVE), scope=Scope(source_ids=frozenset({"wiki"})))
    assert answers.answer(elsewhere).text == NOTHING_TO_READ, "remembered out of another scope"


def test_a_changed_document_or_reader_ends_what_was_kept(index: EdgeIndex) -> None:
    llm = ScriptedModel([REPLY, "Full-time employees have 26 days of annual leave [1]."])
    answers = checking(index, llm, seconds=60)
    assert answers.answer(ask(LEAVE)).outcome is Outcome.ANSWERED
    add(index, "leave.md", "Annual leave", "Full-time employees have 26 days of annual leave.")
    assert "26 days" in answers.answer(ask(LEAVE)).text
    index.set_readers("T", "handbook", {"channel:C9"})
    assert answers.answer(ask(LEAVE)).text == NOTHING_TO_READ
    assert len(llm.asked) == 2


def test_that_nothing_was_found_is_not_kept(index: EdgeIndex) -> None:
    llm = ScriptedModel([NOT_IN_DOCUMENTS, REPLY])
    answers = checking(index, llm, seconds=60)
    assert answers.answer(ask(LEAVE)).outcome is Outcome.NOT_FOUND
    assert answers.answer(ask(LEAVE)).outcome is Outcome.ANSWERED


class SlowModel(ScriptedModel):
    """Takes its time between two pieces of a reply; a reply's pieces are apart by `|`."""

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        for number, piece in enumerate(self.complete(messages).split("|")):
            if number:
                time.sleep(0.6)
            yield piece


def test_an_answer_is_seen_to_grow_and_what_is_made_up_is_never_seen(index: EdgeIndex) -> None:
    reply = (
        "Full-time employees have 25 days [1]. They |also get a car [1]. Unused |days expire on 31 March [1]."
    )
    drafts: list[Answer] = []
    answer = checking(index, SlowModel([reply])).answer(ask(LEAVE), drafts.append)
    assert [draft.text for draft in drafts] == ["Full-time employees have 25 days [1]."] * 2
    assert "car" not in answer.text
    assert all(answer.text.startswith(draft.text) for draft in drafts)
    assert drafts[0].citations[0].url == "https://x.example/leave.md"


def test_nothing_is_seen_of_an_answer_that_the_documents_do_not_hold(index: EdgeIndex) -> None:
    drafts: list[Answer] = []
    for reply in (NOT_IN_DOCUMENTS, f"I am sorry. I |looked. {NOT_IN_DOCUMENTS}"):
        answer = checking(index, SlowModel([reply])).answer(ask(LEAVE), drafts.append)
        assert answer.outcome is Outcome.NOT_FOUND
    assert drafts == []


def test_whoever_sees_it_can_end_it(index: EdgeIndex) -> None:
    class Enough(Exception):
        pass

    def show(draft: Answer) -> None:
        raise Enough

    model = SlowModel(["Full-time employees have 25 days [1]. They |" + "have more. |" * 50])
    began = time.monotonic()
    with pytest.raises(Enough):
        checking(index, model).answer(ask(LEAVE), show)
    assert time.monotonic() - began < 5
