"""The generations of the index on a server: a collection each, and an alias that names the one that serves.

An alias is moved by one `create_alias` over the existing one, which a server stores in one step; to delete and create it
would leave a moment without. A collection of before there were generations carries the plain name: it is generation 0.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar, Self

from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse
from qdrant_client.models import CreateAlias, CreateAliasOperation

from rag.adapters.identity import Identity
from rag.adapters.qdrant import QdrantIndex, connected
from rag.adapters.qdrant_collection import open_collection, refused, server_errors
from rag.errors import IndexUnavailable
from rag.generations import Generation
from rag.ports import Index


class QdrantGenerations:
    """`Generations` that any number of processes share; one at a time builds."""

    grace_seconds: ClassVar[float] = 10.0  # others look once a second, and their questions run for seconds

    def __init__(
        self, client: QdrantClient, collection: str, *, timeout_seconds: float, close: Callable[[], None]
    ) -> None:
        self._client = client
        self._collection = collection
        self._alias = f"{collection}-serving"
        self._numbered = re.compile(rf"{re.escape(collection)}-generation-(\d+)")
        self._timeout_seconds = timeout_seconds
        self._close = close
        self._open: dict[int, QdrantIndex] = {}

    @classmethod
    def connect(cls, url: str, *, api_key: str | None, collection: str, timeout_seconds: float) -> Self:
        """Raises ConfigError when the server does not let us in, IndexUnavailable when it does not answer."""
        client = connected(url, api_key=api_key, timeout_seconds=timeout_seconds)
        try:
            with server_errors(), refused():
                client.get_aliases()
        except BaseException:
            client.close()
            raise
        return cls(client, collection, timeout_seconds=timeout_seconds, close=client.close)

    def serving(self) -> Generation | None:
        with server_errors():
            number = self._serving_number()
            return None if number is None else self._described(number)

    def building(self) -> Generation | None:
        with server_errors():
            serving = self._serving_number()
            newer = {number for number in self._there() if serving is None or number > serving}
            return self._described(max(newer)) if newer else None

    def index(self, generation: Generation) -> Index:
        if generation.number not in self._open:
            name = self._name(generation.number)
            with server_errors():
                if not self._client.collection_exists(name):  # opening would make an empty one
                    raise IndexUnavailable("The index was replaced meanwhile.")
            self._open[generation.number] = QdrantIndex.within(
                self._client,
                name,
                generation.identity,
                timeout_seconds=self._timeout_seconds,
            )
        return self._open[generation.number]

    def begin(self, identity: Identity, made_for: str) -> Generation:
        building = self.building()
        if building and (building.identity, building.made_for) == (identity, made_for):
            return building
        self.discard()
        with server_errors():
            number = max(self._there(), default=0) + 1
        open_collection(self._client, self._name(number), identity, indexed=True, made_for=made_for)
        return Generation(number, identity, made_for)

    def switch(self) -> None:
        if (building := self.building()) is None:
            raise IndexUnavailable("There is no index to switch to.")
        alias = CreateAlias(collection_name=self._name(building.number), alias_name=self._alias)
        with server_errors():
            self._client.update_collection_aliases([CreateAliasOperation(create_alias=alias)])

    def discard(self) -> None:
        while (building := self.building()) is not None:
            self._drop(building.number)

    def tidy(self) -> None:
        with server_errors():
            serving = self._serving_number()
            older = {number for number in self._there() if serving is not None and number < serving}
        for number in older:
            self._drop(number)

    def close(self) -> None:
        with server_errors():
            self._close()

    def _serving_number(self) -> int | None:
        """What the alias names; without one, the collection of the plain name, if there is that."""
        for alias in self._client.get_aliases().aliases:
            if alias.alias_name == self._alias:
                return self._number(alias.collection_name)
        return 0 if 0 in self._there() else None

    def _there(self) -> set[int]:
        names = (it.name for it in self._client.get_collections().collections)
        return {number for name in names if (number := self._number(name)) is not None}

    def _described(self, number: int) -> Generation | None:
        try:
            described = self._client.get_collection(self._name(number))
        except UnexpectedResponse as error:
            if error.status_code == 404:  # noqa: PLR2004 - dropped since it was listed
                return None
            raise
        record: dict[str, Any] = described.config.metadata or {}
        identity = Identity.recorded(record, place=f"collection {self._name(number)}")
        return Generation(number, identity, str(record.get("made_for", "")))

    def _name(self, number: int) -> str:
        return f"{self._collection}-generation-{number}" if number else self._collection

    def _number(self, name: str) -> int | None:
        if name == self._collection:
            return 0
        numbered = self._numbered.fullmatch(name)
        return int(numbered[1]) if numbered else None

    def _drop(self, number: int) -> None:
        self._open.pop(number, None)
        with server_errors():
            self._client.delete_collection(self._name(number))
