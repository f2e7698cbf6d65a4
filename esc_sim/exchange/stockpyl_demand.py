"""Demand sources of stockpyl as final demand of a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from esc_sim.exchange.carried import Ledger

_MOST_VALUES: Final = 20_000
_TAIL: Final = 1e-12
"""Chance of values that are left out of a law of single values."""


def demand_of(
    source: Mapping[str, Any] | None, name: str, series: dict[str, list[float]], ledger: Ledger
) -> dict[str, Any] | None:
    """The final demand that a source gives; None where it gives none.

    Args:
        source: attributes of the source.
        name: of the node.
        series: gets the demands of a source that lists them period by period.
        ledger: counts what is left out.
    """
    kind = (source or {}).get("type")
    if source is None or kind is None:
        return None
    if kind == "N":
        return _normal(source, ledger)
    if kind == "P":
        return {"law": {"law": "poisson", "mean": float(source["mean"])}}
    if kind == "UC":
        return {"law": {"law": "uniform", "low": float(source["lo"]), "high": float(source["hi"])}}
    if kind == "UD":
        values = range(int(source["lo"]), int(source["hi"]) + 1)
        return {"law": _discrete(values, [1.0 / len(values)] * len(values))}
    if kind == "CD":
        return {"law": _discrete(source["demand_list"], source["probabilities"])}
    if kind == "NB":
        return _negative_binomial(source)
    if kind == "D":
        listed = source["demand_list"]
        if not isinstance(listed, list):
            return {"mean": float(listed)}
        series[name] = [float(value) for value in listed]
        return {"series": name, "then": "repeat"}
    ledger.leave_out(f"demand sources of type {kind}")
    return None


def _discrete(values: Iterable[float], probabilities: Iterable[float]) -> dict[str, Any]:
    chances: dict[float, float] = {}
    for value, chance in zip(values, probabilities, strict=True):
        chances[float(value)] = chances.get(float(value), 0.0) + float(chance)
    total = sum(chances.values())
    return {"law": "discrete", "values": list(chances), "probabilities": [one / total for one in chances.values()]}


def _normal(source: Mapping[str, Any], ledger: Ledger) -> dict[str, Any]:
    mean, sd = float(source["mean"]), float(source.get("standard_deviation") or 0.0)
    if not source.get("round_to_int"):
        return {"mean": mean, "sd": sd}
    top = int(mean + 8.0 * sd) + 2
    if top > _MOST_VALUES or sd == 0.0:
        ledger.leave_out("roundings of normal demands to whole units", count=int(sd > 0.0))
        return {"mean": mean if sd else float(round(mean)), "sd": sd}
    from scipy import special

    bounds = [float(special.ndtr((value + 0.5 - mean) / sd)) for value in range(top)]
    chances = {value: high - low for value, (low, high) in enumerate(zip([0.0, *bounds], bounds, strict=False))}
    likely = {value: chance for value, chance in chances.items() if chance > _TAIL}
    return {"law": _discrete(likely, likely.values())}


def _negative_binomial(source: Mapping[str, Any]) -> dict[str, Any]:
    """Failures before the n-th success."""
    n, p = float(source["n"]), float(source["p"])
    mean = n * (1.0 - p) / p
    return {"law": {"law": "negative_binomial", "mean": mean, "sd": math.sqrt(mean / p)}}
