"""Our search beside simoptlib's solvers on the same budget of replications, judged on the same simulations."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import esc_sim
from experiments.published.simopt.models import MODELS

Floats = NDArray[np.float64]
OURS = "warm"
FIRST_SEED = 101
"""Searches have seeds from here on: 1 to 4 were looked at while the search was made."""
BUDGET = 1_000
"""Replications that a search may take: simoptlib's default for both problems."""
THEIR_CURVES = Path(__file__).with_name("curves.csv")
OUR_CURVES = Path(__file__).with_name("ours.csv")
COLUMNS = ("problem", "solver", "macroreplication", "replications", "x1", "x2")
JUDGED_ON, JUDGES_SEED = {"SSCONT-1": 2_000, "DUALSOURCING-1": 100}, 2_026
START = {"SSCONT-1": (600.0, 600.0), "DUALSOURCING-1": (50.0, 80.0)}
"""Where simoptlib's solvers begin; ours has it as the scenario's own plan."""


@dataclass(frozen=True)
class Course:
    """What one search recommended.

    Attributes:
        replications: int64[n], spent when each design was recommended first; the last is where the search ended.
        designs: float64[n, 2], in the variables of simoptlib's problem.
    """

    replications: NDArray[np.int64]
    designs: Floats

    def at(self, replications: int) -> int:
        """Row of what is recommended after so many replications."""
        return max(0, int(np.searchsorted(self.replications, replications, side="right")) - 1)


AllCourses = dict[str, dict[str, list[Course]]]
"""By problem and solver, one course a macroreplication."""


def problem_model(problem: str) -> str:
    """The model of a problem."""
    return problem.removesuffix("-1")


def point_of(problem: str, design: Sequence[float]) -> tuple[float, float]:
    """The point of the model that a design of the problem is; levels of DUALSOURCING-1 are whole numbers."""
    first, second = design
    if problem == "SSCONT-1":
        return round(first, 2), round(first + second, 2)
    return float(round(min(first, second))), float(round(second))


def searched(problem: str, seed: int, budget: int = BUDGET) -> Course:
    """The course of one search of ours.

    Args:
        problem: "SSCONT-1" or "DUALSOURCING-1".
        seed: of the search.
        budget: replications that it may take.
    """
    model = MODELS[problem_model(problem)]
    cost = esc_sim.OwnMeasure(of=model.measures["total"], better="smaller", unit="{money}/{period}", label="Cost a day")
    front = esc_sim.optimize(
        model.scenario(_model_point(problem, START[problem])),
        algorithm=OURS,
        budget=budget,
        seed=seed,
        held_out=16,
        policies=model.policies,
        measures={"cost_a_day": cost},
        objectives=["cost_a_day"],
    )
    designs = front.leaders.copy()
    if problem == "DUALSOURCING-1":  # decided are the higher level and the difference
        designs = np.stack([designs[:, 0] - designs[:, 1], designs[:, 0]], axis=1)
    new = np.r_[True, (designs[1:] != designs[:-1]).any(axis=1)]
    start = np.array([START[problem]])
    return Course(np.r_[0, front.spent[new], budget], np.concatenate([start, designs[new], designs[-1:]]))


def _model_point(problem: str, design: Sequence[float]) -> tuple[float, float]:
    first, second = design
    return (first, first + second) if problem == "SSCONT-1" else (first, second)


def rows_of(problem: str, solver: str, courses: Sequence[Course]) -> Iterator[tuple[object, ...]]:
    """Rows of a file of courses."""
    for number, course in enumerate(courses):
        for spent, design in zip(course.replications, course.designs, strict=True):
            yield (problem, solver, number, int(spent), *(f"{x:.10g}" for x in design))


def read_courses(file: Path) -> AllCourses:
    """Courses of a file by problem and solver."""
    found: dict[str, dict[str, dict[int, list[tuple[int, float, float]]]]] = defaultdict(lambda: defaultdict(dict))
    with file.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            line = int(row["replications"]), float(row["x1"]), float(row["x2"])
            found[row["problem"]][row["solver"]].setdefault(int(row["macroreplication"]), []).append(line)
    return {
        problem: {solver: [_course(lines) for lines in courses.values()] for solver, courses in solvers.items()}
        for problem, solvers in found.items()
    }


def _course(lines: Sequence[tuple[int, float, float]]) -> Course:
    return Course(np.array([line[0] for line in lines]), np.array([line[1:] for line in lines]))


class Judge:
    """What designs really cost: means over many replications that no search has seen, the same for all designs."""

    def __init__(self, problem: str, share: float = 1.0) -> None:
        self.problem = problem
        self._count = max(50, round(share * JUDGED_ON[problem]))
        self._known: dict[tuple[float, float], float] = {}

    def __call__(self, design: Sequence[float]) -> float:
        """Mean cost a day of a design."""
        point = point_of(self.problem, design)
        if point not in self._known:
            measured = MODELS[problem_model(self.problem)].measured(point, self._count, JUDGES_SEED)
            self._known[point] = float(measured["total"].mean())
        return self._known[point]

    def values(self, course: Course, replications: Sequence[int]) -> Floats:
        """What is recommended after each number of replications costs, float64[n]; nan after the end."""
        end = course.replications[-1]
        return np.array([self(course.designs[course.at(n)]) if n <= end else np.nan for n in replications])
