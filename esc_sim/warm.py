"""Compiling ahead: all kernels of the engine and of the search for recovery, so that no later command waits for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from esc_sim.recovery.run import recover
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate

_CHAIN: Final[Mapping[str, Any]] = {
    "version": 1,
    "name": "smallest",
    "run": {"periods": 2, "replications": 1},
    "nodes": [
        {"id": "shop", "demand": {"mean": 1, "sd": 0.1, "price": 1}, "order": {"mean": 1}},
        {"id": "maker", "role": "supplier", "initial_stock": 9, "target_stock": 9},
    ],
    "arcs": [{"buyer": "shop", "supplier": "maker", "price": 1}],
    "disruptions": [{"name": "strike", "nodes": ["maker"], "probability": 0.5, "cascade": True}],
    "cascade": {},
}
_RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "the engine for plain trade": {"known_after": 1_000},
    "the engine for all rules": {"unmet": "backorder", "unmet_orders": "backorder"},
}
"""The engine has two kernels; a scenario's rules decide which of them runs it."""


def _pairs(count: int) -> dict[str, Any]:
    """Nodes and arcs of so many suppliers and shops, too many for a search to try all sets."""
    suppliers = [{"id": f"maker {k}", "role": "supplier", "initial_stock": 9} for k in range(count)]
    shops = [{"id": f"shop {k}", "demand": {"mean": 1, "price": 1}, "order": {"mean": 1}} for k in range(count)]
    pairs = [(k, other % count) for k in range(count) for other in (k, k + 1)]
    arcs = [{"buyer": f"shop {k}", "supplier": f"maker {other}", "price": 1} for k, other in pairs]
    return {"nodes": [*suppliers, *shops], "arcs": arcs}


def parts() -> dict[str, Callable[[], object]]:
    """What is compiled, in words, and what does it: the smallest work that needs it."""
    found: dict[str, Callable[[], object]] = {}
    for words, rules in _RULES.items():
        found[words] = partial(simulate, Scenario.model_validate({**_CHAIN, "rules": rules}), engine="compiled")
    many = Scenario.model_validate({**_CHAIN, **_pairs(20), "disruptions": []})
    found["cascades and the search for recovery"] = partial(recover, many, budget=4.0, remove=12, evaluations=60)
    return found
