"""A second look at the best: mixed in, and only there."""

from collections.abc import Sequence

import numpy as np
import pytest

from rag.adapters.late_interaction import LateInteraction, maxsim
from rag.domain import Audience, Chunk, Passage
from rag.ports import Hits, TokenVectors
from rag.retrieval import Found, Search
from rag.techniques.reranking import Reranking

ASKED = Search("asked", Audience("T", frozenset({"members"})))


def passage(name: str, score: float, rank: int) -> Passage:
    return Passage(Chunk("T", "s", name, 0, "", (), name, "u", frozenset({"members"})), score, rank)


class Liking:
    """Likes what is named, and remembers what it was asked."""

    name = "liking"

    def __init__(self, *liked: str) -> None:
        self.liked = liked
        self.read: list[str] = []

    def scores(self, query: str, passages: Sequence[Passage]) -> list[float]:
        self.read += [query, *(passage.chunk.text for passage in passages)]
        return [float(passage.chunk.text in self.liked) for passage in passages]


def found(*scores: float) -> Found:
    passages = tuple(passage("abcdefgh"[place], score, place + 1) for place, score in enumerate(scores))
    return Found((), Hits((), ()), passages, passages[:2], "understood")


def order(reranking: Reranking, before: Found) -> str:
    after = reranking(ASKED, lambda _: before)
    assert [passage.rank for passage in after.candidates] == [*range(1, len(before.candidates) + 1)]
    assert after.passages == after.candidates[: len(before.passages)]
    return "".join(passage.chunk.text for passage in after.candidates)


def test_what_is_liked_passes_a_close_neighbour_and_not_one_far_ahead() -> None:
    assert order(Reranking(Liking("b")), found(2.0, 1.9, 1.0, 0.9)) == "bacd"
    assert order(Reranking(Liking("d")), found(9.0, 1.9, 1.0, 0.9))[0] == "a"


def test_only_the_best_are_read_with_the_question_as_it_was_understood() -> None:
    liking = Liking("c")
    assert order(Reranking(liking, depth=2), found(2.0, 1.9, 1.8)) == "abc"
    assert liking.read == ["understood", "a", "b"]


class Holding:
    """An index that holds the tokens of some passages, all with one score."""

    def __init__(self, *held: str) -> None:
        self.held = held

    def interactions(self, asked: TokenVectors, passages: Sequence[Passage]) -> list[float | None]:
        return [0.25 if passage.chunk.text in self.held else None for passage in passages]


def test_passages_whose_tokens_the_index_holds_cost_no_model() -> None:
    letters = Letters()
    reranker = LateInteraction(letters, Holding("a", "c"))  # type: ignore[arg-type]
    passages = [passage(text, 1.0, 1) for text in ("a", "ab", "c")]
    assert reranker.scores("b", passages) == [0.25, 1.0, 0.25]
    assert letters.texts == 2, "the question and the one that is not held"


def test_one_passage_or_one_opinion_of_all_changes_nothing() -> None:
    liking = Liking()
    assert order(Reranking(liking), found(1.0)) == "a"
    assert liking.read == []
    assert order(Reranking(liking), found(2.0, 1.0)) == "ab"


class Letters:
    """A model whose tokens are letters, each a direction of its own; counts the texts that it reads."""

    def __init__(self) -> None:
        self.texts = 0

    def token_vectors(self, texts: Sequence[str], *, query: bool = False) -> list[TokenVectors]:
        self.texts += len(texts)
        return [
            np.asarray([np.eye(26)[ord(letter) - 97] for letter in text], np.float32).reshape(-1, 26)
            for text in texts
        ]


def test_every_token_of_the_question_looks_for_its_nearest() -> None:
    reranker = LateInteraction(Letters())
    passages = [passage("abc", 1.0, 1), passage("abx", 1.0, 2), passage("xyz", 1.0, 3)]
    assert reranker.scores("abc", passages) == pytest.approx([1, 2 / 3, 0])
    assert maxsim(np.zeros((0, 26), np.float32), np.zeros((1, 26), np.float16)) == 0.0


def test_a_passage_found_again_is_not_read_again_and_few_are_kept() -> None:
    letters = Letters()
    reranker = LateInteraction(letters, kept=2)
    first, second, third = (passage(name, 1.0, 1) for name in ("ab", "bc", "cd"))
    reranker.scores("a", [first, second])
    reranker.scores("a", [second, first])
    assert letters.texts == 4  # two passages, and the question twice
    reranker.scores("a", [third])
    reranker.scores("a", [second])  # dropped: of two that are kept, it was used longest ago
    assert letters.texts == 8
