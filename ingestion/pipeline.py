"""A source into the index: only what changed is read, only what is new is embedded.

    stock           what there was: the catalogue's word on each document, and the index's
    reading_ahead   listing and reading, in a thread that keeps ahead of the rest
    verdict         what becomes of a document that was looked at
    writing         embedded and written, batch by batch; what `indexing` adds to the text before that

Per document, its chunks are replaced in the index in one step; then it is written into the catalogue. Whatever is cut
short in between is done again by the next sync and comes out the same. The index is believed where the two differ: a
document that the catalogue knows and the index has lost is read again, one that only the index holds is deleted with
those that are gone. These go last, so that a document that was only renamed finds its vectors.

A source that suddenly shows nothing at all is taken for one that is away (a disk not mounted, a wrong right), not
for one that was emptied: nothing is deleted and the sync fails. Whoever means it removes the source.
"""

from collections.abc import Callable, Collection, Sequence
from time import monotonic

from ingestion.catalogue import Catalogue
from ingestion.indexing import Enriching, name_of
from ingestion.reading import Reader
from ingestion.reading_ahead import Read, ReadAhead, Repeated, Settled, Unread
from ingestion.registered import RegisteredSource
from ingestion.report import Progress, SyncReport, Tally
from ingestion.sources import Skipped, Source, Unlisted
from ingestion.stock import Stock
from ingestion.writing import BATCH_TEXTS, Writer
from rag.errors import SourceUnavailable
from rag.ports import Embedder, Index


def sync(
    source: Source,
    registered: RegisteredSource,
    *,
    catalogue: Catalogue,
    reader: Reader,
    embedder: Embedder,
    index: Index,
    progress: Callable[[Progress], None],
    enriching: Enriching | None = None,
    batch_texts: int = BATCH_TEXTS,
) -> SyncReport:
    """Bring the index to what the source holds now. One process at a time per source (see `ingestion.runs`).

    The source is listed and read in a thread of its own, everything else happens in this one. `progress` is called at
    least once a document, once a batch, every few seconds, and before each change of the index; what it raises ends the
    sync, and nothing is written after it. At most `batch_texts` are embedded in one call. Raises SourceUnavailable,
    SourceGone, and what the ports raise; all that was done by then stays done.
    """
    started = monotonic()
    tally = Tally(source.count(), progress)
    stock = Stock(
        registered,
        catalogue,
        embedder,
        index,
        indexing=name_of(enriching.indexing.techniques) if enriching else "",
    )
    writer = Writer(
        registered,
        stock,
        tally,
        catalogue=catalogue,
        embedder=embedder,
        index=index,
        enriching=enriching,
        batch_texts=batch_texts,
    )
    with ReadAhead(source, stock, reader) as ahead:
        listed, unlisted = _take_in(ahead, writer, tally)
    gone = _gone(stock, listed, unlisted, tally)
    _delete(gone, registered, catalogue, index, tally)
    if enriching:
        enriching.forget(gone)
    tally.report.chunks = index.count(registered.team_id, registered.id)
    tally.report.seconds = round(monotonic() - started, 3)
    return tally.report


def _take_in(ahead: ReadAhead, writer: Writer, tally: Tally) -> tuple[set[str], list[str]]:
    """Everything listed, dealt with. Returns the documents that are there, and the prefixes of those not known."""
    report, listed, unlisted = tally.report, set[str](), list[str]()
    for found in ahead:
        match found:
            case Skipped(reason=reason):
                report.skip(reason)
            case Unlisted(prefix=prefix, reason=reason):
                unlisted.append(prefix)
                report.fail(prefix, reason)
            case Repeated(original):
                tally.documents += 1
                report.fail(original.id, "is listed twice by its source")
            case Settled(original, known):
                listed.add(original.id)
                tally.documents += 1
                if known.failure:
                    report.fail(original.id, known.failure, for_good=True)
                else:
                    report.unchanged += 1
            case Read() | Unread():
                listed.add(found.original.id)
                writer.take(found)
        tally.tell()
    writer.flush()
    return listed, unlisted


def _gone(stock: Stock, listed: Collection[str], unlisted: Sequence[str], tally: Tally) -> list[str]:
    """The documents that there were and that are no more."""
    before = stock.known.keys() | stock.held
    if before and not listed and not tally.report.skipped:
        raise SourceUnavailable(
            f"The source shows no documents at all, though it had {len(before)}: nothing was deleted. "
            "If it was emptied on purpose, remove the source."
        )
    kept = tuple(unlisted)
    return sorted(document_id for document_id in before - set(listed) if not document_id.startswith(kept))


def _delete(
    gone: Sequence[str], registered: RegisteredSource, catalogue: Catalogue, index: Index, tally: Tally
) -> None:
    for document_id in gone:
        tally.tell()
        index.delete_document(registered.team_id, registered.id, document_id)
        tally.report.deleted += 1
    if gone:
        index.flush()
        catalogue.forget(registered.id, gone)
