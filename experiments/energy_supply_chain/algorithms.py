"""`warm-nsga2` against `nsga2` on the same number of simulated years: ``python -m ....algorithms [--seeds N]``.

Each search may simulate 120,000 years of the chain, the screening of the warm start included. Populations are judged
on the same held-out draws as the search goes along: the hypervolume is that of the designs that the search itself
believes to be its front, and for comparison that of the whole population, with one reference point for all.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from esc_sim.optimize.checkpoint import State
from esc_sim.optimize.compromise import non_dominated
from esc_sim.optimize.draws import held_out_draws, training_draws
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.volume import hypervolume
from esc_sim.views.style import BLUE, GREEN, ORANGE, VERMILION, finish_with, legend_of, new_figure, styled
from experiments.energy_supply_chain import case

YEARS: Final = 120_000
HELD_OUT: Final = 160
REFERENCE: Final = {"profit": 3_500_000.0, "cvar": 90_000.0}
"""Worse than the base plan in both objectives."""
STAGES: Final = (0.1, 0.25, 0.5, 1.0)
SCREENING: Final = 2 * 39 + 1


@dataclass(frozen=True)
class Contender:
    """An algorithm with the sizes that use up the years."""

    algorithm: str
    population: int
    replications: int
    colour: str
    marker: str

    @property
    def generations(self) -> int:
        """As many as the years allow."""
        screening = SCREENING * self.replications if self.algorithm == "warm-nsga2" else 0
        return (YEARS - screening) // (self.population * self.replications)

    @property
    def name(self) -> str:
        """Words for table and figure."""
        return (
            f"{self.algorithm}, {self.generations} generations of {self.population}, {self.replications} replications"
        )


CONTENDERS: Final = (
    Contender("warm-nsga2", 100, 4, BLUE, "o"),
    Contender("nsga2", 100, 4, ORANGE, "s"),
    Contender("nsga2", 100, 10, VERMILION, "^"),
    Contender("nsga2", 100, 40, GREEN, "D"),
)


def searched(contender: Contender, seed: int, workers: int | None) -> list[case.Row]:
    """One search; a row for each stage of its years."""
    scenario = case.oil_gas()
    section = scenario.optimize
    assert section is not None
    settings = Settings(
        contender.algorithm, contender.population, contender.generations, contender.replications, seed, HELD_OUT
    )
    judge = Judge(scenario, measured_names(section), workers)
    problem = PlanningProblem(
        scenario, judge.space, judge, lambda number, count: training_draws(settings, number, count)
    )
    reference = np.array([REFERENCE[name] for name in section.objectives]) * problem.signs
    held_out = Judge(scenario, measured_names(section), workers)  # keeps its own draws
    rows: list[case.Row] = []
    due = {max(1, round(share * contender.generations)): share for share in STAGES}
    begin = time.process_time()

    def keep(state: State) -> None:
        generation = state.generation
        if generation.number not in due:
            return
        seconds = time.process_time() - begin
        costs = problem.costs(held_out(generation.designs, held_out_draws(settings, len(generation.designs))))
        believed = non_dominated(generation.costs, [False, False])
        rows.append(
            {
                "contender": contender.name,
                "seed": seed,
                "years": round(due[generation.number] * YEARS),
                "front": hypervolume(costs[believed], reference),
                "population": hypervolume(costs, reference),
                "designs_on_front": int(believed.sum()),
                "cpu_seconds": round(seconds, 1),
            }
        )

    run_generations(problem, settings, judge.space.base, None, keep)
    return rows


def summary(rows: list[case.Row]) -> list[case.Row]:
    """Mean, least and largest over the seeds at the end of the search, and seeds on which the warm start was better."""
    last = [row for row in rows if int(row["years"]) == YEARS]
    warm = {row["seed"]: float(row["front"]) for row in last if row["contender"] == CONTENDERS[0].name}
    found: list[case.Row] = []
    for contender in CONTENDERS:
        mine = [row for row in last if row["contender"] == contender.name]
        fronts = [float(row["front"]) for row in mine]
        found.append(
            {
                "contender": contender.name,
                "seeds": len(mine),
                "front_mean": statistics.fmean(fronts),
                "front_least": min(fronts),
                "front_largest": max(fronts),
                "population_mean": statistics.fmean(float(row["population"]) for row in mine),
                "warm_is_better": sum(warm[row["seed"]] > float(row["front"]) for row in mine),
                "reference_profit": REFERENCE["profit"],
                "reference_cvar": REFERENCE["cvar"],
            }
        )
    return found


@styled
def figure(rows: list[case.Row]) -> Figure:
    """Held-out hypervolume against simulated years: mean of the seeds, and the range over them."""
    drawn = new_figure(height=4.0)
    axis = drawn.subplots()
    for contender in CONTENDERS:
        mine = [row for row in rows if row["contender"] == contender.name]
        years = sorted({int(row["years"]) for row in mine})
        fronts = [[float(row["front"]) / 1e9 for row in mine if int(row["years"]) == year] for year in years]
        means = [statistics.fmean(values) for values in fronts]
        reach = [[m - min(v) for m, v in zip(means, fronts, strict=True)],
                 [max(v) - m for m, v in zip(means, fronts, strict=True)]]  # fmt: skip
        axis.errorbar(
            years, means, yerr=reach, color=contender.colour, marker=contender.marker, markersize=4.5, capsize=3,
            label=contender.name,
        )  # fmt: skip
    axis.set_xlabel("simulated years")
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.set_ylabel("hypervolume [10⁹ EUR²/day]")
    axis.grid()
    seeds = len({row["seed"] for row in rows})
    footer = (
        f"mean, least and largest of {seeds} seeds; {HELD_OUT} held-out replications; reference point: profit "
        f"{REFERENCE['profit']:,.0f} EUR, CVaR {REFERENCE['cvar']:,.0f} EUR/day\n{case.BOUNDS}; {case.DATA}"
    )
    return finish_with(drawn, "Held-out hypervolume of searches: oil and gas", footer, legend_of(axis))


def make(seeds: int = 5, workers: int | None = None) -> None:
    """Tables algorithms and algorithms_summary, and the figure."""
    rows: list[case.Row] = []
    for seed in range(1, seeds + 1):
        for contender in CONTENDERS:
            rows += searched(contender, seed, workers)
            print(f"seed {seed}: {contender.name}: {rows[-1]['front']:.5g}", flush=True)
    case.write("algorithms", rows)
    case.write("algorithms_summary", summary(rows))
    case.draw("algorithms", figure(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="searches of each algorithm; default 5")
    parser.add_argument("--workers", type=int, default=None, help="threads; default all processors")
    given = parser.parse_args()
    make(given.seeds, given.workers)
