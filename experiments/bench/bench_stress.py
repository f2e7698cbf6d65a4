"""Stress tests: both aggregate programs for every outage of a network in three tiers; a ranking by simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.engine.compiled.runner import run_replications, run_with_twin
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.struck import Outage, struck
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.aggregate_network import AggregateNetwork
from esc_sim.stress.durations import Durations
from esc_sim.stress.impact import TOLERANCE, twin_of
from esc_sim.stress.starts import start_dates
from esc_sim.stress.stressors import stressors_of
from esc_sim.stress.tasks import NUMBERS, Plan, Task, numbers_of
from experiments.bench.rows import Row, cpu_seconds, interleaved, median_ratio, small_run

NAME = "stress"
TIERS = (200, 500, 1000)
DURATION = 8.0
OUTAGE = 7.0


def measure() -> Iterator[Row]:
    """Rows: CPU seconds of all losses and times to survive together."""
    tiny = small_run()
    tiers = (4, 10, 20) if tiny else TIERS
    network = three_tiers(*tiers)
    outages = range(tiers[0], sum(tiers))

    def all_outages() -> None:
        programs = AggregatePrograms(network)
        for site in outages:
            programs.loss([site], DURATION)
            programs.time_to_survive([site])

    what = f"{len(outages):,} outages of {sum(tiers):,} sites, both programs"
    yield Row(what, cpu_seconds(all_outages), "CPU s", "" if tiny else "<= 20 s")
    yield from _simulated(tiny)


def _simulated(tiny: bool) -> Iterator[Row]:
    """A sample of the outages of a network with base-stock policies, ended at the twin and run to the end."""
    scenario = base_stock_network(3, 4, 2, 40, 2) if tiny else base_stock_network(4, 250, 4, 365, 10)
    starts, count = (2, 3) if tiny else (8, 24)
    instance = replace(instance_of(scenario), service=True)
    dates = start_dates(starts, 0, instance.periods, OUTAGE)
    everything = stressors_of(instance.network, ("nodes", "arcs"), range(instance.network.node_count))
    sample = [everything[k] for k in np.linspace(0, len(everything) - 1, count).astype(int)]
    replications = range(scenario.run.replications)
    found: dict[bool, list[dict[str, object]]] = {}

    def ranked(whole: bool) -> Callable[[], float]:
        twin = twin_of(instance, "compiled", 1, replications, dates, [OUTAGE], whole=whole)
        plan = Plan(twin, dates, Durations(OUTAGE), 0.0, ACTIVITIES, TOLERANCE)
        part = sample[: max(1, count // 6)] if whole else sample

        def work() -> None:
            found[whole] = [plan.play(Task(one, "scenario")) for one in part]

        return lambda: cpu_seconds(work) / len(part)

    seconds = interleaved({"stopped": ranked(False), "whole": ranked(True)}, 1)
    stopped, whole = seconds["stopped"][0], seconds["whole"][0]
    same = all(
        one[name] == other[name]
        for one, other in zip(found[False], found[True], strict=False)
        for name in NUMBERS
        if name != "met"
    )
    met = np.concatenate([numbers_of(row, "met").ravel() for row in found[False]])
    runs = len(dates) * len(replications)
    size = f"{instance.network.node_count:,} nodes, {instance.network.arc_count:,} arcs"
    yield Row(
        f"an outage, {runs} runs, {size}", 1000 * stopped, "CPU ms", "", f"{np.isfinite(met).mean():.1%} met twin"
    )
    note = "same numbers" if same else "OTHER NUMBERS"
    yield Row("times as quick as whole runs", whole / stopped, "times", "" if tiny else ">= 5 times", note)
    all_of_them = stopped * len(everything) / 2 / 60
    yield Row(f"all {len(everything):,} outages on two processors", all_of_them, "min", "" if tiny else "<= 10 min", "")
    middle = instance.network.node_count // 2
    yield from _beside(struck(instance, Outage("closed", (middle,), (), ACTIVITIES, 0.0, dates[1], OUTAGE)))


def _beside(instance: Instance) -> Iterator[Row]:
    """A run with one outage and its twin: side by side, the twin walked only where it differs, and each by itself."""
    found: dict[bool, float] = {}

    def together() -> None:
        run, twin = run_with_twin(instance, 1, [0], meeting=True)
        found[True] = float(run.periods.sum() + twin.periods.sum())

    def apart() -> None:
        runs = [run_replications(instance, 1, [0], disrupted=disrupted, stock=True) for disrupted in (True, False)]
        found[False] = float(sum(run.periods.sum() for run in runs))

    works = {"together": lambda: cpu_seconds(together), "apart": lambda: cpu_seconds(apart)}
    seconds = interleaved(works, 5)
    note = "same numbers" if found[True] == found[False] else "OTHER NUMBERS"
    quicker = median_ratio(seconds["apart"], seconds["together"])
    yield Row("a run and its twin side by side, times as quick as two runs", quicker, "times", "", note)


def base_stock_network(layers: int, width: int, suppliers: int, periods: int, replications: int) -> Scenario:
    """Layers of nodes that order up to a level; orders are split alike over a few suppliers.

    Args:
        layers, width: number of layers, and of nodes in each.
        suppliers: of each buyer.
        periods, replications: of a run.
    """
    rng = np.random.default_rng(3)
    mean = np.zeros((layers, width))
    mean[0] = rng.integers(20, 60, width)
    nodes, arcs = [], []
    for layer in range(layers):
        for k in range(width):
            node = {"id": f"n{layer}_{k}", "layer": layer + 1, "holding_cost": 0.01}
            if layer < layers - 1:
                lead = int(rng.integers(1, 4))
                level = float(np.ceil(mean[layer, k] * (lead + 2.5)))
                node |= {"initial_stock": level, "order": {"policy": "base_stock", "order_up_to": level}}
                for chosen in rng.choice(width, suppliers, replace=False):
                    mean[layer + 1, chosen] += mean[layer, k] / suppliers
                    ends = {"buyer": node["id"], "supplier": f"n{layer + 1}_{chosen}"}
                    arcs.append(ends | {"price": 1.0, "other_cost": 1.0, "lead_time": lead, "share": 1.0})
            else:
                plenty = float(max(10.0 * mean[layer, k], 1.0))
                node |= {"initial_stock": plenty, "target_stock": plenty, "production": {"mean": plenty}}
            if layer == 0:
                node["demand"] = {"mean": float(mean[0, k]), "sd": 0.15 * float(mean[0, k]), "price": 20}
            nodes.append(node)
    run = {"periods": periods, "replications": replications, "seed": 1}
    return Scenario.model_validate({"version": 1, "name": "base_stock", "nodes": nodes, "arcs": arcs, "run": run})


def three_tiers(plants: int, suppliers: int, sub_suppliers: int, seed: int = 1) -> AggregateNetwork:
    """Plants that need three to five materials each, their suppliers, who need one or two, and those of these.

    Args:
        plants, suppliers, sub_suppliers: number of sites in each tier.
        seed: of the network.
    """
    rng = np.random.default_rng(seed)
    sizes = {"plant": plants, "supplier": suppliers, "sub-supplier": sub_suppliers}
    names = tuple(f"{tier} {i}" for tier, count in sizes.items() for i in range(count))
    ends: tuple[list[int], list[int], list[int]] = ([], [], [])
    _join(rng, ends, range(plants), range(plants, plants + suppliers), max(1, suppliers // 3), (3, 5))
    first = plants + suppliers
    _join(rng, ends, range(plants, first), range(first, first + sub_suppliers), max(2, sub_suppliers // 2), (1, 2))
    demand, margin = np.zeros(len(names)), np.zeros(len(names))
    demand[:plants], margin[:plants] = rng.integers(750, 851, plants), rng.integers(14, 26, plants) / 100
    supplier, need, maker = (np.array(part, np.int64) for part in ends)
    return AggregateNetwork(
        names=names,
        stock=rng.integers(1500, 3000, len(names)).astype(np.float64),
        capacity=rng.integers(1500, 3000, len(names)).astype(np.float64),
        demand=demand,
        margin=margin,
        supplier=supplier,
        need=need,
        need_maker=maker,
        need_units=np.ones(len(maker)),
    )


def _join(
    rng: np.random.Generator,
    ends: tuple[list[int], list[int], list[int]],
    buyers: range,
    suppliers: range,
    materials: int,
    most: tuple[int, int],
) -> None:
    """Give each buyer its materials, each from all who make it; every material has a supplier.

    Args:
        rng: where chance comes from.
        ends: supplier and need of each edge, maker of each need; added to.
        buyers, suppliers: places of the sites.
        materials: number of materials.
        most: least and largest number of materials of a buyer.
    """
    supplier, need, maker = ends
    made = np.r_[np.arange(materials), rng.integers(0, materials, max(0, len(suppliers) - materials))]
    for buyer in buyers:
        wanted = min(int(rng.integers(most[0], most[1] + 1)), materials)
        for kind in rng.choice(materials, wanted, replace=False):
            makers = np.flatnonzero(made[: len(suppliers)] == kind)
            supplier.extend(suppliers[int(place)] for place in makers)
            need.extend([len(maker)] * len(makers))
            maker.append(buyer)
