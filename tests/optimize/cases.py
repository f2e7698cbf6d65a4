"""Small searches for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parents[2]
OIL_GAS = ROOT / "scenarios" / "oil_gas"

SHORT = {"run.periods": 40}
"""Overrides that make a simulation short."""

TINY: dict[str, Any] = {"population": 8, "generations": 4, "replications": 2, "held_out": 4, "seed": 7}
"""Sizes of a search that takes a moment."""


def oil_gas(**overrides: Any) -> Scenario:
    """The oil and gas case over 40 periods; keys with "__" for "."."""
    return load_scenario(OIL_GAS, SHORT | {key.replace("__", "."): value for key, value in overrides.items()})
