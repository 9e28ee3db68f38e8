"""Listing and reading in a thread of its own, while what was read before is embedded and written."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Self

from ingestion.catalogue import CataloguedDocument
from ingestion.reading import Reader, Reading, ReadingCutShort
from ingestion.sources import Original, Skipped, Source, Unlisted
from ingestion.stock import TRIES, Stock
from rag.errors import DocumentUnreadable, FootnoteError, SourceUnavailable, where

log = logging.getLogger(__name__)

MOST_AHEAD = 16_000_000
"""Characters of text that wait to be embedded, about; the document that goes beyond it is the last."""

_LEAST_WEIGHT = 50_000
"""What a document counts at least, so that there are at most 320 of them."""

_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Repeated:
    """An original that was listed before."""

    original: Original


@dataclass(frozen=True, slots=True)
class Settled:
    """An original that needs no reading."""

    original: Original
    known: CataloguedDocument


@dataclass(frozen=True, slots=True)
class Read:
    original: Original
    reading: Reading


@dataclass(frozen=True, slots=True)
class Unread:
    """An original of which there is no reading, and why."""

    original: Original
    error: DocumentUnreadable | SourceUnavailable


Found = Skipped | Unlisted | Repeated | Settled | Read | Unread


class ReadAhead:
    """A context manager: what a source holds in the order in which it lists it, read where that is needed.

    Iterate once. None comes now and then while there is nothing to hand over. Raises what the source raises. At
    the end of the context nothing reads any more; what is being read just then is waited for.
    """

    def __init__(self, source: Source, stock: Stock, reader: Reader, *, most: int = MOST_AHEAD) -> None:
        self._source = source
        self._stock = stock
        self._reader = reader
        self._waiting = _Weighed(most)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="read-ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            self._waiting.empty_out()
            self._thread.join(0.02)

    def __iter__(self) -> Iterator[Found | None]:
        while True:
            try:
                item = self._waiting.get(timeout=_PATIENCE_SECONDS)
            except Empty:
                yield None
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def _run(self) -> None:
        end = _End(None)
        try:
            for found in self._found():
                self._waiting.put(found)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the sync is
            end = _End(error)
        self._waiting.put(end)

    def _found(self) -> Iterator[Found]:
        listed: set[str] = set()
        for found in self._source.originals():
            if not isinstance(found, Original):
                yield found
            elif found.id in listed:
                yield Repeated(found)
            else:
                listed.add(found.id)
                settled = self._stock.settled(found)
                yield Settled(found, settled) if settled else self._read(found)

    def _read(self, original: Original) -> Read | Unread:
        if self._stock.tries(original) >= TRIES:
            return Unread(original, ReadingCutShort("ended the process that was indexing it"))
        try:
            return Read(original, self._reading(original))
        except (DocumentUnreadable, SourceUnavailable) as error:
            return Unread(original, error)

    def _reading(self, original: Original) -> Reading:
        try:
            data = original.read()
        except FootnoteError:
            raise
        except Exception as error:
            log.warning("document of a source not fetched: %s", where(error))
            raise SourceUnavailable(
                f"could not be fetched because of an error of ours ({type(error).__name__})"
            ) from error
        return self._reader.read(
            data,
            original.name,
            url=original.url,
            media_type=original.media_type,
            by_line=original.by_line,
        )


@dataclass(frozen=True, slots=True)
class _End:
    """The last of what was found; `error` ends the sync."""

    error: BaseException | None


class _Weighed(Queue[Found | _End]):
    """A queue that is full by the weight of what is in it, not by the number."""

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self._weight = 0

    def _qsize(self) -> int:
        return self._weight

    def _put(self, item: Found | _End) -> None:
        super()._put(item)
        self._weight += _weight(item)

    def _get(self) -> Found | _End:
        item = super()._get()
        self._weight -= _weight(item)
        return item

    def empty_out(self) -> None:
        while not self.empty():
            self.get()


def _weight(item: Found | _End) -> int:
    if not isinstance(item, Read):
        return 1_000
    return _LEAST_WEIGHT + sum(len(part.text) + len(part.url) for part in item.reading.slices)
