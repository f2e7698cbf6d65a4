"""One look for all figures: colours that colour-blind readers tell apart, sizes for print, a line of provenance.

Colours: Okabe, Ito (2008), "Color universal design". Colour never stands alone: lines differ in dash, points in shape.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator, StrMethodFormatter

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.findings.drawings import draws
from esc_sim.findings.words import footer_for, title_for
from esc_sim.results.knowledge import knowledge_line
from esc_sim.results.run import DISRUPTED
from esc_sim.storage.files import write_bytes
from esc_sim.views.palette import (  # noqa: F401 - figures take them from here, with the rest of the style
    BLACK,
    BLUE,
    DISRUPTED_COLOUR,
    GREEN,
    GREY,
    LIGHT_GREY,
    NORMAL_COLOUR,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    YELLOW,
    compact,
    data_status,
    shortened,
)

if TYPE_CHECKING:
    from esc_sim.results.run import Result

P = ParamSpec("P")
R = TypeVar("R")

_ENG_SPAN: Final = 1e-4
"""Part of the largest number that an axis must span for its ticks to differ in six digits."""
_DUST: Final = 1e-9
"""Part of the largest number on an axis below which what it spans is rounding of one number."""
_AROUND: Final = 0.05
"""Part of a number that is shown on either side of it, where all numbers are that one."""
WIDTH: Final = 6.3  # inches: the text width of an A4 page
DPI: Final = 200
_TITLE_WIDTH: Final = 76
"""Characters of a title's line, in a figure of that width."""
_TITLE_LEFT: Final = 0.01
_TITLE_FONT: Final[Any] = {"fontsize": 10.0, "fontweight": "bold"}
_FEW_LINES: Final = 200
"""Lines of a map up to which each is drawn in full."""
_FOOTER_WIDTH: Final = 118
"""Characters of a footer's line."""

_STYLE: Final[Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,  # numbers stand on an axis as they are
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "grid.color": LIGHT_GREY,
    "grid.linewidth": 0.5,
    "figure.titlesize": 10.0,
    "figure.titleweight": "bold",
    "pdf.fonttype": 42,  # text stays text, as journals ask
    "svg.fonttype": "none",
    "svg.hashsalt": "esc_sim",
    "text.parse_math": False,  # a "$" in a scenario's title is a dollar
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorator: draw in the project's style, whatever style the caller has set, and leave his as it was."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_STYLE)
            return draw(*args, **kwargs)

    return draws(inside)


def points_axis(axis: Axes) -> None:
    """Write differences of shares on the x axis in percentage points."""
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}".replace("-", "\N{MINUS SIGN}")))


def refuse_empty(name: str, why: str) -> None:
    """Refuse to draw a figure that would show nothing.

    Args:
        name: of the figure.
        why: there is nothing to show; empty where there is something.

    Raises:
        InputError: there is nothing.
    """
    if why:
        raise InputError(f"{name}: {why}")


class _ShownFigure(Figure):
    """A figure that notebooks show though pyplot has no part in it."""

    def _repr_png_(self) -> bytes:
        return drawn_bytes(self, "png")


def new_figure(width: float = WIDTH, height: float = 3.6) -> Figure:
    """An empty figure (inches) with a canvas of its own and no part in pyplot's global state."""
    figure = _ShownFigure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def finish(figure: Figure, run: Result, title: str, legend: dict[str, Artist] | None = None) -> Figure:
    """Add the title and the line that says where the numbers come from, and a legend for the whole figure.

    Args:
        figure: the figure.
        run: the run that it shows.
        title: what is shown; the scenario's title is added.
        legend: label -> artist.
    """
    return finish_with(figure, f"{title}: {run.title}", provenance(run), legend)


def finish_with(figure: Figure, title: str, footer: str, legend: dict[str, Artist] | None = None) -> Figure:
    """Add a title, a footer, and a legend (label -> artist) in rows under the title.

    Args:
        figure: the figure.
        title: its title, broken into two lines where it is long, and cut where it is longer still.
        footer: line that says where the numbers come from.
        legend: label -> artist.
    """
    for axis in figure.axes:
        over_dust(axis, "x")
        over_dust(axis, "y")
    footer = footer_for(footer)
    broken = _title_lines(title_for(title), figure)
    most = int(_FOOTER_WIDTH * min(1.0, figure.get_figwidth() / WIDTH))
    footer = "\n".join(textwrap.fill(line, most) for line in footer.splitlines())
    rows = _legend_rows(figure, legend, below=0.06 + 0.21 * len(broken)) if legend else 0
    # Empty lines of the title keep the legend's place free.
    lines = [*broken, *[""] * rows] if broken else [" ", *[""] * (rows - 1)] if rows else []
    if lines:
        figure.suptitle("\n".join(lines), x=_TITLE_LEFT, ha="left", linespacing=1.5, **_TITLE_FONT)
    if footer:
        figure.supxlabel(footer, x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure


def _title_lines(title: str, figure: Figure) -> list[str]:
    """A title on at most two lines that fit the figure; wide letters leave room for fewer of them."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    for width in range(int(_TITLE_WIDTH * figure.get_figwidth() / WIDTH), 10, -3):
        lines = textwrap.wrap(title, width, max_lines=2, placeholder=" ...")
        drawn = figure.text(_TITLE_LEFT, 0.0, "\n".join(lines), **_TITLE_FONT)
        fits = drawn.get_window_extent(canvas.get_renderer()).x1 <= figure.bbox.x1
        drawn.remove()
        if fits:
            break
    return lines


def _legend_rows(figure: Figure, legend: dict[str, Artist], below: float) -> int:
    """Draw the legend with as many columns as fit the width, at most four; returns its number of rows.

    Args:
        figure: the figure.
        legend: label -> artist.
        below: inches between its top and that of the figure.
    """
    top = 1.0 - below / figure.get_figheight()
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    for columns in range(min(4, len(legend)), 0, -1):
        drawn = figure.legend(
            list(legend.values()),
            list(legend),
            loc="upper left",
            bbox_to_anchor=(0.005, top),
            ncols=columns,
            columnspacing=1.4,
            borderaxespad=0.0,
        )
        if columns == 1 or drawn.get_window_extent(canvas.get_renderer()).x1 <= 0.99 * figure.bbox.x1:
            break
        drawn.remove()
    return math.ceil(len(legend) / columns)


def legend_of(axis: Axes, order: Sequence[str] = ()) -> dict[str, Artist]:
    """What an axis would put into its legend; labels that begin with one of ``order`` come first, in that order."""
    handles, labels = axis.get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    rank = {
        label: min([k for k, start in enumerate(order) if label.startswith(start)] or [len(order)]) for label in found
    }
    return {label: found[label] for label in sorted(found, key=lambda label: rank[label])}


def provenance(run: Result) -> str:
    """Footer of a figure: what was run, and the status of its data unless they are measured."""
    summary = run.summary
    length = f"{counted(run.replications, 'replication')} of {counted(run.period_count, run.units.period)}"
    parts = [f"{length}, seed {summary['seed']}"]
    if summary.get("plan"):
        parts.append(f"plan {shortened(str(summary['plan']), 30)}")
    parts += [knowledge_line(summary), data_status(run.data.status, run.data.note)]
    return textwrap.fill("  |  ".join(part for part in parts if part), _FOOTER_WIDTH)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure in the format of the path's ending; the file appears only when it is whole.

    The bytes depend on the figure alone: no dates are written into the file.
    """
    write_bytes(path, drawn_bytes(figure, path.suffix.lower().lstrip(".")))
    return path


def drawn_bytes(figure: Figure, kind: str) -> bytes:
    """A figure as the content of a file: "png", "pdf" or "svg"."""
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Producer": None, "Creator": "esc_sim"},
        "svg": {"Date": None, "Creator": "esc_sim"},
    }
    drawn = io.BytesIO()
    with mpl.rc_context(_STYLE), _laid_out(figure) if kind == "png" else nullcontext():
        figure.savefig(drawn, format=kind, dpi=DPI, metadata=metadata.get(kind))
    return drawn.getvalue()


@contextmanager
def _laid_out(figure: Figure) -> Iterator[None]:
    """Within the block the figure's layout is worked out; matplotlib would draw all of it once for the layout alone."""
    engine, dpi = figure.get_layout_engine(), figure.dpi
    if engine is None or not figure.axes:
        yield
        return
    figure.dpi = DPI
    engine.execute(figure)
    figure.set_layout_engine(None)
    try:
        yield
    finally:
        figure.set_layout_engine(engine)
        figure.dpi = dpi


def run_label(run: Result, of: str) -> str:
    """Word for a run in a legend."""
    return "disrupted" if of == DISRUPTED else "normal"


def over_dust(axis_of: Axes, which: str) -> None:
    """Show a constant as one: where an axis spans but rounding of one number, widen it, so that ticks stay short."""
    axis = axis_of.xaxis if which == "x" else axis_of.yaxis
    low, high = sorted(axis.get_view_interval())
    largest = max(abs(low), abs(high))
    if axis.get_scale() == "linear" and 0.0 < high - low < _DUST * largest:
        ends = (low - _AROUND * largest, high + _AROUND * largest)
        (axis_of.set_xlim if which == "x" else axis_of.set_ylim)(*ends, auto=None)


def thousands(axis_of: Axes, which: str = "x") -> None:
    """Write large numbers on an axis so that they can be read, 72,500 or 1.2 M, and no two ticks alike."""
    over_dust(axis_of, which)
    axis = axis_of.xaxis if which == "x" else axis_of.yaxis
    low, high = axis.get_view_interval()
    largest = max(abs(low), abs(high))
    if high - low < _ENG_SPAN * largest:  # long numbers: few of them
        axis.set_major_locator(MaxNLocator(4))
    if largest >= 1e6 and high - low > _ENG_SPAN * largest:
        axis.set_major_formatter(EngFormatter(sep=" "))
    elif largest >= 1e4:
        places = max(0, 1 - math.floor(math.log10(high - low)))
        axis.set_major_formatter(StrMethodFormatter(f"{{x:,.{places}f}}"))


def time_axis(axis_of: Axes, run: Result) -> None:
    """Name the axis of periods, and write their dates on it where the scenario gives dates."""
    calendar = run.calendar
    axis_of.set_xlabel(f"time [{run.units.period}]" if calendar is None else f"date (start of the {run.units.period})")
    if calendar is not None:
        axis_of.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axis_of.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: calendar.label(round(value)) if float(value).is_integer() else "")
        )


def faintness(lines: int) -> float:
    """Share of their width and opacity that many lines keep, so that they stay lines and become no grey mass."""
    return min(1.0, math.sqrt(_FEW_LINES / max(1, lines)))


def percent_axis(axis_of: Axes, which: str = "y") -> None:
    """Write shares as percentages, with as many digits as tell the ticks apart."""
    axis = axis_of.xaxis if which == "x" else axis_of.yaxis

    def words(value: float, place: int | None) -> str:
        low, high = axis.get_view_interval()
        span, largest = high - low, max(abs(low), abs(high))
        digits = 6 if span <= 0.0 else max(6, 2 + math.ceil(math.log10(largest / span)))
        return f"{100 * value:.{digits}g} %".replace("-", "\N{MINUS SIGN}")

    axis.set_major_formatter(FuncFormatter(words))


def panel_letters(axes: Sequence[Axes]) -> None:
    """Mark the panels (a), (b), ... when there are several."""
    if len(axes) > 1:
        for letter, axis in zip("abcdefgh", axes, strict=False):
            axis.set_title(f"({letter}) {axis.get_title(loc='left')}", loc="left")
