"""Joint sampling of the coefficients within their ranges: which claims depend on which.

A Latin hypercube over all coefficients with a range, but for the areas: these follow from demand, yields and losses, so
that harvests cover what is needed as they do in the scenario. Each sample builds the scenario, runs its variants for a
few years, and gives one number a claim. Coefficients that do not fit one another are drawn again, from the next
hypercube. Spearman's rank correlations say which coefficients go with which number. McKay, Beckman, Conover (1979), "A
Comparison of Three Methods for Selecting Values of Input Variables in the Analysis of Output from a Computer Code",
Technometrics 21(2), 239-245.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, spearmanr

from esc_sim.circular import loss_area
from esc_sim.errors import InputError
from experiments.regenerative.agro import VARIANTS, Coefficients, capital_cost, yearly_gain
from experiments.regenerative.agro.sizes import REGIONS, Sizes
from experiments.regenerative.outcome import Outcome
from experiments.regenerative.runs import Study

FloatArray = NDArray[np.float64]
FIGURES = (
    "1 landfill share, circular, %",
    "1 synthetic N displaced, circular, %",
    "1 synthetic N displaced, regenerative, %",
    "1 self-sufficiency, regenerative, %",
    "2 loss area, regenerative less linear, weeks a year",
    "3 net present value, circular, M EUR",
    "3 net present value, regenerative, M EUR",
    "6 energy bill saved by coordination, kEUR/a",
)
"""What a sample gives; net present values take the mean yearly gain of the short run for every year of the life."""


AREAS = {"area_wheat": ("yield_wheat", "grain"), "area_veg": ("yield_veg", "veg")}


def sampled(c: Coefficients) -> list[str]:
    """Names of the coefficients that are drawn."""
    return [name for name in c.value if c.low[name] < c.high[name] and name not in AREAS]


def with_areas(c: Coefficients, base: Coefficients) -> Coefficients:
    """The coefficients with areas whose harvest covers the need as far as in the scenario."""
    found = {}
    for area, (crop, chain) in AREAS.items():
        need, usual = (sum(Sizes(each).raw(region, chain) for region in REGIONS) for each in (c, base))
        found[area] = base[area] * (need / usual) * (base[crop] / c[crop])
    return c.changed(found)


def samples(c: Coefficients, count: int, seed: int) -> Iterator[Coefficients]:
    """Coefficients drawn together within their ranges, only sets that fit."""
    names = sampled(c)
    low, high = ([bound[name] for name in names] for bound in (c.low, c.high))
    rng = np.random.default_rng(seed)
    given = 0
    while given < count:
        for row in qmc.scale(qmc.LatinHypercube(len(names), rng=rng).random(count), low, high):
            try:
                fits = with_areas(c.changed(dict(zip(names, row.tolist(), strict=True))), c)
            except InputError:
                continue
            yield fits
            given += 1
            if given == count:
                return


def figures(study: Study, c: Coefficients) -> list[float]:
    """The numbers of FIGURES for a set of coefficients."""
    runs = {name: study.run(switches, c=c) for name, switches in VARIANTS.items()}
    calm = {name: study.run(VARIANTS[name], c=c, calm=True) for name in ("linear", "regenerative")}
    alone = study.run(VARIANTS["regenerative"], c=c, more=["power.coordinated=false"])
    lost = {name: loss_area(calm[name].sales, runs[name].sales).mean() / study.years for name in calm}
    base = runs["linear"]
    displaced = [100.0 * (1.0 - runs[n].synthetic.sum() / base.synthetic.sum()) for n in ("circular", "regenerative")]
    saved = (alone.bill - runs["regenerative"].bill).mean() / 1e3
    return [
        100.0 * float(runs["circular"].landfill_share.mean()),
        *map(float, displaced),
        100.0 * float(runs["regenerative"].self_sufficiency.mean()),
        float(lost["regenerative"] - lost["linear"]),
        *(_worth(c, runs[name], base) for name in ("circular", "regenerative")),
        float(saved),
    ]


def _worth(c: Coefficients, run: Outcome, base: Outcome) -> float:
    """Net present value of the mean yearly gain over the life of what is built, M EUR."""
    gain = float(yearly_gain(c, run.switches, run.profit, base.profit).mean())
    years = np.arange(1.0, round(c["life"]) + 1.0)
    return (gain * float(((1.0 + c["disc"]) ** -years).sum()) - capital_cost(c, run.switches)) / 1e6


def sample_claims(count: int, seed: int, folder: Path, *, years: int = 3, replications: int = 4) -> list[list[str]]:
    """Draw, run, correlate; writes samples.csv and correlations.csv.

    Returns:
        Rows (figure, mean, 5 %, 95 %, share above 0, the coefficients of the largest rank correlations).
    """
    study = Study(replications, years, seed)
    drawn, values = [], []
    for number, c in enumerate(samples(study.c, count, seed), 1):
        print(f"sample {number} of {count}", flush=True)
        drawn.append(c)
        values.append(figures(study, c))
    table = np.array(values)
    names = sampled(study.c)
    inputs = np.array([[c[name] for name in names] for c in drawn])
    rho = np.array(
        [[spearmanr(inputs[:, i], table[:, k]).statistic for k in range(len(FIGURES))] for i in range(len(names))]
    )
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "samples.csv", [*names, *FIGURES], np.hstack([inputs, table]))
    with (folder / "correlations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["coefficient", *FIGURES])
        writer.writerows([name, *(f"{value:.3f}" for value in row)] for name, row in zip(names, rho, strict=True))
    return [_summary(figure, table[:, k], names, rho[:, k]) for k, figure in enumerate(FIGURES)]


def _summary(figure: str, values: FloatArray, names: list[str], rho: FloatArray) -> list[str]:
    order = np.argsort(-np.abs(rho))[:5]
    most = ", ".join(f"{names[i]} {rho[i]:+.2f}" for i in order)
    low, high = np.percentile(values, (5.0, 95.0))
    return [figure, f"{values.mean():.3g}", f"{low:.3g}", f"{high:.3g}", f"{(values > 0.0).mean():.2f}", most]


def _write(path: Path, header: list[str], rows: FloatArray) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([f"{value:.6g}" for value in row] for row in rows.tolist())
