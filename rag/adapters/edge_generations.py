"""The generations of the embedded index: a folder each, and a file that names the one that serves.

<root>/owner.lock        held while open; who does not get it is told so
<root>/generations.json  which one serves and which one is being built, with what; replaced as a whole
<root>/<number>/         an index; see `edge_shard`

An index of before there were generations lies in the root itself: it is generation 0, and stays until it is replaced.
"""

import shutil
from contextlib import ExitStack
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, Self

from rag.adapters.edge import EdgeIndex
from rag.adapters.edge_shard import engine_errors, hold, recorded, write_durably
from rag.adapters.identity import Identity
from rag.errors import IndexUnavailable
from rag.generations import Generation
from rag.ports import Index


class EdgeGenerations:
    """`Generations` in a folder that no other process may open meanwhile."""

    grace_seconds: ClassVar[float] = 0.0  # nobody else uses them

    def __init__(self, root: Path) -> None:
        self._root = root
        self._closing = ExitStack()
        self._lock = RLock()
        self._open: dict[int, EdgeIndex] = {}
        self._state: dict[str, Generation | None] = self._read()

    @classmethod
    def open(cls, root: Path) -> Self:
        """Takes the folder. Raises IndexInUse when it is open already, here or elsewhere."""
        with ExitStack() as opened:
            opened.callback(hold(root).release)
            generations = cls(root)
            generations.tidy()
            generations._closing = opened.pop_all()
        return generations

    def serving(self) -> Generation | None:
        return self._state.get("serving")

    def building(self) -> Generation | None:
        return self._state.get("building")

    def index(self, generation: Generation) -> Index:
        with self._lock:
            if generation not in self._state.values():
                raise IndexUnavailable("The index was replaced meanwhile.")
            if generation.number not in self._open:
                folder = self._folder(generation.number)
                self._open[generation.number] = EdgeIndex.within(folder, generation.identity)
            return self._open[generation.number]

    def begin(self, identity: Identity, made_for: str) -> Generation:
        with self._lock:
            building, serving = self.building(), self.serving()
            if building and (building.identity, building.made_for) == (identity, made_for):
                return building
            self.discard()
            number = max((it.number for it in (building, serving) if it), default=0) + 1
            begun = Generation(number, identity, made_for)
            with engine_errors():
                self._folder(number).mkdir(parents=True, exist_ok=True)
            self._write(serving, begun)
            return begun

    def switch(self) -> None:
        with self._lock:
            if (building := self.building()) is None:
                raise IndexUnavailable("There is no index to switch to.")
            self.index(building).flush()  # one that cannot be opened must not serve
            self._write(building, None)

    def discard(self) -> None:
        with self._lock:
            if self.building() is not None:
                self._write(self.serving(), None)
                self.tidy()

    def tidy(self) -> None:
        with self._lock:
            kept = {generation.number for generation in self._state.values() if generation}
            for number in self._there() - kept:
                if number in self._open:
                    self._open.pop(number).close()
                with engine_errors():
                    self._remove(number)

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()
            self._closing.close()

    def _there(self) -> set[int]:
        numbers = {int(path.name) for path in self._root.iterdir() if path.name.isdecimal()}
        return numbers | ({0} if (self._root / "shard").exists() else set())

    def _folder(self, number: int) -> Path:
        return self._root / str(number) if number else self._root

    def _remove(self, number: int) -> None:
        if number:
            shutil.rmtree(self._folder(number))
            return
        for name in ("identity.json", "change.json"):
            (self._root / name).unlink(missing_ok=True)
        shutil.rmtree(self._root / "shard")

    def _read(self) -> dict[str, Generation | None]:
        record = recorded(self._root / "generations.json")
        if not record and (self._root / "shard" / "edge_config.json").exists():
            record = {"serving": recorded(self._root / "identity.json") | {"number": 0, "made_for": ""}}
        return {role: self._generation(record.get(role)) for role in ("serving", "building")}

    def _generation(self, record: dict[str, Any] | None) -> Generation | None:
        if record is None:
            return None
        identity = Identity.recorded(record, place=str(self._root))
        return Generation(int(record["number"]), identity, str(record["made_for"]))

    def _write(self, serving: Generation | None, building: Generation | None) -> None:
        state = {"serving": serving, "building": building}
        record = {
            role: it and it.identity.record() | {"number": it.number, "made_for": it.made_for}
            for role, it in state.items()
        }
        with engine_errors():
            write_durably(self._root / "generations.json", record)
        self._state = state
