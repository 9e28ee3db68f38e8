"""Figures as tables for people and as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table

from evals.abstention import Separation
from evals.fitting import Logistic
from evals.separating import Confusion
from rag.confidence import Signals
from rag.errors import ConfigError


def show(*parts: RenderableType) -> None:
    """Print to the terminal, as wide as the tables need where it is a file or a pipe."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=170)
    console.print(Group(*parts))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Raises ConfigError when the file cannot be written."""
    try:
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {(error.strerror or 'no reason given').lower()}."
        ) from error


def abstention_table(name: str, parts: Mapping[str, Separation], threshold: float) -> RenderableType:
    """One row a split: what was answered and held back, of what should have been."""
    table = Table(
        "split",
        title=f"{name}: answered from a confidence of {threshold:g} on",
        title_justify="left",
        caption="answerable: the documents hold the answer; unanswerable: they do not",
        caption_justify="left",
    )
    for column in ("answerable: answered", "held back", "unanswerable: held back", "answered", "AUROC"):
        table.add_column(column, justify="right")
    for split, found in parts.items():
        done = found.confusion
        table.add_row(
            split,
            str(done.answered_answerable),
            f"{done.abstained_answerable} ({done.abstained_wrongly:.0%})",
            f"{done.abstained_unanswerable} ({done.abstained_rightly:.0%})",
            str(done.answered_unanswerable),
            f"{found.auroc:.3f}",
        )
    return table


def answers_table(parts: Mapping[str, Mapping[str, tuple[int, int]]]) -> RenderableType:
    """Where the reference answer stands in the extractive answer, by split and type."""
    table = Table("split", title="The quoted answer holds a reference answer", title_justify="left")
    kinds = sorted({kind for counts in parts.values() for kind in counts})
    for kind in (*kinds, "all"):
        table.add_column(kind, justify="right")
    for split, counts in parts.items():
        held, total = (sum(column) for column in zip(*counts.values(), strict=True)) if counts else (0, 0)
        shares = [_part(*counts[kind]) if kind in counts else "-" for kind in kinds]
        table.add_row(split, *shares, _part(held, total))
    return table


def thresholds_table(rows: Mapping[float, Sequence[Confusion]], splits: Sequence[str]) -> RenderableType:
    """What each threshold would hold back, rightly and wrongly, by split."""
    table = Table("threshold", title="Held back, by threshold", title_justify="left")
    for split in splits:
        table.add_column(f"{split}: unanswerable", justify="right")
        table.add_column("answerable", justify="right")
    for threshold, confusions in rows.items():
        shares = [
            f"{share:.0%}"
            for done in confusions
            for share in (done.abstained_rightly, done.abstained_wrongly)
        ]
        table.add_row(f"{threshold:.2f}", *shares)
    return table


def constants(model: Logistic) -> str:
    """The lines to paste into rag/confidence.py."""
    weights = ", ".join(
        f"{name}={weight:.2f}" for name, weight in zip(Signals._fields, model.weights, strict=True)
    )
    return f"_WEIGHTS = Signals({weights})\n_BIAS = {model.bias:.2f}"


def _part(held: int, total: int) -> str:
    return f"{held}/{total} ({held / total:.0%})" if total else "-"
