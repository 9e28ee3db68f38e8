"""Stream: a message that grows while it is read (chat.startStream, appendStream, stopStream).

Text arrives as Markdown, either directly or in chunks: markdown_text, task_update, plan_update, blocks.
A stream dies some minutes after its start, whatever is appended to it.
"""

from dataclasses import dataclass, field

from sandbox.errors import SlackError
from sandbox.shapes import Json

_TASK_STATUSES = ("pending", "in_progress", "complete", "error")


@dataclass
class Stream:
    """The growing content of one message; `ends_at` in seconds since 1970."""

    ends_at: float
    text: str = ""
    plan_title: str | None = None
    tasks: dict[str, Json] = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)
    completed: bool = False
    stopped_by_user: bool = False

    def state(self, now: float) -> str:
        """in_progress, completed or, when its time ran out first, errored."""
        if self.completed or self.stopped_by_user:
            return "completed"
        return "in_progress" if now < self.ends_at else "errored"

    def append(self, markdown_text: str | None, chunks: list[Json]) -> None:
        """Take more content. Raises SlackError `invalid_chunks`."""
        self.text += markdown_text or ""
        for chunk in chunks:
            self._take(chunk)

    def to_blocks(self) -> list[Json]:
        """The blocks a person sees: the plan, the tasks, the text, and what was put below."""
        shown: list[Json] = []
        if self.plan_title:
            shown.append({"type": "plan", "title": self.plan_title, "tasks": list(self.tasks.values())})
        else:
            shown += self.tasks.values()
        if self.text:
            shown.append({"type": "markdown", "text": self.text})
        return shown + self.blocks

    def _take(self, chunk: Json) -> None:
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if kind == "markdown_text" and isinstance(chunk.get("text"), str):
            self.text += chunk["text"]
        elif kind == "task_update" and chunk.get("id") and chunk.get("status", "pending") in _TASK_STATUSES:
            self._take_task(chunk)
        elif kind == "plan_update" and isinstance(chunk.get("title"), str):
            self.plan_title = chunk["title"]
        elif kind == "blocks" and isinstance(chunk.get("blocks"), list):
            self.blocks += chunk["blocks"]
        else:
            raise SlackError("invalid_chunks")

    def _take_task(self, chunk: Json) -> None:
        """Title and status replace, details and output are added to."""
        known = self.tasks.get(chunk["id"], {"type": "task_card", "task_id": chunk["id"], "title": ""})
        grown = {
            name: str(known.get(name, "")) + str(chunk[name])
            for name in ("details", "output")
            if chunk.get(name)
        }
        replaced = {name: chunk[name] for name in ("title", "status", "sources") if chunk.get(name)}
        self.tasks[chunk["id"]] = known | replaced | grown
