"""Throws the whole index away, also one that another model built and that therefore cannot be opened."""

import shutil

from ingestion.workshop import Workshop, held


def empty_index(workshop: Workshop) -> None:
    """Nothing is found any more until every source is synced, which then reads and embeds everything.

    Cut short, it has done no harm that a sync does not make good. Raises IndexInUse while the bot holds the index.
    """
    folder = workshop.index_folder
    if folder is None:
        workshop.catalogue.forget_versions()
        _drop_collection(workshop)
        return
    with held(folder):
        workshop.catalogue.forget_versions()
        # The lock file stays: it is ours as long as it is there.
        (folder / "identity.json").unlink(missing_ok=True)
        (folder / "change.json").unlink(missing_ok=True)
        shutil.rmtree(folder / "shard", ignore_errors=True)


def _drop_collection(workshop: Workshop) -> None:
    from qdrant_client import QdrantClient  # noqa: PLC0415  # slow, and only wanted with a server

    from rag.adapters.qdrant_collection import server_errors  # noqa: PLC0415

    section = workshop.settings.index
    key = section.api_key.get_secret_value() if section.api_key else None
    with server_errors():
        client = QdrantClient(url=section.url, api_key=key, timeout=int(section.timeout_seconds) or 1)
        try:
            client.delete_collection(section.collection)
        finally:
            client.close()
