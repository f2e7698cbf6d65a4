"""The state of a search after each generation, on disk: arrays and JSON, nothing that could be executed.

``search.json`` says what is searched, and is written once; ``state.npz`` holds the population and the history, and is
replaced after each generation in one step, so that a search killed at any moment finds the last whole generation.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.optimize.nsga2 import Generation
from esc_sim.optimize.settings import CHANCE, STARTS, Settings
from esc_sim.results.manifest import scenario_hash, work_versions
from esc_sim.storage.files import new_file
from esc_sim.storage.manifest import check_file
from esc_sim.storage.unfinished import Unfinished

if TYPE_CHECKING:
    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

STATE_FILE: Final = "state.npz"
SEARCH: Final = Unfinished("search", "search.json", (STATE_FILE,), work_versions)
_MOST_BYTES = 2**33
_MEMORY: Final = "memory."
_LATER: Final = ("generations", "held_out", "budget", "select", "delta", "confidence")
"""Settings on which no generation depends."""
Shape = tuple[int, int, int, int]
"""Numbers of variables, objectives, constraints and measures of a problem."""


@dataclass(frozen=True)
class State:
    """Where a search stands.

    Attributes:
        generation: the population.
        reference: float64[M], the hypervolume's reference point, as costs.
        history: float64[G, 1 + M]: after each generation the hypervolume and the least cost of each objective.
        unmeasured: int64[measures], judgements that gave no number, see :class:`PlanningProblem`.
        spent: int64[G], replications spent by the end of each generation.
        leaders: float64[G, D], the best design after each generation of a search with one objective; else [G, 0].
    """

    generation: Generation
    reference: Floats
    history: Floats
    unmeasured: NDArray[np.int64]
    spent: NDArray[np.int64]
    leaders: Floats


def search_content(
    scenario: Scenario, settings: Settings, code: Mapping[str, str], plan: Plan | None = None
) -> dict[str, Any]:
    """What a search is, as plain values; two searches with equal content give equal generations.

    How many generations are wanted, or replications, is left out: a search may go on for longer than first planned. So
    are the held-out draws, which no generation depends on. ``code`` holds a hash of each user's function.

    Args:
        scenario: with a section ``optimize``.
        settings: sizes and algorithm.
        code: hash of each user's function, by name.
        plan: the plan that designs change, or None.
    """
    sizes = {key: value for key, value in asdict(settings).items() if key not in _LATER}
    for name, usual in (("crossover", CHANCE), ("mutation", CHANCE), ("start", STARTS[0])):
        if sizes[name] == usual:  # they came later: searches that leave them keep their content
            del sizes[name]
    assert scenario.optimize is not None
    return {
        "scenario": scenario.name,
        "scenario_hash": scenario_hash(scenario),
        "optimize": scenario.optimize.model_dump(mode="json", warnings=False),
        "periods": scenario.run.periods,
        **({"code": dict(code)} if code else {}),
        "plan_hash": None if plan is None else plan.content_hash,
        **sizes,
    }


def save(folder: Path, state: State) -> None:
    """Replace the state in one step.

    Raises:
        InputError: it cannot be written.
    """
    generation = state.generation
    memory: dict[str, Any] = {f"{_MEMORY}{name}": array for name, array in generation.memory.items()}
    with new_file(folder / STATE_FILE) as stream:
        np.savez(
            stream,
            number=np.int64(generation.number),
            designs=generation.designs,
            costs=generation.costs,
            violations=generation.violations,
            reference=state.reference,
            history=state.history,
            unmeasured=state.unmeasured,
            spent=state.spent,
            leaders=state.leaders,
            **memory,
        )


def load(folder: Path, content: dict[str, Any], problem_shape: Shape) -> tuple[State | None, list[str]]:
    """The state of an interrupted search, None when it had not finished a generation, and notices.

    Args:
        folder: of the checkpoint.
        content: of the search that wants to go on, see :func:`search_content`.
        problem_shape: numbers of variables, objectives, constraints and measures.

    Raises:
        InputError: no checkpoint, a damaged one, or one of another search. Nothing is changed.
    """
    notices = SEARCH.check(folder, content)
    path = folder / STATE_FILE
    if not path.exists():
        return None, notices
    check_file(path, folder.parent)
    try:
        state = _state(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise SEARCH.damaged(path, error) from None
    if not _fits(state, problem_shape):
        raise SEARCH.damaged(path, "its arrays do not fit this search")
    return state, notices


def _state(path: Path) -> State:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("too large")
    if not zipfile.is_zipfile(path):
        raise ValueError("not an archive of arrays")
    # numpy would leave a damaged file open that it has opened itself.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        generation = Generation(
            int(arrays["number"]),
            np.asarray(arrays["designs"], np.float64),
            np.asarray(arrays["costs"], np.float64),
            np.asarray(arrays["violations"], np.float64),
            {
                name.removeprefix(_MEMORY): np.asarray(arrays[name], np.float64)
                for name in arrays.files
                if name.startswith(_MEMORY)
            },
        )
        return State(
            generation,
            np.asarray(arrays["reference"], np.float64),
            np.asarray(arrays["history"], np.float64),
            np.asarray(arrays["unmeasured"], np.int64),
            np.asarray(arrays["spent"], np.int64),
            np.asarray(arrays["leaders"], np.float64),
        )


def _fits(state: State, shape: Shape) -> bool:
    variables, objectives, constraints, measures = shape
    generation, population = state.generation, len(state.generation.designs)
    return (
        generation.number >= 1
        and generation.designs.shape == (population, variables)
        and generation.costs.shape == (population, objectives)
        and generation.violations.shape == (population, constraints)
        and state.reference.shape == (objectives,)
        and state.history.shape == (generation.number, 1 + objectives)
        and state.unmeasured.shape == (measures,)
        and state.spent.shape == (generation.number,)
        and state.leaders.shape == (generation.number, variables if objectives == 1 else 0)
        and bool(np.isfinite(generation.designs).all())
        and _measured_or_not(generation)
    )


def _measured_or_not(generation: Generation) -> bool:
    """Whether costs and violations are finite, but for designs that could not be measured: the last one tells."""
    costs, violations = generation.costs, generation.violations
    known = violations[:, -1] < np.inf
    return all(np.isfinite(array[known]).all() and not np.isnan(array).any() for array in (costs, violations))
