"""Figures of the study."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.ticker import MaxNLocator

from esc_sim.circular import appraise
from esc_sim.energy.plan import Outage
from esc_sim.instance.build import instance_of
from esc_sim.instance.energy_plans import PlanMaker
from esc_sim.views.palette import BLACK, BLUE, GREEN, GREY, LIGHT_GREY, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW
from esc_sim.views.style import finish_with, new_figure, panel_letters, percent_axis, save, styled
from experiments.regenerative.agro import capital_cost, yearly_gain
from experiments.regenerative.outcome import WEEKS, Outcome
from experiments.regenerative.runs import HIT, VARIANTS, Study, scenario_of

COLOURS = {"linear": VERMILION, "circular": ORANGE, "regenerative": GREEN}
DASHES = {"linear": "-", "circular": (0, (4, 2)), "regenerative": "-"}
WIDTHS = {"linear": 2.4, "circular": 1.3, "regenerative": 1.3}  # where variants agree, the first shows under the others
MARKERS = {"linear": "o", "circular": "s", "regenerative": "^"}
FOOTER = "scenarios/agro_food: synthetic network, coefficients from literature or assumed"


def everything(study: Study, runs: dict[str, Outcome], stresses: dict[str, dict[str, Outcome]], out: Path) -> None:
    """All figures, as PNG."""
    save(nutrients(runs), out / "nutrients.png")
    save(dispatch(), out / "dispatch.png")
    save(soil_and_yield(runs), out / "soil_and_yield.png")
    save(resilience(stresses), out / "resilience.png")
    save(cash(study, runs), out / "cash.png")


def _footer(run: Outcome) -> str:
    R, Y = run.synthetic.shape
    return f"{FOOTER}  |  {R} replications of {Y} years, one set of random numbers"


@styled
def nutrients(runs: dict[str, Outcome]) -> Figure:
    """Flow diagram of nitrogen, a panel a variant."""
    figure = new_figure(height=7.6)
    axes = figure.subplots(3, 1)
    for axis, name in zip(axes, VARIANTS, strict=True):
        _sankey(axis, runs[name].nutrients)
        axis.set_title(f"{name} [t N a year]")
    panel_letters(list(axes))
    return finish_with(figure, "Nitrogen in the three variants", _footer(runs["linear"]))


def _sankey(axis: Axes, flow: dict[str, float]) -> None:
    """Bands from left to right: inputs, field, chain, ends; what returns to the field is an input at the left."""
    inputs = [(k, flow[k]) for k in ("synthetic", "background", "digestate", "compost")]
    crops = [(k, flow[k]) for k in ("grain", "vegetables", "straw", "field losses")]
    treated = max(0.0, flow["food waste"] + flow["straw"] - flow["landfilled"] - flow["to air"])
    ends = [("eaten", flow["eaten"]), ("bran and grain sold", flow["bran and grain sold"])]
    ends += [("landfilled", flow["landfilled"]), ("to air", flow["to air"]), ("to digestate and compost", treated)]
    paint = {
        "synthetic": VERMILION, "background": GREY, "digestate": GREEN, "compost": ORANGE, "grain": YELLOW,
        "vegetables": SKY_BLUE, "straw": ORANGE, "field losses": LIGHT_GREY, "eaten": BLUE,
        "bran and grain sold": PURPLE, "landfilled": BLACK, "to air": LIGHT_GREY, "to digestate and compost": GREEN,
    }  # fmt: skip
    whole = sum(v for _, v in inputs)
    gap = 0.07 * whole
    top = _bands(axis, inputs, 0.0, 1.0, 0.0, gap, paint, left=True)
    axis.add_patch(Rectangle((1.0, 0.0), 0.08, whole, color=GREY))
    axis.text(1.04, whole / 2, "fields", ha="center", va="center", fontsize=7, rotation=90, color="white")
    _bands(axis, crops[3:], 1.08, 2.0, 0.0, gap, paint, left=False)
    chain = sum(v for _, v in crops[:3])
    base = crops[3][1]
    low = base
    least = 0.0
    for name, value in crops[:3]:
        _band(axis, 1.08, low, 1.75, low + gap, value, paint[name])
        if value > 0.012 * whole:
            height = max(low + value / 2 + gap / 2, least)
            axis.text(1.42, height, f"{name} {value:,.0f}", ha="center", va="center", fontsize=7)
            least = height + 0.1 * whole
        low += value
    axis.add_patch(Rectangle((1.75, base + gap), 0.08, chain, color=GREY))
    axis.text(
        1.79, base + gap + chain / 2, "food chain", ha="center", va="center", fontsize=7, rotation=90, color="white"
    )
    _bands(axis, ends, 1.83, 2.75, base + gap, gap * 0.9, paint, left=False)
    axis.set_xlim(-0.75, 3.65)
    axis.set_ylim(-0.02 * whole, max(top, whole + 5 * gap) * 1.08)
    axis.axis("off")


def _bands(
    axis: Axes, parts: list[tuple[str, float]], x0: float, x1: float, base: float, gap: float, paint: dict[str, str],
    *, left: bool,
) -> float:  # fmt: skip
    """Bands that spread out on one side; returns the highest point."""
    tight, loose = base, base
    for name, value in parts:
        if value > 0.0:
            ends = (loose, tight) if left else (tight, loose)
            _band(axis, x0, ends[0], x1, ends[1], value, paint[name])
            x, side = (x0 - 0.03, "right") if left else (x1 + 0.03, "left")
            axis.text(x, loose + value / 2, f"{name} {value:,.0f}", ha=side, va="center", fontsize=7)
        tight += value
        loose += value + (gap if value > 0.0 else 0.0)
    return loose


def _band(axis: Axes, x0: float, y0: float, x1: float, y1: float, width: float, colour: str) -> None:
    middle = (x0 + x1) / 2
    points = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    points += [(x1, y1 + width), (middle, y1 + width), (middle, y0 + width), (x0, y0 + width), (x0, y0)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axis.add_patch(PathPatch(Curve(points, codes), facecolor=colour, edgecolor="none", alpha=0.75))


@styled
def dispatch() -> Figure:
    """A winter weekday of the microgrid: supply stacked over load, and the price of each bus; normal and outage."""
    power = instance_of(scenario_of(VARIANTS["regenerative"])).power
    assert power is not None
    maker, grid = PlanMaker(power), power.grid
    figure = new_figure(height=5.4)
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    hours = np.arange(25)
    out = tuple(Outage(name, 6, 18) for name in grid.names)
    for column, (title, outages) in enumerate((("a winter weekday", ()), ("all without grid, 6 to 18 h", out))):
        plan = maker.plan(0, 0, outages, [0.25 * chp.gas_max for chp in grid.chps])
        run = plan.dispatch
        stack = {
            "sun": (run.pv.sum(0), YELLOW), "biogas engine": (run.chp.sum(0), GREEN),
            "battery": (run.discharge.sum(0), PURPLE), "grid": (run.imp.sum(0), SKY_BLUE),
            "not served": (run.shed.sum(0), VERMILION),
        }  # fmt: skip
        upper, lower = axes[0, column], axes[1, column]
        upper.stackplot(
            hours,
            *(_day(v) for v, _ in stack.values()),
            colors=[k for _, k in stack.values()],
            labels=list(stack),
            step="post",
        )
        upper.step(hours, _day(plan.day.load.sum(0)), where="post", color=BLACK, label="load")
        use = plan.day.load.sum(0) + run.charge.sum(0) + run.exp.sum(0)
        upper.step(hours, _day(use), where="post", color=BLACK, linestyle=":", label="load, charging and export")
        upper.set_title(title)
        for number, (bus, colour, mark) in enumerate(
            zip(grid.names[:4], (ORANGE, BLUE, GREEN, PURPLE), "os^D", strict=True)
        ):
            lower.plot(
                hours[:24], run.price[number], color=colour, marker=mark, markersize=3, linewidth=1.0, label=_bus(bus)
            )
        lower.plot(hours[:24], plan.day.price_import, color=GREY, linestyle="--", label="grid, buying")
        lower.set_xlabel("hour of the day")
        lower.set_xticks(range(0, 25, 6))
        lower.set_yscale("log")
        lower.set_yticks([50, 100, 300, 1000, 3000, 10000], ["50", "100", "300", "1,000", "3,000", "10,000"])
        lower.minorticks_off()
    axes[0, 0].set_ylabel("power, both regions [MW]")
    axes[1, 0].set_ylabel("bus price [EUR/MWh]")
    panel_letters(list(axes.ravel()))
    axes[0, 0].set_ylim(0, 1.45 * axes[0, 0].get_ylim()[1])
    axes[0, 0].legend(fontsize=6.5, ncols=2, loc="upper left")
    axes[1, 0].set_ylim(40, 60000)
    axes[1, 0].legend(fontsize=6.5, ncols=2, loc="upper left")
    return finish_with(figure, "Dispatch of the microgrids, and what a bus pays", FOOTER)


def _bus(name: str) -> str:
    """A bus's name for a legend."""
    return name.removesuffix("_bus").replace("_", " ")


def _day(values: np.ndarray) -> np.ndarray:
    """The last hour once more, so that its step is drawn to its end."""
    return np.append(values, values[-1])


def _lines(axis: Axes, x: np.ndarray, table: np.ndarray, name: str, label: str = "", *, band: bool = True) -> None:
    """Mean with a band that holds 90 % of the replications."""
    if band:
        low, high = np.percentile(table, (5.0, 95.0), axis=0)
        axis.fill_between(x, low, high, color=COLOURS[name], alpha=0.15, linewidth=0)
    every = max(1, len(x) // 10)
    axis.plot(
        x,
        table.mean(axis=0),
        color=COLOURS[name],
        marker=MARKERS[name],
        markersize=3,
        markevery=every,
        label=label or name,
    )


@styled
def soil_and_yield(runs: dict[str, Outcome]) -> Figure:
    """Soil carbon and yield over the years."""
    figure = new_figure(height=6.4)
    axes = figure.subplots(3, 2, sharex=True)
    calm = {name: runs[f"calm {name}"].yields for name in VARIANTS}
    for column, (crop, fields) in enumerate((("cereals", [0, 1]), ("vegetables", [2, 3]))):
        for name in VARIANTS:
            run = runs[name]
            years = np.arange(run.carbon.shape[1])
            here = run.yields[:, :, fields].mean(axis=2)
            _lines(axes[0, column], years, run.carbon[:, :, fields].mean(axis=2), name)
            _lines(axes[1, column], years[1:], here, name, band=False)
            if name != "linear":
                ratio = calm[name][:, :, fields].mean(axis=2) / calm["linear"][:, :, fields].mean(axis=2)
                _lines(axes[2, column], years[1:], ratio - 1.0, name)
        axes[0, column].set_title(f"soil, {crop}")
        axes[1, column].set_title(f"yield, {crop}")
        axes[2, column].set_title(f"undisturbed yield, {crop}")
        axes[2, column].axhline(0.0, color=COLOURS["linear"], linewidth=1.0)
        percent_axis(axes[2, column])
        axes[2, column].set_xlabel("year")
        axes[2, column].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0, 0].set_ylabel("carbon, 0-30 cm [t/ha]")
    axes[1, 0].set_ylabel("mean yield [t/ha]")
    axes[2, 0].set_ylabel("more than linear")
    axes[0, 0].legend()
    panel_letters(list(axes.ravel()))
    note = _footer(runs["linear"]) + "  |  lines: means, bands: 90 % of replications"
    return finish_with(figure, "Soil and yield", textwrap.fill(note, 118))


@styled
def resilience(stresses: dict[str, dict[str, Outcome]]) -> Figure:
    """Sales under each stress test against the undisturbed twin."""
    names = [name for name in stresses if name != "calm"]
    figure = new_figure(height=1.0 + 1.55 * len(names))
    axes = figure.subplots(len(names), 1, sharex=True)
    weeks = np.arange(HIT - 13, HIT + 3 * WEEKS)
    for axis, what in zip(axes, names, strict=True):
        for name in VARIANTS:
            ratio = stresses[what][name].sales[:, weeks] / stresses["calm"][name].sales[:, weeks]
            _lines(axis, weeks - float(HIT), ratio, name)
        axis.set_title(what)
        axis.axvline(0.0, color=GREY, linestyle=":", linewidth=0.9)
        percent_axis(axis)
        axis.grid(axis="y")
    axes[0].legend(ncols=3, loc="lower right")
    axes[-1].set_xlabel("weeks since New Year of the second year")
    figure.supylabel("value of sales, share of the undisturbed twin's", fontsize=8.5)
    panel_letters(list(axes))
    run = stresses["calm"]["linear"]
    return finish_with(figure, "Resilience under the same disruptions", _footer(run))


@styled
def cash(study: Study, runs: dict[str, Outcome]) -> Figure:
    """Cumulative discounted cash against the linear network."""
    figure = new_figure(height=3.6)
    axis = figure.subplots()
    for name in list(VARIANTS)[1:]:
        gain = yearly_gain(study.c, runs[name].switches, runs[name].profit, runs["linear"].profit)
        capital = capital_cost(study.c, runs[name].switches)
        found = appraise(capital, gain, study.c["disc"])
        mean = found.cumulative / 1e6
        flows = np.concatenate([np.full((len(gain), 1), -capital), gain], axis=1)
        table = np.cumsum(flows / (1 + study.c["disc"]) ** np.arange(flows.shape[1]), axis=1) / 1e6
        when = "none within the horizon" if found.payback is None else f"year {found.payback}"
        _lines(axis, np.arange(len(mean)), table, name, f"{name}; payback: {when}")
    axis.axhline(0.0, color=BLACK, linewidth=0.8)
    axis.set_xlabel("year")
    axis.set_ylabel("cumulative discounted cash [M EUR]")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend()
    note = f"{_footer(runs['linear'])}  |  against linear, no subsidy, {100 * study.c['disc']:g} % real"
    return finish_with(figure, "When the investment is earned back", textwrap.fill(note, 118))
