"""A source as the operator registered it: where it is, how to open it, who may read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SourceState = Literal["active", "removing"]


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """`options` are of the kind (a folder's `base_url`); `readers` are reader keys of `rag.domain`.

    A source that is `removing` is no longer synced and can be found no more once its removal is done. It is synced by
    itself `every_seconds`; None: only when somebody asks. `people_channel` is the id of the Slack channel whose people know what it
    does not say; empty: of none. One that `is_paused` keeps its schedule and is answered from, but is not synced by itself.
    """

    id: str
    team_id: str
    name: str
    kind: str
    location: str
    readers: frozenset[str]
    options: Mapping[str, str] = field(default_factory=dict)
    state: SourceState = "active"
    every_seconds: float | None = None
    people_channel: str = ""
    is_paused: bool = False
