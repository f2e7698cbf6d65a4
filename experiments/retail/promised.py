"""What the designs promise to cost, piece by piece, beside what agents pay who carry them out."""

from __future__ import annotations

from esc_sim.design.retail.episode import episode_content
from esc_sim.design.retail.handover import network_plan
from esc_sim.results.summary import build_summary
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from experiments.retail.designs import design, write
from experiments.retail.simulated import DESIGNS, OPERATIONS, SEED

REPLICATIONS = 960
"""A multiple of the 16 that are stratified together, so that cases come up as often as they are probable."""


def promised() -> None:
    """Cost of a disaster and its pieces under the shipped law of demand, promised and simulated (I1)."""
    rows: list[list[object]] = []
    for model, reading in DESIGNS:
        plan = design("I1", model, reading=reading)
        scenario = Scenario.model_validate(episode_content(plan.instance, name="retail_wuhan"))
        for operation in OPERATIONS:
            handed_over = network_plan(plan, operation, name=f"{model} {reading} {operation}")
            run = simulate(scenario, plan=handed_over, replications=REPLICATIONS, seed=SEED, stratified=True)
            for name, entry in build_summary(run)["promises"].items():
                if entry["unit"] == "CNY":
                    numbers = [entry[key] for key in ("promised_at_most", "mean", "ci_low", "ci_high")]
                    rows.append([model, reading, operation, name, *numbers, entry["verdict"] != "broken"])
    head = ["model", "reading", "operation", "piece", "promised", "simulated", "ci_low", "ci_high", "kept"]
    write("promised", head, rows)
