"""Stock levels that follow the known mean of demand, and the search for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import esc_sim
from esc_sim.instance.model import Instance
from esc_sim.plans.apply import planned_instance
from experiments.published.gym_invmgmt.cases import PERIODS, Case
from experiments.published.gym_invmgmt.members import stock_keepers
from experiments.published.gym_invmgmt.scenario import scenario

_POLICY = '''"""Order up to the mean demand of a window of periods to come."""


def ahead(time):
{lines}
    return {total!r}


def informed(period, position, near=0.0, far=8.0, part=1.0, buffer=0.0, last={end}.0):
    if period > last:
        return 0.0
    level = part * (ahead(period + far) - ahead(period + near)) + buffer
    return max(level - position, 0.0)
'''


def policy_text(case: Case) -> str:
    """File with the policy; ``ahead`` is the mean demand of the first so many periods, linear in between."""
    total = np.concatenate([[0.0], np.cumsum(case.mean)])
    lines = [
        f"    if time < {t + 1}.0:\n        return {float(total[t])!r} + (time - {t}.0) * {float(case.mean[t])!r}"
        for t in range(PERIODS)
    ]
    return _POLICY.format(lines="\n".join(lines), total=float(total[-1]), end=PERIODS - 1)


def reach(case: Case) -> dict[str, tuple[int, int]]:
    """Periods from an order to the customer by site: by the quickest way, and by the slowest."""
    links = case.plan.links
    found: dict[str, tuple[int, int]] = {}
    for site in case.plan.members:
        below = [link for link in links if link.supplier == site.id]
        ways = [found[link.buyer] for link in below] or [(0, 0)]
        into = [link.lead_time + 1 for link in links if link.buyer == site.id]
        found[site.id] = (min(w[0] for w in ways) + min(into), max(w[1] for w in ways) + max(into))
    return found


def variables(case: Case) -> list[dict[str, Any]]:
    """What the search decides: windows of all sites, the part of demand that passes each, the retailer's buffer."""
    found: list[dict[str, Any]] = []

    def decide(parameter: str, site: str, low: float, high: float) -> None:
        found.append({"kind": "order", "parameter": parameter, "nodes": [site], "absolute": [low, high]})

    for site, (soon, late) in reach(case).items():
        retails = case.plan.site(site).role == "retailer"
        decide("far", site, 0.0, float(late + 8))
        decide("last", site, 0.0, float(PERIODS - soon))
        if retails:
            decide("buffer", site, 0.0, 60.0)
        else:
            decide("near", site, 0.0, float(late + 8))
            decide("part", site, 0.0, 1.5)
    return found


def searched(case: Case, folder: Path, demand: Any = None) -> Path:
    """Write the case with its policy and its variables as a scenario folder; returns the folder."""
    times = reach(case)
    orders = {
        site: {"policy": "code", "code": "policies.py:informed",
               "parameters": {"near": float(times[site][0] - min(times[site])), "far": float(times[site][1]),
                              "part": 1.0, "buffer": 0.0, "last": float(PERIODS - times[site][0])}}
        for site in times
    }  # fmt: skip
    mean = case.mean if demand is None else demand
    sd = float(np.sqrt(case.mean.mean())) if case.is_drawn else 0.0
    search = {"variables": variables(case), "objectives": ["profit"]}
    document = scenario(case, mean, orders, sd=sd, optimize=search)
    folder.mkdir(parents=True, exist_ok=True)
    document.to_yaml(folder / "scenario.yaml")
    (folder / "policies.py").write_text(policy_text(case), encoding="utf-8")
    return folder


def found(case: Case, folder: Path, *, budget: int, replications: int, seed: int) -> Instance:
    """Search the levels of a case; returns the case, with the best plan, as it is run on the benchmark's paths.

    Args:
        case: of the benchmark.
        folder: where the scenario is written.
        budget: replications that the search may spend.
        replications: on which a design is judged.
        seed: of the search.
    """
    front = esc_sim.optimize(
        searched(case, folder),
        algorithm="cma-es",
        budget=budget,
        replications=replications,
        held_out=4 * replications,
        seed=seed,
        allow_code=True,
        members=stock_keepers(case, searching=True) or None,
    )
    assert front.best is not None
    scenario = esc_sim.load_scenario(folder, {"nodes.n1.demand.sd": 0.0})
    return planned_instance(scenario, front.best, allow_code=True)
