"""The ranking: one row a stressor, largest impact first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.measures.terms import periods_a_year
from esc_sim.risk.intervals import mean_interval
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.coordination import Coordination
from esc_sim.stress.impact import Twin
from esc_sim.stress.scenario_network import network_of_scenario, why_no_network
from esc_sim.stress.stressors import Key, Stressor
from esc_sim.stress.tasks import Plan, Row, numbers_of

Floats = NDArray[np.float64]

COLUMNS: Final = (
    "stressor",
    "kind",
    "duration",
    "impact",
    "impact_low",
    "impact_high",
    "impact_cvar",
    "lost_demand",
    "late_demand",
    "time_to_survive",
    "time_to_recover",
    "exposure_index",
    "lp_loss",
    "lp_time_to_survive",
    "timed_loss",
    "value_of_coordination",
    "known_after",
    "spend",
    "lp_loss_without_outage",
    "lp_time_to_survive_without_outage",
)
"""Columns of ranking.csv."""


@dataclass(frozen=True)
class Bounds:
    """The aggregate programs of the scenario, if it has them.

    Attributes:
        programs: None where there are none.
        node: node of each maker.
        reason: why there are none.
    """

    programs: AggregatePrograms | None
    node: NDArray[np.int64]
    reason: str = ""


@dataclass(frozen=True)
class Programs:
    """The best possible answers: lead times ignored, and with them."""

    aggregate: Bounds
    timed: Coordination

    @property
    def notices(self) -> list[str]:
        """Why there are none."""
        found = [f"no linear programs without lead times: {self.aggregate.reason}"] if self.aggregate.reason else []
        return found + ([f"no timed_loss: {self.timed.reason}"] if self.timed.reason else [])


def bounds_of(plan: Plan) -> Bounds:
    """The aggregate programs of what is put out; none where something of it stays in part."""
    reason = why_no_network(plan.twin.instance)
    if not reason and plan.health > 0.0:
        reason = "what is out keeps a share of its capacity"
    if reason:
        return Bounds(None, np.empty(0, np.int64), reason)
    network, node = network_of_scenario(plan.twin, plan.starts)
    return Bounds(AggregatePrograms(network), node)


def ranking(
    scenario: Scenario, plan: Plan, stressors: Sequence[Stressor], rows: Mapping[Key, Row], programs: Programs
) -> pd.DataFrame:
    """The table, columns ``COLUMNS``.

    Args:
        scenario: what is tested.
        plan: how.
        stressors: what is put out.
        rows: by the key of the stressor, of the scenario's own knowledge.
        programs: linear programs.
    """
    spend = _spend(scenario, plan.twin)
    table = pd.DataFrame([_entry(scenario, plan, one, rows[one.key], programs, spend) for one in stressors])
    table = table.sort_values("impact", ascending=False, kind="stable", ignore_index=True)
    largest = float(table["impact"].max())
    table["exposure_index"] = table["impact"] / largest if largest > 0.0 else math.nan
    return table[list(COLUMNS)]


def _entry(
    scenario: Scenario, plan: Plan, stressor: Stressor, row: Row, programs: Programs, spend: Floats
) -> dict[str, Any]:
    impact = numbers_of(row, "impact")
    interval = mean_interval(impact.mean(axis=0))
    risk, known = scenario.risk, scenario.rules.known_after
    arcs, timed_loss = _arcs_of(plan.twin, stressor), programs.timed.of(stressor)
    return {
        "stressor": stressor.name,
        "kind": stressor.kind,
        "duration": plan.durations.of(stressor),
        "impact": interval.mean,
        "impact_low": interval.low,
        "impact_high": interval.high,
        "impact_cvar": conditional_value_at_risk(impact, risk.level, estimator=risk.estimator),
        "lost_demand": float(numbers_of(row, "lost").mean()),
        "late_demand": float(numbers_of(row, "late").mean()),
        "time_to_survive": float(np.median(numbers_of(row, "survive", math.inf))),
        "time_to_recover": _seen(float(np.median(numbers_of(row, "recover", math.inf)))),
        "exposure_index": math.nan,
        "timed_loss": timed_loss,
        "value_of_coordination": interval.mean - timed_loss,
        "known_after": known if isinstance(known, float) else mean_of(known),
        "spend": math.fsum(spend[arcs].tolist()),
        **_program_columns(plan, stressor, programs.aggregate),
    }


def _seen(time: float) -> float:
    """A time, nan where the run ended before."""
    return time if math.isfinite(time) else math.nan


def _program_columns(plan: Plan, stressor: Stressor, bounds: Bounds) -> dict[str, float]:
    programs = bounds.programs
    if programs is None or stressor.arcs:
        names = ("lp_loss", "lp_time_to_survive", "lp_loss_without_outage", "lp_time_to_survive_without_outage")
        return dict.fromkeys(names, math.nan)
    out = np.flatnonzero(np.isin(bounds.node, stressor.nodes)).tolist()
    times = [time for _, time in plan.durations.parts(stressor)]
    as_one = len(times) == 1  # the programs know one duration
    return {
        "lp_loss": programs.loss(out, times[0]) if as_one else math.nan,
        "lp_time_to_survive": programs.time_to_survive(out),
        "lp_loss_without_outage": programs.loss((), times[0]) if as_one else math.nan,
        "lp_time_to_survive_without_outage": programs.time_to_survive_without_outage,
    }


def _spend(scenario: Scenario, twin: Twin) -> Floats:
    """What buyers pay on each arc in a year, or in a run where a year of its periods is not known, float64[A]."""
    shipped = sum((block.arc_shipped for block in twin.blocks), np.float64(0.0)) / len(twin.blocks)
    span = periods_a_year(scenario.units.period)
    years = 1.0 if span is None else span / twin.instance.periods
    spend: Floats = shipped * twin.instance.arcs.price * years
    return spend


def _arcs_of(twin: Twin, stressor: Stressor) -> NDArray[np.int64]:
    """Arcs on which a stressor is paid."""
    network = twin.instance.network
    of_nodes = np.isin(network.item_node[network.arc_supplier], stressor.nodes)
    of_nodes[list(stressor.arcs)] = True
    return np.flatnonzero(of_nodes)


def lost_by_customer(
    plan: Plan, stressors: Sequence[Stressor], rows: Mapping[Key, Row]
) -> list[tuple[str, str, str, float, float]]:
    """Stressor, customer's node, product, demand lost and late; what is neither is left out.

    Args:
        plan: how outages are played.
        stressors: what is put out, in the order of the ranking.
        rows: by the key of the stressor, of the scenario's own knowledge.
    """
    network, customers = plan.twin.instance.network, plan.twin.instance.customers
    found = []
    for one in stressors:
        row = rows[one.key]
        for item, lost, late in zip(customers.tolist(), row["lost_by"], row["late_by"], strict=True):
            if lost or late:
                node, product = network.item_node[item], network.item_product[item]
                found.append((one.name, network.node_ids[node], network.products[product], lost, late))
    return found


def by_knowledge(stressors: Sequence[Stressor], rows: Mapping[tuple[Key, str], Row]) -> pd.DataFrame:
    """Impact and rank of every stressor with each state of knowledge; the scenario's own first.

    Args:
        stressors: what is put out, in the order of the ranking.
        rows: by key and knowledge.
    """
    known = list(dict.fromkeys(of for _, of in rows))
    table = pd.DataFrame({"stressor": [one.name for one in stressors], "kind": [one.kind for one in stressors]})
    for of in known:
        word = of.replace(" ", "_")
        table[f"impact_{word}"] = [float(numbers_of(rows[one.key, of], "impact").mean()) for one in stressors]
        table[f"rank_{word}"] = table[f"impact_{word}"].rank(ascending=False, method="min").astype(int)
    return table
