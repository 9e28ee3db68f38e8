"""Tuning: what is learned from, what is held out, and what is refused."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import tuning
from evals.comparing import Comparison
from evals.datasets.dataset import Qrel, Query
from evals.tuning.judging import Judgement, judge
from evals.tuning.pages import Pages, of_dataset, of_installation
from evals.tuning.pairs import Pair, from_headings, from_model, from_ratings, split
from evals.tuning.training import tune
from rag.adapters.edge_generations import EdgeGenerations
from rag.adapters.identity import Identity
from rag.adapters.sentence_transformer import SentenceTransformerEmbedder
from rag.database import open_database
from rag.domain import Answer, Chunk, Citation, Outcome
from rag.errors import LLMRefused, LLMUnavailable
from rag.ports import Write
from rag.settings import IndexSettings, Settings, StorageSettings
from tests.evals.conftest import write_rows
from tests.evals.fakes import WordEmbedder
from tests.fakes import ScriptedModel
from workers.asked import Incoming
from workers.feedback import Feedback, Vote
from workers.ledger import Ledger

SUBJECTS = ("apple", "banana", "cherry", "dog", "elephant", "fig", "grape", "holiday", "invoice", "juice")
ALIASES = tuple(f"alias{n}" for n in range(10))


def chunk(document_id: str, text: str, *headings: str, title: str = "Leave") -> Chunk:
    return Chunk("T", "s", document_id, 0, title, headings, text, "u", frozenset({"m"}))


LONG = "a text that is long enough to be learned from, since it has more than eighty letters in it"


def test_headings_stand_for_questions_of_the_text_below_them() -> None:
    chunks = [chunk("a", LONG, "Leave", "Sick leave"), chunk("b", "short"), chunk("c", LONG, title="")]
    assert [*from_headings(chunks)] == [Pair("Leave Sick leave", LONG, "a")]


def test_a_model_writes_questions_and_may_decline() -> None:
    model = ScriptedModel(
        ['{"questions": ["how long?", " ", "who?", "why?"]}', LLMRefused("no"), '{"questions": []}']
    )
    chunks = [chunk(name, LONG) for name in "abc"]
    assert [*from_model(model, [*chunks, chunk("d", "short")])] == [
        Pair("how long?", LONG, "a", is_question=True)
    ]
    assert len(model.asked) == 3
    with pytest.raises(LLMUnavailable):
        [*from_model(ScriptedModel([LLMUnavailable("away")]), chunks)]


def test_what_people_found_helpful_is_learned_from(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'footnote.db'}"
    engine = open_database(url)
    ledger, feedback = Ledger(engine), Feedback(engine)

    def asked(text: str, quote: str, *ratings: int) -> None:
        cited = Citation(1, "leave.md", "Leave", (), "u", quotes=(quote,))
        incoming = Incoming("T", "C", text, text, "U", text)
        question_id = ledger.accept(incoming, Answer(quote, Outcome.ANSWERED, (cited,))).question_id
        for number, rating in enumerate(ratings):
            feedback.rate(Vote(question_id, f"U{number}", "T", "C"), rating)  # type: ignore[arg-type]

    asked("how\nmany?", LONG, 1, 1, -1)
    asked("who?", LONG, 1, -1)
    asked("why?", LONG, -1)
    asked("when?", LONG)
    asked("where?", "short", 1)
    engine.dispose()
    assert from_ratings(url) == [Pair("how many?", LONG, "leave.md", is_question=True)]


def test_no_document_and_no_text_stands_on_both_sides() -> None:
    pairs = [Pair(f"q{n}", f"text {n % 40}", f"d{n // 3}") for n in range(300)]
    learned, held_out = split(pairs)
    assert held_out
    assert learned
    assert not {pair.document_id for pair in learned} & {pair.document_id for pair in held_out}
    assert not {pair.text for pair in learned} & {pair.text for pair in held_out}
    assert split(pairs[::-1])[1] == held_out[::-1], "the same documents whatever their order"


class Knowing:
    """A model that knows which text answers the words that it was taught, and is lost about all others."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.asarray([float(word in text) for word in self.known] + [1e-6 * len(text), 1e-3])
        unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return unit


HELD_OUT = [Pair(f"{word}?", f"of {word} {'.' * n}", f"d{n}") for n, word in enumerate(SUBJECTS)]
PAGES = Pages(
    "pages",
    tuple(chunk(f"d{n}", f"asked {word}", title="") for n, word in enumerate(SUBJECTS)),
    tuple(Query(word, f"asked {word}") for word in SUBJECTS),
    tuple(Qrel(word, f"d{n}", 1) for n, word in enumerate(SUBJECTS)),
)


def test_a_model_is_better_only_where_both_say_so() -> None:
    knows_all, knows_few = Knowing(*SUBJECTS), Knowing(*SUBJECTS[:2])
    better = judge(knows_few, knows_all, HELD_OUT, PAGES)  # type: ignore[arg-type]
    assert better.held_out.verdict == "better"
    assert better.questions.difference > 0
    assert better.is_better
    assert not judge(knows_all, knows_few, HELD_OUT, PAGES).is_better  # type: ignore[arg-type]
    assert not judge(knows_all, knows_all, HELD_OUT, PAGES).is_better  # type: ignore[arg-type]


@pytest.mark.parametrize(("on_questions", "accepted"), [(0.01, True), (0.0, True), (-0.001, False)])
def test_headings_found_better_excuse_no_question_found_worse(on_questions: float, accepted: bool) -> None:
    held_out = Comparison(0.1, 0.05, 0.15, 0.001, 100)
    assert Judgement(held_out, Comparison(on_questions, -1, 1, 0.5, 40)).is_better == accepted


def test_where_nobody_asked_the_written_questions_judge() -> None:
    pairs = [
        *HELD_OUT,
        *(Pair(f"written {pair.anchor}", pair.text, pair.document_id, is_question=True) for pair in HELD_OUT),
    ]
    found = judge(Knowing("apple"), Knowing(*SUBJECTS), pairs, Pages("pages", ()))  # type: ignore[arg-type]
    assert (found.held_out.questions, found.questions.questions) == (20, 10)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A sentence-transformers model of some thousand weights that knows the subjects as words."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - slow
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415 - slow
        Pooling,
        Transformer,
    )
    from transformers import BertConfig, BertModel, BertTokenizerFast  # noqa: PLC0415 - slow

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *SUBJECTS,
        *(f"w{n}" for n in range(40)),
        *ALIASES,
        "rules",
        "about",
    ]
    folder = tmp_path / "bert"
    folder.mkdir()
    BertTokenizerFast(
        vocab={word: place for place, word in enumerate(words)}, model_max_length=64
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=48)
    SentenceTransformer(modules=[transformer, Pooling(16)], device="cpu").save(str(tmp_path / "tiny"))
    return tmp_path / "tiny"


def test_tuning_writes_a_model_with_other_vectors_and_its_own_window(tiny: Path, tmp_path: Path) -> None:
    pairs = [
        Pair(f"rules about {word} w{n}", f"{word} w{n} w{n + 1}", f"d{n}") for n, word in enumerate(SUBJECTS)
    ] * 2
    tune(str(tiny), pairs, tmp_path / "tuned", steps=3, batch=4, rate=1e-2)
    before, after = (
        SentenceTransformerEmbedder(str(tiny)),
        SentenceTransformerEmbedder(str(tmp_path / "tuned")),
    )
    assert after.max_tokens == before.max_tokens
    assert np.dot(before.embed_query("apple"), after.embed_query("apple")) < 0.9999


Run = Callable[..., int]


@pytest.fixture
def run(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EMBEDDING_MODEL", str(tiny))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(data: Path | None, **given: Any) -> int:
        usual = {"steps": 4, "batch": 8, "rate": 1e-2, "asked": 10}
        return tuning.run(argparse.Namespace(data=data, **(usual | given)))

    return run


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    """Pages each about a subject and a number; titles and questions call the subject by another name."""
    folder = tmp_path / "taught"
    (folder / "qrels").mkdir(parents=True)
    numbers = range(200)
    asked = [f"{ALIASES[n % 10]} w{n // 10}" for n in numbers]
    rows = [
        {"_id": f"d{n}", "title": asked[n], "text": f"{SUBJECTS[n % 10]} w{n // 10} " * 10} for n in numbers
    ]
    write_rows(folder / "corpus.jsonl", rows)
    write_rows(folder / "queries.jsonl", [{"_id": f"q{n}", "text": f"about {asked[n]}"} for n in numbers])
    judged = "".join(f"q{n}\td{n}\t1\n" for n in numbers)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    return folder


def test_what_is_refused_is_thrown_away(
    run: Run, taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(taught, rate=1e-12) == 1, "a model that learned nothing is not better"
    assert "Refused" in capsys.readouterr().out
    assert [*(tmp_path / "data" / "models").glob("tuned-*")] == []


def test_what_is_better_is_kept_and_named(
    run: Run, taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(taught, steps=60, batch=16, rate=5e-3) == 0
    [folder] = (tmp_path / "data" / "models").glob("tuned-*")
    assert f"EMBEDDING_MODEL={folder}" in capsys.readouterr().out
    assert SentenceTransformerEmbedder(str(folder)).dimensions == 16


def test_too_little_to_judge_by_is_told_before_anything_is_learned(
    run: Run, beir: Path, taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(beir) == 2
    assert "too few" in capsys.readouterr().err
    (taught / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    assert run(taught) == 2
    assert "headings alone are no measure" in capsys.readouterr().err
    assert run(None) == 2
    assert "no index yet" in capsys.readouterr().err


def test_the_pages_of_an_installation_are_its_own_text(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    settings = Settings(storage=StorageSettings(data_dir=tmp_path, team_id="T"), index=IndexSettings())
    generations = EdgeGenerations.open(tmp_path / "index" / "footnote")
    index = generations.index(generations.begin(Identity.of(embedder), "test"))
    generations.switch()
    own, summary = chunk("d", LONG), chunk("d", "written", title="x")
    summary = Chunk("T", "s", "d", -1, "x", (), "written", "u", frozenset({"m"}), leads_to=(own.point_id,))
    writes = [Write(it, embedder.embed_query(it.indexed_text)) for it in (own, summary)]
    index.replace("T", "s", "d", writes=writes, removed=[])
    generations.close()
    assert of_installation(settings).chunks == (own,)


def test_a_dataset_gives_its_judged_questions(beir: Path) -> None:
    pages = of_dataset(beir, WordEmbedder())
    assert {chunk.document_id for chunk in pages.chunks} == {"d1", "d2", "d3", "d4"}
    assert [query.id for query in pages.queries] == ["q1", "q2"]
    json.dumps([qrel.query_id for qrel in pages.qrels])
