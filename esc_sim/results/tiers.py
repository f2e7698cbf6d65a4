"""Service and order variance tier by tier: who was asked for how much, met how much at once, and ordered how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from esc_sim.measures.tiers import MEASURES, Tier
from esc_sim.results.columns import TALLY_COLUMNS
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import Booleans, Floats, RunResult
from esc_sim.risk.intervals import Interval, mean_interval

if TYPE_CHECKING:
    from esc_sim.network.model import Network
    from esc_sim.scenario.schema import Scenario

_AT = {name: i for i, name in enumerate(TALLY_COLUMNS)}


def tier_names(network: Network) -> list[str]:
    """Tier of every item: its node's layer where the network has layers, else its role."""
    nodes = [
        f"layer {layer}" if layer > 0 else role
        for layer, role in zip(network.layer.tolist(), network.roles, strict=True)
    ]
    return [nodes[node] for node in network.item_node.tolist()]


def tier_labels(network: Network) -> dict[str, str]:
    """Tiers for readers, by the role where all nodes of a tier have the same: "retailer (layer 1)"."""
    found: dict[str, str] = {}
    roles: dict[str, set[str]] = {}
    for tier, node in zip(tier_names(network), network.item_node.tolist(), strict=True):
        roles.setdefault(tier, set()).add(network.roles[node])
    for tier, names in roles.items():
        role = names.pop() if len(names) == 1 else ""
        found[tier] = tier if role in ("", tier) else f"{role} ({tier})"
    return found


def tiers_of(tally: Floats, network: Network, scenario: Scenario, periods: int) -> dict[str, Tier]:
    """What each tier was asked for and did.

    Args:
        tally: float64[R, I, len(TALLY_COLUMNS)], sums over periods.
        network, scenario: of the run.
        periods: number of periods that the sums are over.
    """
    tiers = tier_names(network)
    final = _final_demand(scenario)
    end_variance = _variance(tally, final, "demand", periods).sum(axis=1)
    found = {}
    for tier in sorted(set(tiers)):
        own = np.array([name == tier for name in tiers])
        names = ("demand", "filled", "ordered", "orders", "stock")
        total = {name: _column(tally, own, name).sum(axis=1) for name in names}
        found[tier] = Tier(
            periods=periods,
            asked=total["demand"],
            filled=total["filled"],
            ordered=total["ordered"],
            orders=total["orders"],
            stock=total["stock"],
            asked_variance=_variance(tally, own, "demand", periods).sum(axis=1),
            ordered_variance=_variance(tally, own, "ordered", periods).sum(axis=1),
            final_variance=end_variance,
        )
    return found


def tier_statistics(result: RunResult) -> dict[str, dict[str, Interval]]:
    """Key figures of each tier, with intervals over replications; empty where no tally was kept."""
    tally = result.tally
    if tally is None or not tally.shape[1]:
        return {}
    counted = max(1, result.period_count - result.scenario.run.warm_up)
    return {
        name: {m.name: mean_interval(m.of(tier), batch=result.batch) for m in MEASURES}
        for name, tier in tiers_of(tally, result.network, result.scenario, counted).items()
    }


def tier_entries(result: RunResult) -> dict[str, dict[str, Any]]:
    """:func:`tier_statistics` as plain values for summary.json."""

    def plain(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    return {
        tier: {
            name: {"mean": plain(i.mean), "ci_low": plain(i.low), "ci_high": plain(i.high), "n": i.n}
            for name, i in entries.items()
        }
        for tier, entries in tier_statistics(result).items()
    }


def _final_demand(scenario: Scenario) -> Booleans:
    """bool[I], items with final demand."""
    from esc_sim.network.model import stock_lines

    return np.array([line.demand is not None for _, _, line in stock_lines(scenario)], np.bool_)


def _column(tally: Floats, items: Booleans, name: str) -> Floats:
    """A column of the sums of some items, [R, items], the only one that is in memory."""
    found: Floats = in_memory(tally[..., _AT[name]])[:, items]
    return found


def _variance(tally: Floats, items: Booleans, name: str, periods: int) -> Floats:
    """Variance over periods of some items, from sums and sums of squares."""
    mean = _column(tally, items, name) / periods
    variance: Floats = np.maximum(_column(tally, items, f"{name}_squared") / periods - mean * mean, 0.0)
    return variance
