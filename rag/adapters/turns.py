"""Turns at the model: questions go before the batches of a sync."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """One thread at the model at a time; a question waits for one batch of a sync, not for all of them."""

    def __init__(self) -> None:
        self._batches = Lock()
        self._next = Lock()
        self._model = Lock()

    @contextmanager
    def of_question(self) -> Iterator[None]:
        with self._next:
            self._model.acquire()
        try:
            yield
        finally:
            self._model.release()

    @contextmanager
    def of_batch(self) -> Iterator[None]:
        # Of all batches only one stands in line with the questions.
        with self._batches, self.of_question():
            yield
