"""What simoptlib 1.2.4 gives: values of its models, and the course of its solvers. Run in an environment that has it.

python theirs.py values [--replications 20000]      > values.csv
python theirs.py curves [--macroreplications 20]    > curves.csv
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from mrg32k3a.mrg32k3a import MRG32k3a  # type: ignore[import-not-found]
from simopt.directory import model_directory, problem_directory, solver_directory  # type: ignore[import-not-found]
from simopt.experiment.run_solver import run_solver  # type: ignore[import-not-found]

VALUES: dict[str, list[dict[str, Any]]] = {
    "SSCONT": [{"s": s, "S": up_to} for s, up_to in ((200.0, 800.0), (600.0, 1200.0), (1000.0, 1600.0))],
    "DUALSOURCING": [
        {"order_level_exp": expedited, "order_level_reg": regular} for expedited, regular in ((50, 80), (50, 115))
    ],
    "DYNAMNEWS": [{"init_level": [3] * 10}, {"init_level": [5] * 10}],
    "CNTNEWS": [{"order_quantity": quantity} for quantity in (0.1, 0.18784, 0.5)],
}
"""Points at which the models are compared; all other parameters are simoptlib's defaults."""
COSTS = {
    "SSCONT": ("avg_backorder_costs", "avg_order_costs", "avg_holding_costs"),
    "DUALSOURCING": ("average_ordering_cost", "average_penalty_cost", "average_holding_cost"),
}
"""Responses whose sum the problem minimises."""
SEARCHED = {
    "SSCONT-1": ("RNDSRCH", "NELDMD", "ASTRODF", "STRONG", "ADAM", "ALOE", "SPSA"),
    "DUALSOURCING-1": ("RNDSRCH", "NELDMD", "ASTRODF", "STRONG", "ADAM", "ALOE", "SPSA"),
}
"""Problems and the solvers that are set on them; all but RNDSRCH take the levels of DUALSOURCING-1 for real numbers."""


def values(replications: int) -> Iterator[list[object]]:
    """Rows of means with the half width of their 95 % interval, for each model, point and response."""
    yield ["model", "point", "response", "mean", "half_width", "replications"]
    for name, points in VALUES.items():
        for point in points:
            model = model_directory[name](fixed_factors=point)
            streams = [MRG32k3a(s_ss_sss_index=[77, i, 0]) for i in range(model.n_rngs)]
            drawn = []
            for _ in range(replications if name != "DUALSOURCING" else max(1, replications // 20)):
                model.before_replicate(streams)
                responses = model.replicate()[0]
                if name in COSTS:
                    responses["total"] = sum(responses[cost] for cost in COSTS[name])
                drawn.append(responses)
                for stream in streams:
                    stream.advance_subsubstream()
            words = " ".join(f"{value:g}" for value in np.ravel(list(point.values())))
            for response in drawn[0]:
                sample = np.array([float(one[response]) for one in drawn])
                half = 1.959964 * sample.std(ddof=1) / np.sqrt(len(sample))
                yield [name, words, response, f"{sample.mean():.8g}", f"{half:.4g}", len(sample)]


def curves(macroreplications: int) -> Iterator[list[object]]:
    """Rows of the solutions that solvers recommend, with the replications they have spent by then."""
    yield ["problem", "solver", "macroreplication", "replications", "x1", "x2"]
    for problem, solvers in SEARCHED.items():
        for solver in solvers:
            try:
                found, _ = run_solver(
                    solver_directory[solver](), problem_directory[problem](), macroreplications, n_jobs=1
                )
            except Exception as error:  # a solver that cannot take a problem is told, and the others go on
                print(f"{solver} on {problem}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            for row in found.itertuples():
                yield [problem, solver, row.mrep, row.budget, *(f"{float(x):.10g}" for x in row.solution)]
            print(f"{solver} on {problem}: done", file=sys.stderr)


def main() -> None:
    """Print one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("values", "curves"))
    parser.add_argument("--replications", type=int, default=20_000)
    parser.add_argument("--macroreplications", type=int, default=20)
    given = parser.parse_args()
    rows = values(given.replications) if given.what == "values" else curves(given.macroreplications)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows:
        writer.writerow(row)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
