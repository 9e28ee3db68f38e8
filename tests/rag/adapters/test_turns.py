"""A question waits for the batch at work, not for those that stand in line."""

from threading import Event, Thread

import pytest

from rag.adapters.turns import Turns


def test_a_question_goes_before_the_batches_in_line() -> None:
    turns, order = Turns(), list[str]()
    at_work, go_on = Event(), Event()

    def first_batch() -> None:
        with turns.of_batch():
            at_work.set()
            go_on.wait(5)
            order.append("first batch")

    def batch() -> None:
        with turns.of_batch():
            order.append("batch")

    def question() -> None:
        with turns.of_question():
            order.append("question")

    threads = [Thread(target=first_batch), *(Thread(target=batch) for _ in range(3)), Thread(target=question)]
    threads[0].start()
    at_work.wait(5)
    for thread in threads[1:]:
        thread.start()
        thread.join(0.1)  # it stands in line by now
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert order == ["first batch", "question", "batch", "batch", "batch"]


def test_a_turn_ends_with_an_error() -> None:
    turns = Turns()
    for turn in (turns.of_batch, turns.of_question, turns.of_batch):
        with pytest.raises(ZeroDivisionError), turn():
            1 / 0  # noqa: B018 - for its error
