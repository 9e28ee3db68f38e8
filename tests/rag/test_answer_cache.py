"""An answer is found again for the same question, and never for another, for others, or when something changed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer_cache import AnswerCache, Key
from rag.domain import Answer, Audience, Outcome, Scope
from tests.fakes import WordEmbedder

KEY = Key("T", frozenset({"members"}), "7", "gpt")
ANSWER = Answer("25 days [1].", Outcome.ANSWERED)


def vector(text: str) -> list[float]:
    return [*WordEmbedder().embed_query(text)]


def kept(question: str, key: Key = KEY, **options: float) -> AnswerCache:
    cache = AnswerCache(seconds=60, **options)  # type: ignore[arg-type]
    cache.keep(key, question, vector(question), ANSWER)
    return cache


def find(cache: AnswerCache, question: str, key: Key = KEY) -> Answer | None:
    return cache.find(key, question, vector(question))


@pytest.mark.parametrize(
    ("question", "again"),
    [
        ("How many days of leave?", "How many days of leave?"),
        ("How many days of leave?", "how many days of leave"),
        ("How many days of leave do I get?", "how many day of leave do I get"),
    ],
)
def test_the_same_question_is_answered_from_memory(question: str, again: str) -> None:
    cache = AnswerCache(seconds=60)
    cache.keep(KEY, question, [1.0, 0.0], ANSWER)
    assert cache.find(KEY, again, [0.99, 0.141]) == ANSWER
    assert cache.find(KEY, again, [0.9, 0.436]) is None  # the meaning is another


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("how many days of leave in Germany?", "how many days of leave in France?"),
        ("how many days of leave?", "how many weeks of leave?"),
        ("leave after 2 years?", "leave after 5 years?"),
        ("leave after two years?", "leave after five years?"),
        ("may I delete messages?", "may I not delete messages?"),
        ("what does WR-4107 mean?", "what does WR-4109 mean?"),
        ("who signs the form?", "when is the form signed?"),
        ("trains from Leeds to London?", "trains from London to Leeds?"),
        ("tell them before lunch?", "tell them after lunch?"),
        ("with a card?", "without a card?"),
        ("at least ten days notice?", "at most ten days notice?"),
        ("€25 a day?", "$25 a day?"),
    ],
)
def test_what_only_looks_alike_is_another_question_whatever_the_embedding(question: str, other: str) -> None:
    cache = AnswerCache(seconds=60)
    cache.keep(KEY, question, [1.0, 0.0], ANSWER)
    assert cache.find(KEY, other, [1.0, 0.0]) is None
    assert cache.find(KEY, question, [1.0, 0.0]) == ANSWER


READERS = st.frozensets(st.sampled_from(["members", "public", "channel:C1", "channel:C2"]))


@given(READERS, READERS, st.sampled_from(["T", "U"]), st.sampled_from(["T", "U"]))
def test_never_across_audiences(one: frozenset[str], other: frozenset[str], team: str, another: str) -> None:
    question = "how many days of leave?"
    first, second = Audience(team, one), Audience(another, other)
    cache = kept(question, Key.of(first, "7", "gpt"))
    found = find(cache, question, Key.of(second, "7", "gpt"))
    assert (found is not None) == (first == second)


@pytest.mark.parametrize(
    "other",
    [
        KEY._replace(version="8"),
        KEY._replace(settings="other"),
        KEY._replace(scope=Scope(path="runbooks/")),
        KEY._replace(language="de"),
    ],
)
def test_never_from_another_index_or_scope_or_under_other_settings(other: Key) -> None:
    assert find(kept("how many days?"), "how many days?", other) is None


@pytest.mark.parametrize("outcome", [it for it in Outcome if it is not Outcome.ANSWERED])
def test_only_answers_are_kept(outcome: Outcome) -> None:
    cache = AnswerCache(seconds=60)
    cache.keep(KEY, "how many?", vector("how many?"), Answer("", outcome))
    assert len(cache) == 0


def test_an_answer_is_kept_for_so_long_and_no_longer() -> None:
    now = 0.0
    cache = AnswerCache(seconds=60, clock=lambda: now)
    cache.keep(KEY, "how many days?", vector("how many days?"), ANSWER)
    now = 59.0
    assert find(cache, "how many days?") == ANSWER
    now = 60.0
    assert find(cache, "how many days?") is None
    assert len(cache) == 0


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = AnswerCache(seconds=60, most=2)
    for question in ("apples?", "pears?"):
        cache.keep(KEY, question, vector(question), ANSWER)
    assert find(cache, "apples?")
    cache.keep(KEY, "plums?", vector("plums?"), ANSWER)
    assert (find(cache, "apples?"), find(cache, "pears?"), find(cache, "plums?")) == (ANSWER, None, ANSWER)
    assert len(cache) == 2


def test_many_threads_at_once_keep_it_bounded() -> None:
    cache = AnswerCache(seconds=60, most=20)

    def use(number: int) -> None:
        question = f"what is item{number % 50} about?"
        cache.keep(KEY._replace(version=str(number % 3)), question, vector(question), ANSWER)
        find(cache, question)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(400)))
    assert len(cache) == 20
