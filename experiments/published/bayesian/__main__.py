"""BoTorch's qLogNEHVI against our searches on oil_gas, on the same budget of simulated years.

python -m experiments.published.bayesian [--short] [--seeds 5] [--years 4000] [--rival-years 640] [--only SEARCH]

BoTorch is installed into an environment of its own (ESC_SIM_BENCH_PEERS names a folder that keeps it). Its process
proposes designs, this one simulates them: all searches are judged by the same simulation, on the same random numbers.
BoTorch gets fewer years where the time that it takes to choose a design (its CPU time is in the table) says so; ours
search within these years as well, for the population of a search is sized by its budget.
Writes tables/bayesian.csv and figures/bayesian.png of this folder; with --short it prints only.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import qmc

from esc_sim.optimize.checkpoint import State
from esc_sim.optimize.compromise import non_dominated
from esc_sim.optimize.draws import held_out_draws, training_draws
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.settings import Settings, checked_settings
from esc_sim.optimize.volume import hypervolume
from esc_sim.storage.tables import write_rows
from esc_sim.views.style import BLUE, ORANGE, PURPLE, VERMILION, finish_with, legend_of, new_figure, save, styled
from experiments.bench.bench_peers import SCRIPTS, python_with
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.algorithms import HELD_OUT, REFERENCE

Floats = NDArray[np.float64]
Row = dict[str, Any]

HERE: Final = Path(__file__).resolve().parent
TABLE: Final = HERE / "tables" / "bayesian.csv"
PACKAGE: Final = "botorch==0.18.1"
RIVAL: Final = "qLogNEHVI"
REPLICATIONS: Final = 4
FIRST: Final = 80
"""Designs that the rival begins with: the scenario's own plan and a Sobol sequence, two a variable."""
BATCH: Final = 20
STEP: Final = 640
"""Years between two looks at a front of ours; BoTorch's is looked at after each batch."""
COLOURS: Final = {"surrogate-nsga2": PURPLE, "warm-nsga2": BLUE, "nsga2": ORANGE, RIVAL: VERMILION}
MARKERS: Final = {"surrogate-nsga2": "v", "warm-nsga2": "o", "nsga2": "s", RIVAL: "D"}


class Contest:
    """The problem for one seed, and what a search has come to."""

    def __init__(self, algorithm: str, seed: int, years: int) -> None:
        self.algorithm, self.seed, self.years = algorithm, seed, years
        scenario = case.oil_gas()
        section = scenario.optimize
        assert section is not None
        names = measured_names(section)
        self.settings: Settings = checked_settings(
            algorithm="warm-nsga2" if algorithm == RIVAL else algorithm,
            replications=REPLICATIONS, seed=seed, held_out=HELD_OUT, budget=years,
        )  # fmt: skip
        judge, self._held_out = Judge(scenario, names, 1), Judge(scenario, names, 1)
        self.space = judge.space
        self.problem = PlanningProblem(
            scenario, judge.space, judge, lambda number, count: training_draws(self.settings, number, count)
        )
        self.reference = np.array([REFERENCE[name] for name in section.objectives]) * self.problem.signs
        self._begin, self._looking = time.process_time(), 0.0

    def row(self, designs: Floats, costs: Floats, seconds: float | None = None) -> Row:
        """What the front that a search believes in is worth, held out.

        Args:
            designs, costs: of what it knows.
            seconds: CPU seconds that it took; None: those of this process, without looking at fronts.
        """
        begin = time.process_time()
        used = begin - self._begin - self._looking if seconds is None else seconds
        front = designs[non_dominated(costs, [False] * costs.shape[1])]
        seen = self.problem.costs(self._held_out(front, held_out_draws(self.settings, len(front))))
        self._looking += time.process_time() - begin
        return {
            "search": self.algorithm, "budget": self.years, "seed": self.seed, "years": self.problem.spent,
            "front": hypervolume(seen, self.reference), "designs_on_front": len(front), "cpu_seconds": round(used, 1),
        }  # fmt: skip


def ours(algorithm: str, seed: int, years: int) -> Iterator[Row]:
    """Rows of a search of this project: the last generation within each ``STEP`` years."""
    contest, rows = Contest(algorithm, seed, years), []
    step = contest.settings.population * REPLICATIONS

    def keep(state: State) -> None:
        spent = contest.problem.spent
        if (spent - 1) // STEP < (spent + step - 1) // STEP or spent + step > years:
            rows.append(contest.row(state.generation.designs, state.generation.costs))

    run_generations(contest.problem, contest.settings, contest.space.base, None, keep)
    yield from rows


def rivals(seed: int, years: int, python: Path) -> Iterator[Row]:
    """A row after each batch of BoTorch's."""
    contest = Contest(RIVAL, seed, years)
    space, problem = contest.space, contest.problem
    width = space.upper - space.lower
    sobol = qmc.Sobol(len(space), rng=np.random.default_rng(seed)).random_base2(FIRST.bit_length())[: FIRST - 1]
    told = {
        "variables": len(space), "reference": (-contest.reference).tolist(), "seed": seed, "batch": BATCH,
        "first": [((space.base - space.lower) / width).tolist(), *sobol.tolist()],
        "batches": (years // REPLICATIONS - FIRST) // BATCH,
    }  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [str(python), str(SCRIPTS / "oil_gas_botorch.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps(told), file=process.stdin, flush=True)
        designs, costs = np.empty((0, len(space))), np.empty((0, problem.n_obj))
        for line in process.stdout:
            seconds, asked = json.loads(line)
            new = space.lower + np.clip(asked, 0.0, 1.0) * width
            found = problem.evaluate(new, return_as_dictionary=True, generation=1)["F"]
            designs, costs = np.vstack([designs, new]), np.vstack([costs, found])
            print(json.dumps((-found).tolist()), file=process.stdin, flush=True)
            yield contest.row(designs, costs, seconds)
    if process.returncode:
        sys.exit("BoTorch's process failed")


@styled
def figure(rows: Sequence[Row]) -> Figure:
    """Held-out hypervolume against simulated years: mean of the seeds, and the range over them."""
    drawn = new_figure(height=4.0)
    axis = drawn.subplots()
    budgets = sorted({int(row["budget"]) for row in rows})
    for (search, colour), budget in itertools.product(COLOURS.items(), budgets):
        mine = [row for row in rows if row["search"] == search and int(row["budget"]) == budget]
        if not mine:
            continue
        years = sorted({int(row["years"]) for row in mine})
        fronts = np.array([[float(r["front"]) / 1e9 for r in mine if int(r["years"]) == year] for year in years])
        full = budget == budgets[-1] or search == RIVAL
        axis.plot(
            years, fronts.mean(axis=1), color=colour, marker=MARKERS[search], markersize=3.5 if full else 6,
            markerfacecolor=colour if full else "white", label=search if full else None,
        )  # fmt: skip
        axis.fill_between(years, fronts.min(axis=1), fronts.max(axis=1), color=colour, alpha=0.15, linewidth=0)
    axis.set_xlabel("simulated years")
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.set_ylabel("hypervolume [10⁹ EUR²/day]")
    axis.grid()
    seeds = len({row["seed"] for row in rows})
    footer = (
        f"mean, and least to largest of {seeds} seeds; {HELD_OUT} held-out replications; open: budget of "
        f"{budgets[0]:,} years\n"
        f"reference point: profit {REFERENCE['profit']:,.0f} EUR, CVaR {REFERENCE['cvar']:,.0f} EUR/day\n"
        f"{case.BOUNDS}; {case.DATA}"
    )
    return finish_with(drawn, "A Bayesian rival: oil and gas", footer, legend_of(axis))


def at_end(rows: Sequence[Row], budgets: Sequence[int]) -> list[Row]:
    """Mean, least and largest over the seeds of each search's last front, by budget."""
    found = []
    for search, years in itertools.product(COLOURS, budgets):
        last = {r["seed"]: r for r in rows if r["search"] == search and int(r["budget"]) == years}.values()
        if not last:
            continue
        fronts = [float(row["front"]) / 1e9 for row in last]
        found.append({"search": search, "years": years, "seeds": len(fronts), "mean": statistics.fmean(fronts),
                      "least": min(fronts), "largest": max(fronts),
                      "cpu_seconds": statistics.fmean(float(row["cpu_seconds"]) for row in last)})  # fmt: skip
    return found


def stored() -> list[Row]:
    """Rows of the table; none where there is none yet."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8") as stream:
        rows: list[Row] = list(csv.DictReader(stream))
    return [row | {"seed": int(row["seed"])} for row in rows]


def searched(search: str, seed: int, years: int, python: Path | None) -> list[Row]:
    """Rows of one search."""
    rows = []
    for row in ours(search, seed, years) if python is None else rivals(seed, years, python):
        rows.append(row)
        print(f"seed {seed}: {search}: {row['years']} years: {row['front'] / 1e9:.3f}", flush=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Search, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="one seed, 1,280 years; BoTorch 640")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--years", type=int, default=4000)
    parser.add_argument("--rival-years", type=int, default=640)
    parser.add_argument("--only", choices=COLOURS, help="the rows of the others stay as they are")
    given = parser.parse_args(arguments)
    seeds, years, rival_years = (1, 1280, 640) if given.short else (given.seeds, given.years, given.rival_years)
    chosen = [search for search in COLOURS if given.only in (None, search)]
    rows = [row for row in (stored() if given.only else []) if row["search"] not in chosen]
    with ExitStack() as stack:
        folder = Path(os.environ.get("ESC_SIM_BENCH_PEERS") or stack.enter_context(tempfile.TemporaryDirectory()))
        python = python_with(PACKAGE, folder) if RIVAL in chosen else None
        for seed in range(1, seeds + 1):
            for search in chosen:
                if search != RIVAL:
                    for budget in sorted({rival_years, years}):
                        rows += searched(search, seed, budget, None)
                elif python is not None:
                    rows += searched(search, seed, rival_years, python)
    print(f"{'search':16} {'years':>6} {'seeds':>5} {'mean':>6} {'least':>6} {'largest':>7} {'CPU seconds':>11}")
    for row in at_end(rows, sorted({rival_years, years})):
        print(f"{row['search']:16} {row['years']:6} {row['seeds']:5} {row['mean']:6.2f} {row['least']:6.2f} "
              f"{row['largest']:7.2f} {row['cpu_seconds']:11.1f}")  # fmt: skip
    if not given.short:
        for name in ("tables", "figures"):
            (HERE / name).mkdir(exist_ok=True)
        write_rows(TABLE, rows)
        save(figure(rows), HERE / "figures" / "bayesian.png")


if __name__ == "__main__":
    main()
