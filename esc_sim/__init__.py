"""Agent-based discrete-event simulation of supply networks under disruption."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esc_sim.scenario.reader import load_scenario

__version__ = "0.1.0"

# Public name -> module that defines it; loaded when the name is first used, so that `import esc_sim` stays light.
_MODULES = {
    "load_scenario": "esc_sim.scenario.reader",
}

__all__ = ["__version__", "load_scenario"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'esc_sim' has no attribute '{name}'")
    value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
