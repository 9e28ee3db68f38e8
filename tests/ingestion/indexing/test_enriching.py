"""A sync with techniques: what is in the index afterwards, what is asked again, and what is left when things go."""

import dataclasses
from pathlib import Path

import pytest

from ingestion.indexing import TECHNIQUES, Indexing, name_of, techniques_of
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from rag.adapters.identity import Identity
from rag.domain import Audience, Chunk
from rag.errors import ConfigError, LLMRefused, LLMUnavailable
from rag.retrieval import Retriever, Search
from rag.settings import IndexingSettings, LLMSettings, Settings
from tests.ingestion.fakes import Shelf, WordEmbedder, Workbench
from tests.ingestion.indexing.conftest import Sync, WritingModel

MEMBERS = Audience("T1", frozenset({"members"}))
WORDS = " ".join(f"word{number}" for number in range(150))
LEAVE = f"# Leave\n\nThirty days a year.\n\n## Sick leave\n\n{WORDS}"
TRAVEL = f"# Travel\n\nBook by train.\n\n## Abroad\n\n{WORDS[::-1]}"


def chunks_in(workbench: Workbench, registered: RegisteredSource) -> list[Chunk]:
    index = workbench.index
    return [
        write.chunk
        for document_id in sorted(index.document_ids("T1", registered.id))
        for write in index.export("T1", registered.id, document_id)
    ]


def written(workbench: Workbench, registered: RegisteredSource) -> list[str]:
    return sorted(Memory(workbench.engine, registered.id).all())


def test_what_is_written_is_indexed_and_found_by_but_never_shown(
    workbench: Workbench, registered: RegisteredSource, sync: Sync, model: WritingModel
) -> None:
    model.reply = lambda prompt: "vacation allowance" if "passage below" in prompt else "zebra crossing"
    sync(Shelf(leave=LEAVE, travel=TRAVEL), *TECHNIQUES)
    chunks = chunks_in(workbench, registered)
    own = [it for it in chunks if not it.leads_to]
    assert {it.context for it in own} == {"vacation allowance"}
    assert all(it.position < 0 and it.text == "zebra crossing" for it in chunks if it.leads_to)
    assert len({it.point_id for it in chunks}) == len(chunks)
    assert {lead for it in chunks for lead in it.leads_to} <= {it.point_id for it in own}
    retriever = Retriever(workbench.embedder, workbench.index, candidates=20, passages=10)
    found = retriever.retrieve(Search("zebra crossing", MEMBERS))
    assert found.passages
    assert {passage.chunk.text for passage in found.candidates} <= {it.text for it in own}
    around = retriever.around(found.passages[0], 50, audience=MEMBERS)
    assert "zebra crossing" not in {it.text for it in around}


def test_what_is_unchanged_is_asked_about_once(
    workbench: Workbench, registered: RegisteredSource, sync: Sync, model: WritingModel
) -> None:
    shelf = Shelf(leave=LEAVE, travel=TRAVEL)
    sync(shelf, *TECHNIQUES)
    before, kept = chunks_in(workbench, registered), written(workbench, registered)
    asked = len(model.prompts)
    assert len({*model.prompts}) == asked == len(kept)
    assert (sync(shelf, *TECHNIQUES).unchanged, len(model.prompts)) == (2, asked)
    # Even where everything is read again, as for a new index: what was written is kept.
    workbench.catalogue.forget_versions()
    report = sync(shelf, *TECHNIQUES)
    assert (report.unchanged, report.embedded, len(model.prompts)) == (0, 0, asked)
    assert (chunks_in(workbench, registered), written(workbench, registered)) == (before, kept)


def test_of_a_document_that_changed_only_that_is_asked_about(
    workbench: Workbench, registered: RegisteredSource, sync: Sync, model: WritingModel
) -> None:
    shelf = Shelf(leave=LEAVE, travel=TRAVEL)
    sync(shelf, *TECHNIQUES)
    model.prompts.clear()
    shelf.texts["travel.md"] = TRAVEL + "\n\nNew words."
    sync(shelf, *TECHNIQUES)
    assert model.prompts
    assert all('title="Travel"' in prompt for prompt in model.prompts)
    assert len(written(workbench, registered)) == len(chunks_in(workbench, registered))


def test_nothing_is_kept_of_a_document_that_is_gone(
    workbench: Workbench, registered: RegisteredSource, sync: Sync
) -> None:
    shelf = Shelf(leave=LEAVE, travel=TRAVEL)
    sync(shelf, *TECHNIQUES)
    both = written(workbench, registered)
    del shelf.texts["travel.md"]
    sync(shelf, *TECHNIQUES)
    left = written(workbench, registered)
    assert 0 < len(left) < len(both)
    assert {it.document_id for it in chunks_in(workbench, registered)} == {"leave.md"}


def test_techniques_taken_away_leave_the_documents_own_text(
    workbench: Workbench, registered: RegisteredSource, sync: Sync
) -> None:
    shelf = Shelf(leave=LEAVE)
    sync(shelf)
    plain = chunks_in(workbench, registered)
    sync(shelf, *TECHNIQUES)
    assert chunks_in(workbench, registered) != plain
    sync(shelf)
    assert chunks_in(workbench, registered) == plain


def test_a_model_that_is_away_ends_the_sync_and_what_it_wrote_is_kept(
    workbench: Workbench, registered: RegisteredSource, sync: Sync, model: WritingModel
) -> None:
    def third_is_away(_: str) -> str:
        if len(model.prompts) == 3:
            raise LLMUnavailable("away")
        return "written"

    model.reply = third_is_away
    shelf = Shelf(leave=LEAVE, travel=TRAVEL)
    with pytest.raises(LLMUnavailable):
        sync(shelf, *TECHNIQUES)
    known, asked = len(written(workbench, registered)), len(model.prompts)
    assert known >= 1
    model.reply = lambda _: "written"
    assert sync(shelf, *TECHNIQUES).failed_count == 0
    assert len(model.prompts) - asked == len(written(workbench, registered)) - known


def test_a_model_that_declines_is_not_asked_again(
    workbench: Workbench, registered: RegisteredSource, sync: Sync, model: WritingModel
) -> None:
    def declines(_: str) -> str:
        raise LLMRefused("no")

    shelf = Shelf(leave=LEAVE)
    model.reply = declines
    sync(shelf, *TECHNIQUES)
    asked = len(model.prompts)
    workbench.catalogue.forget_versions()
    sync(shelf, *TECHNIQUES)
    assert len(model.prompts) == asked > 0
    assert not any(it.context or it.leads_to for it in chunks_in(workbench, registered))


def test_what_each_text_stands_for_is_embedded_once(workbench: Workbench, sync: Sync) -> None:
    sync(Shelf(leave=LEAVE), "raptor")
    assert len({*workbench.embedder.embedded}) == len(workbench.embedder.embedded)


def test_the_settings_name_techniques(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def settings(names: str, **llm: str) -> Settings:
        return Settings(indexing=IndexingSettings(techniques=names), llm=LLMSettings(**llm))  # type: ignore[arg-type]

    asked = techniques_of(settings("raptor, contextual_headers", base_url="http://127.0.0.1:9/v1"))
    assert name_of(asked) == "contextual_headers-1 raptor-1"
    assert Indexing(asked, None).room(WordEmbedder(max_tokens=256)) == 192
    assert name_of(techniques_of(settings("none"))) == ""
    assert techniques_of(settings("raptor")) == {}
    assert "raptor: left out, since no language model" in caplog.text
    with pytest.raises(
        ConfigError,
        match="names tree; there are contextual_headers, multi_representation, raptor, token_vectors",
    ):
        techniques_of(settings("tree"))


def test_another_technique_asks_for_another_index() -> None:
    plain = Identity.of(WordEmbedder())
    with_it = dataclasses.replace(plain, indexing="raptor-1")
    assert plain != with_it
    assert Identity.recorded(with_it.record(), place="x") == with_it
    old = {key: value for key, value in plain.record().items() if key != "indexing"}
    assert Identity.recorded(old, place="x") == plain
