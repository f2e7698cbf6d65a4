"""The figure of time per arc and memory against the number of arcs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from esc_sim.storage.files import write_text
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    VERMILION,
    finish_with,
    legend_of,
    new_figure,
    panel_letters,
    save,
    styled,
)

if TYPE_CHECKING:
    from experiments.bench.bench_arcs import Measured

_LOOKS = {"even": (BLUE, "o", "-"), "hubs": (VERMILION, "s", "--"), "star": (GREEN, "^", "-.")}
_LABELS = {
    "even": "suppliers drawn alike",
    "hubs": "one hub a layer",
    "star": "half of all arcs to one hub",
}


def write_arcs_figure(found: Sequence[Measured], folder: Path) -> None:
    """Write arcs.csv and arcs.png into a folder."""
    from experiments.bench.bench_arcs import Measured

    table = io.StringIO()
    writer = csv.DictWriter(table, [field.name for field in fields(Measured)], lineterminator="\n")
    writer.writeheader()
    for one in found:
        writer.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in asdict(one).items()})
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "arcs.csv", table.getvalue())
    save(arcs_figure(found), folder / "arcs.png")


@styled
def arcs_figure(found: Sequence[Measured]) -> Figure:
    """Time per arc and period, and peak of memory, against the number of arcs."""
    figure = new_figure(height=3.6)
    time, memory = figure.subplots(1, 2)
    for kind, (colour, marker, dash) in _LOOKS.items():
        own = sorted((m for m in found if m.kind == kind), key=lambda m: m.arcs)
        arcs = [m.arcs for m in own]
        look = {"color": colour, "marker": marker, "linestyle": dash, "markersize": 4.5}
        time.plot(arcs, [1e6 * m.simulation_ms / m.arcs for m in own], label=_LABELS[kind], **look)
        memory.plot(arcs, [m.peak_mb for m in own], **look)
    time.set(xscale="log", xlabel="arcs", ylabel="CPU time per arc and period [ns]")
    memory.set(xscale="log", xlabel="arcs", ylabel="peak of memory [MB]")
    time.set_title("Time")
    memory.set_title("Memory")
    _limit(time, 60.0, "60 ms a period at 10\N{SUPERSCRIPT SIX} arcs")
    _limit(memory, 2000.0, "2 GB")
    for axis in (time, memory):
        axis.grid(axis="y")
        axis.set_ylim(bottom=0.0)
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    panel_letters([time, memory])
    title = "Compiled engine, one thread: cost of an arc"
    footer = "synthetic networks  |  python -m experiments.bench.bench_arcs --figure  |  medians of five differences"
    return finish_with(figure, title, footer, legend_of(time))


def _limit(axis: Axes, value: float, text: str) -> None:
    axis.axhline(value, color=BLACK, linewidth=0.8, linestyle=":")
    axis.annotate(text, (0.02, value), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points",
                  fontsize=7.0)  # fmt: skip
