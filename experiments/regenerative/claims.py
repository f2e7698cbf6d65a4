"""From runs to the six claims: rows with a value and a 95 % interval over replications, paired where compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular import appraise, break_even_subsidy, loss_area
from esc_sim.risk.intervals import Interval, mean_interval, paired_difference, section_interval
from esc_sim.risk.measures import conditional_value_at_risk
from experiments.regenerative.agro import Coefficients, capital_cost, yearly_gain
from experiments.regenerative.outcome import WEEKS, Outcome
from experiments.regenerative.runs import HIT, PARTS, RESILIENCE, VARIANTS, Study

FloatArray = NDArray[np.float64]
Row = tuple[str, str, str, float, float, float]
WINDOW = 3 * WEEKS
LEVEL = 0.95


def _row(claim: str, what: str, unit: str, value: Interval, scale: float = 1.0) -> Row:
    return claim, what, unit, value.mean * scale, value.low * scale, value.high * scale


def _yearly(table: FloatArray) -> FloatArray:
    return np.asarray(table.mean(axis=1))


def resources(runs: dict[str, Outcome], perfect: Outcome) -> Iterator[Row]:
    """Claim 1: external input and landfill fall."""
    base = runs["linear"]
    for name, run in [(v, runs[v]) for v in VARIANTS] + [("circular, all waste caught", perfect)]:
        for what, unit, values, scale in (
            ("external N share", "%", run.external_share, 100.0),
            ("landfill share", "%", run.landfill_share[:, None], 100.0),
            ("synthetic N", "t/a", run.synthetic, 1e-3),
            ("self-sufficiency", "%", run.self_sufficiency, 100.0),
        ):
            yield _row("1", f"{what}, {name}", unit, mean_interval(_yearly(values)), scale)
        if run is not base:
            less = mean_interval(1.0 - run.synthetic.sum(axis=1) / base.synthetic.sum(axis=1))
            yield _row("1", f"synthetic N displaced, {name} against linear", "%", less, 100.0)
    for name in VARIANTS:
        gain = (runs[name].carbon[:, -1] - runs[name].carbon[:, 0]) * (44.0 / 12.0)
        yield _row("1", f"soil carbon gained, {name}", "t CO2/ha", mean_interval(gain.mean(axis=1)))


def rotation(study: Study, credits: Sequence[float] = (10.0, 20.0, 40.0)) -> Iterator[str]:
    """What a crop before that fixes nitrogen would displace: a credit on wheat fields beside their background.

    Args:
        study: how to run; the linear variant is.
        credits: nitrogen left to wheat, kg/ha a year, on average over the rotation.
    """
    base = study.run(VARIANTS["linear"]).synthetic.sum(axis=1)
    for credit in credits:
        more = [f"fields.wheat_*.background=+{credit:g}"]
        less = mean_interval(1.0 - study.run(VARIANTS["linear"], more=more).synthetic.sum(axis=1) / base)
        low, high = 100 * less.low, 100 * less.high
        yield f"{credit:g} kg/ha: synthetic N displaced {100 * less.mean:.1f} % ({low:.1f} to {high:.1f})"


def windows(calm: Outcome, hit: Outcome) -> FloatArray:
    """Loss area in weeks of full sales, mean over the three-year windows of each replication."""
    whole = hit.sales.shape[1] // WINDOW * WINDOW
    shape = (len(hit.sales), -1, WINDOW)
    areas = loss_area(calm.sales[:, :whole].reshape(shape), hit.sales[:, :whole].reshape(shape))
    return np.asarray(areas.mean(axis=1))


def _cvar(profit: FloatArray, *, deviation: bool) -> Interval:
    """CVaR of the yearly loss (as a positive number: minus profit), or of its deviation from the mean profit."""

    def statistic(table: FloatArray) -> float:
        shift = table.mean() if deviation else 0.0
        return conditional_value_at_risk(shift - table, LEVEL)

    return section_interval([profit], statistic)


def resilience(runs: dict[str, Outcome], stresses: dict[str, dict[str, Outcome]]) -> Iterator[Row]:
    """Claim 2: loss area and CVaR fall."""
    names = [*VARIANTS, *(f"alone {name}" for name in RESILIENCE)]
    areas = {name: windows(runs[f"calm {name}"], runs[name]) for name in names}
    for name in names:
        yield _row("2", f"loss area, {name}", "weeks in 3 a", mean_interval(areas[name]))
        if name != "linear":
            less = paired_difference(areas[name], areas["linear"])
            yield _row("2", f"loss area, {name} less linear", "weeks in 3 a", less)
        worst, below = (_cvar(runs[name].profit, deviation=kind) for kind in (False, True))
        mirrored = Interval(-worst.mean, -worst.high, -worst.low, worst.n)
        yield _row("2", f"mean of the worst 5 % of yearly profits, {name}", "M EUR", mirrored, 1e-6)
        yield _row("2", f"CVaR below the mean, {name}", "M EUR", below, 1e-6)
    for what, found in stresses.items():
        if what == "calm":
            continue
        for name, run in found.items():
            calm = stresses["calm"][name]
            area = loss_area(calm.sales[:, HIT : HIT + WINDOW], run.sales[:, HIT : HIT + WINDOW])
            yield _row("2", f"loss area, {what}, {name}", "weeks in 3 a", mean_interval(area))


def economics(c: Coefficients, runs: dict[str, Outcome]) -> Iterator[Row]:
    """Claims 3 and 4: value without subsidy, break-even grant, and when the benefits come."""
    for name in list(VARIANTS)[1:]:
        gain = yearly_gain(c, runs[name].switches, runs[name].profit, runs["linear"].profit)
        capital = capital_cost(c, runs[name].switches)
        found, even = appraise(capital, gain, c["disc"]), break_even_subsidy(capital, gain, c["disc"], seed=1)
        yield "3", f"capital cost, {name}", "M EUR", capital / 1e6, np.nan, np.nan
        yield _row("3", f"net present value, {name}", "M EUR", found.npv, 1e-6)
        yield "3", f"internal rate of return, {name}", "%", 100 * found.irr, np.nan, np.nan
        yield "3", f"break-even grant, {name}", "% of capex", 100 * even.share, 100 * even.low, 100 * even.high
        for cause in ("landfill_fee", "capex_dig"):
            for end in ("low", "high"):
                value = getattr(c, end)[cause]
                if cause == "capex_dig":
                    other, changed = gain, capital + 2.0 * c["dig_cap"] * (value - c[cause])
                else:
                    spared = (runs["linear"].landfilled - runs[name].landfilled) / gain.shape[1]
                    other, changed = gain + (value - c[cause]) * spared[:, None], capital
                worth = appraise(changed, other, c["disc"]).npv
                yield _row("3", f"net present value, {name}, {cause} {value:g}", "M EUR", worth, 1e-6)
        payback = np.nan if found.payback is None else float(found.payback)
        yield "4", f"discounted payback, {name} (nan: none within the horizon)", "a", payback, np.nan, np.nan
        third = gain.shape[1] // 4
        late = paired_difference(gain[:, -third:].mean(axis=1), gain[:, :third].mean(axis=1))
        yield _row("4", f"gain of the last {third} years less the first {third}, {name}", "M EUR/a", late, 1e-6)


def factorial(c: Coefficients, runs: dict[str, Outcome]) -> Iterator[Row]:
    """Claim 5: effects of the 2^3 factorial on the net present value, main effects and interactions."""
    base = runs["cell -"]
    discount = (1.0 + c["disc"]) ** -np.arange(1.0, base.profit.shape[1] + 1)
    worth = {
        name: yearly_gain(c, runs[f"cell {name}"].switches, runs[f"cell {name}"].profit, base.profit) @ discount
        - capital_cost(c, runs[f"cell {name}"].switches)
        for name in ("-", "L", "S", "LS", "M", "LM", "SM", "LSM")
    }
    for name, values in worth.items():
        yield _row("5", f"net present value, {name}", "M EUR", mean_interval(values), 1e-6)
    letters = dict(zip("LSM", PARTS, strict=True))
    for size in (1, 2, 3):
        for chosen in combinations("LSM", size):
            sign = {name: np.prod([1.0 if x in name else -1.0 for x in chosen]) for name in worth}
            effect = sum(sign[name] * worth[name] for name in worth) / 4.0
            words = " x ".join(letters[x] for x in chosen)
            kind = "main effect" if size == 1 else "interaction"
            yield _row("5", f"{kind}, {words}", "M EUR", mean_interval(np.asarray(effect)), 1e-6)
    parts = worth["L"] + worth["S"] + worth["M"]
    yield _row("5", "whole less the sum of its parts", "M EUR", paired_difference(worth["LSM"], parts), 1e-6)


def coordination(runs: dict[str, Outcome]) -> Iterator[Row]:
    """Claim 6: what coordinated dispatch saves a year."""
    alone, together = runs["autonomous"], runs["regenerative"]
    saved = alone.bill - together.bill
    yield _row("6", "energy bill saved by coordination", "kEUR/a", mean_interval(_yearly(saved)), 1e-3)
    share = _yearly(saved) / _yearly(alone.bill)
    yield _row("6", "share of the energy bill saved by coordination", "%", mean_interval(share), 100.0)
    gained = paired_difference(_yearly(together.profit), _yearly(alone.profit))
    yield _row("6", "profit gained by coordination, lost sales included", "kEUR/a", gained, 1e-3)
