"""The designs carried out by agents: laws of demand x designs x operations, violation beside the promised eps."""

from __future__ import annotations

import numpy as np

from esc_sim.design.retail.episode import DEMAND_SHOWS, episode_content
from esc_sim.design.retail.handover import Operation, network_plan
from esc_sim.design.retail.laws import LAWS, DeviationLaw
from esc_sim.design.retail.margins import Reading, RetailModel
from esc_sim.design.retail.solution import RetailPlan
from esc_sim.results.run import RunResult, column
from esc_sim.results.summary import build_summary
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from experiments.retail.designs import PROBABILITIES, design, write

REPLICATIONS = 1000
SEED = 1
OPERATIONS: tuple[Operation, ...] = ("static", "adaptive")
DESIGNS: tuple[tuple[RetailModel, Reading], ...] = (
    ("stochastic", "joint"),
    ("box-ball", "joint"),
    ("budget", "joint"),
    ("box-ball", "own"),
)


def carried_out(
    plan: RetailPlan, law: DeviationLaw, operation: Operation, replications: int = REPLICATIONS
) -> RunResult:
    """A run of a design under a law; every law and design sees the same random numbers."""
    scenario = Scenario.model_validate(episode_content(plan.instance, law=law, name="retail_wuhan"))
    handed_over = network_plan(plan, operation, name=f"{plan.model} {plan.reading} {operation}")
    return simulate(scenario, plan=handed_over, replications=replications, seed=SEED)


def worst_cases(result: RunResult, plan: RetailPlan) -> np.ndarray:
    """Case of each replication: 1 where demand is that of the second scenario, else 0."""
    total = plan.instance.demand.sum(axis=0)
    return np.asarray(column(result.values, "demand")[:, DEMAND_SHOWS] > total.mean())


def simulated() -> None:
    """Share of replications in which some area is short, how much is short, and what is paid for flows."""
    rows: list[list[object]] = []
    for which in PROBABILITIES:
        for model, reading in DESIGNS:
            plan = design(which, model, reading=reading)
            for law in LAWS:
                for operation in OPERATIONS:
                    result = carried_out(plan, law, operation)
                    found = build_summary(result)["promises"]
                    violation, case = found["violation"], worst_cases(result, plan)
                    samples = result.promises[0].samples
                    paid = float(column(result.values, "procurement").sum(axis=1).mean())
                    promised = "-" if model == "stochastic" else plan.eps
                    row = [which, model, reading, law, operation, promised]
                    row += [violation[name] for name in ("mean", "ci_low", "ci_high")]
                    row += [float(samples[case == k].mean()) for k in (False, True)]
                    rows.append([*row, found["shortage"]["mean"], paid])
            print(f"  {which} {model} {reading}", flush=True)
    head = ["instance", "model", "reading", "law", "operation", "promised_eps", "violation", "ci_low", "ci_high"]
    write(
        "simulated", [*head, "violation_scenario1", "violation_scenario2", "mean_shortage_kg", "mean_flow_cost"], rows
    )
