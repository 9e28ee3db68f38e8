"""Figures as a picture: a point for each mean, a line for its 95 % interval."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from evals.comparing import Interval
from rag.errors import ConfigError

Bars = Mapping[str, tuple[float, Interval]]
"""Mean and interval by name, in the order shown."""


_COLUMNS = 3


def plot(path: Path, panels: Mapping[str, Bars], *, label: str, marked: str = "default") -> None:
    """Write a PNG with one panel a title, the names from top to bottom; `marked` stands out.

    Raises ConfigError when the file cannot be written.
    """
    bars = max(map(len, panels.values()))
    columns = min(len(panels), _COLUMNS)
    rows = -(-len(panels) // columns)
    size = (4.6 * columns + 1.2, (0.42 * bars + 1.4) * rows)
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    for number, (title, means) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(rows, columns, number)
        for place, (name, (mean, span)) in enumerate(means.items()):
            colour = "#b3541e" if name == marked else "#2f5d8a"
            axes.plot(
                [span.low, span.high], [place, place], color=colour, linewidth=2.2, solid_capstyle="round"
            )
            axes.plot([mean], [place], "o", color=colour, markersize=6)
            axes.annotate(
                f"{mean:.3f}",
                (mean, place),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=7,
            )
        axes.set_yticks(range(len(means)), [*means])
        axes.set_ylim(len(means) - 0.5, -0.7)
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xlabel(label, fontsize=8)
        axes.tick_params(labelsize=8)
        axes.grid(axis="x", alpha=0.25)
        axes.spines[["top", "right", "left"]].set_visible(False)
    try:
        figure.savefig(path, format="png")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {(error.strerror or 'no reason given').lower()}."
        ) from error
