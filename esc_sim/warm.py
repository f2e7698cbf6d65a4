"""Compiling ahead: all kernels of the engine and of the search for recovery, so that no later command waits for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from esc_sim.engine.compiled.ahead import RULES, SMALLEST, compile_lean
from esc_sim.recovery.run import recover
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate

_CHAIN: Final[Mapping[str, Any]] = {
    **SMALLEST,
    "disruptions": [{"name": "strike", "nodes": ["maker"], "probability": 0.5, "cascade": True}],
    "cascade": {},
}
_WORDS: Final = {True: "the engine for plain trade", False: "the engine for all rules"}
"""The engine has two kernels for all networks; a scenario's rules decide which of them runs it."""


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
    for plain, rules in RULES.items():
        scenario = Scenario.model_validate({**_CHAIN, "rules": rules})
        found[_WORDS[plain]] = partial(simulate, scenario, engine="compiled")
    found["the engine for plain networks"] = compile_lean
    many = Scenario.model_validate({**_CHAIN, **_pairs(20), "disruptions": []})
    found["cascades and the search for recovery"] = partial(recover, many, budget=4.0, remove=12, evaluations=60)
    return found
