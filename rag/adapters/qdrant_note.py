"""What readers must not see at the moment, noted beside the chunks: so a server too switches a document in one step.

A server does one operation after the other, and a reader can meet it between any two, or in the midst of one. But a
note is a single point, which a reader sees before or after its change and never between. Of each source there is one,
and one process at a time works on a source (see `ingestion.runs`), so that at most one replacement is under way in it:

    entering  the new chunks come in, marked `entered` with the number of the replacement, and the old ones that are to
              go are marked `left` with it. Readers leave out what has entered with this number: they see the old.
    leaving   from here on the new is complete, and readers leave out what has left with this number. That is deleted
              now, and what stays gets its new place and link.
    nothing   done.
    all       the whole source is being deleted.

Readers read the notes, search without what the notes hide, and read the notes again. Where these are the same, no
replacement passed from one state to the next meanwhile (numbers only grow). So what was hidden was so for the whole
search, what was to be seen was complete for the whole search, and nothing of it was deleted. Else they search again.
Together the notes of a team are a version of what its readers find: every change passes through one of them.

What a crash cut short stays hidden by its note until the next change of the source completes it or, while it was
entering, undoes it: the chunks stay for no reader at all and with no hash, so that the next sync need not embed them.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import time_ns
from typing import Any, Literal

from qdrant_client.models import FieldCondition, Filter, MatchValue, PointsList, PointStruct, UpsertOperation

from rag.adapters import qdrant_filter as having

_NOTES = uuid.UUID("0a4e8f55-6d0e-4c3c-9a39-1d1a7c9b6f02")

ENTERED = "entered"
LEFT = "left"

Hidden = Literal["nothing", "entering", "leaving", "all"]


@dataclass(frozen=True, slots=True)
class Note:
    """`number` is that of the source's latest replacement."""

    team_id: str
    source_id: str
    number: int = 0
    hidden: Hidden = "nothing"

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> "Note":
        return cls(payload["note_of"], payload["note_source"], payload["number"], payload["hidden"])

    @property
    def id(self) -> str:
        return note_id(self.team_id, self.source_id)

    def written(self) -> UpsertOperation:
        """The operation that makes this the note of its source."""
        payload = {
            "note_of": self.team_id,
            "note_source": self.source_id,
            "number": self.number,
            "hidden": self.hidden,
        }
        return UpsertOperation(
            upsert=PointsList(points=[PointStruct(id=self.id, vector={}, payload=payload)])
        )

    def marked(self, mark: str) -> Filter:
        """The source's chunks that entered or left with this replacement."""
        numbered = FieldCondition(key=mark, match=MatchValue(value=self.number))
        return having.both(having.owned_by(self.team_id, self.source_id), Filter(must=[numbered]))

    def hides(self) -> Filter | None:
        """The chunks that readers leave out."""
        match self.hidden:
            case "nothing":
                return None
            case "all":
                return having.owned_by(self.team_id, self.source_id)
            case state:
                return self.marked(ENTERED if state == "entering" else LEFT)


def note_id(team_id: str, source_id: str) -> str:
    return str(uuid.uuid5(_NOTES, f"{team_id}\n{source_id}"))


def note_of_readers(team_id: str, source_id: str) -> Note:
    """A note that the source's readers changed: it hides nothing, and tells that something is not what it was.

    Not the note of the source itself, since readers may change while a replacement is under way in it.
    """
    return Note(team_id, f"{source_id}\nreaders", time_ns())


def version_of(notes: Iterable[Note]) -> str:
    """The same for the same notes, in any order."""
    told = sorted((note.source_id, note.number) for note in notes)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def of_team(team_id: str) -> Filter:
    """The notes of all sources of a team. Notes have no field in common with chunks: no other filter finds them."""
    return Filter(must=[FieldCondition(key="note_of", match=MatchValue(value=team_id))])


def seen(scope: Filter, notes: Iterable[Note]) -> Filter:
    """What of the scope is not hidden."""
    hidden: list[Any] = [hides for note in notes if (hides := note.hides())]
    return Filter(must=[scope], must_not=hidden) if hidden else scope
