"""A user's script, as a type checker sees it: the public names with their types (mypy --strict, see pyproject.toml)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import esc_sim
from esc_sim import SupplyAgent, SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.results.run import RunResult
from esc_sim.results.summary import build_summary
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.scenario.schema import Scenario


class Cautious(SupplyAgent):
    """Orders a fifth more while anything in the network is disrupted."""

    def order(self, draws: list[float]) -> None:
        super().order(draws)
        if self.model.hazards.active:
            for item in self.bought:
                more = round(1.2 * self.books.ordered[item] * 2**20) / 2**20
                self.books.ordered[item] = self.books.residual[item] = more


def read(path: Path) -> Scenario | None:
    """A scenario, or None with what is wrong with it on the screen."""
    try:
        return esc_sim.load_scenario(path, {"run.periods": 30})
    except InputError as error:
        print(*error.problems, sep="\n")
        return None


def mean_costs(result: RunResult) -> NDArray[np.float64]:
    """Mean cost of each period over the replications."""
    costs: NDArray[np.float64] = result.values[:, :, 0].mean(axis=0)
    return costs


def stock_by_hand(scenario: Scenario, periods: int) -> float:
    """Mean stock in a loop over the periods, with agents of one's own."""
    model = SupplyChainModel(scenario, seed=7, members={"shop": Cautious})
    held = 0.0
    for _ in range(periods):
        model.step()
        held += sum(agent.on_hand for agent in (model.agent_of(node.id) for node in scenario.nodes))
    return held / periods


def search(path: Path, out: Path) -> dict[str, float]:
    """One number of each study."""
    swept = esc_sim.sweep(path, {"run.warm_up": [0, 5]}, replications=2, out=out / "sweep")
    front = esc_sim.optimize(path, preset="quick", generations=2, population=4)
    design = esc_sim.design(path, kind="sourcing")
    restored = esc_sim.recover(path, 20.0, remove=3)
    tested = esc_sim.stress(path, duration=7.0, what=("nodes",), starts=2, replications=2)
    return {
        "points": float(len(swept.table)),
        "plans": float(len(front.designs)),
        "tables": float(len(design.tables)),
        "RN": restored.chosen.rn,
        "outages": float(len(tested.table)),
    }


def risk(path: Path) -> tuple[float, str]:
    """CVaR of the cost per period, and the title."""
    result = esc_sim.simulate(path, replications=4, seed=1, engine="agents")
    cost = conditional_value_at_risk(mean_costs(result), 0.9)
    title: str = build_summary(result)["title"]
    return cost, title
