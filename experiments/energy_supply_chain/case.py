"""What the scripts share: the scenario, what the paper prints, and where tables and figures go."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.storage.tables import write_rows
from esc_sim.views.style import save

HERE: Final = Path(__file__).resolve().parent
SCENARIO: Final = HERE.parents[1] / "scenarios" / "oil_gas"
TABLES: Final = HERE / "tables"
FIGURES: Final = HERE / "figures"
PLAN: Final = HERE / "compromise.yaml"
"""The compromise of figure 8, as a plan; written by figure08, read by figure11."""

PAPER: Final = {"profit": 3_924_956.04, "cvar": 75_851.93, "cvar_before": 88_650.0}
"""Figures that the paper prints: the compromise, and the 95 % level without optimization."""
PAPER_NORMAL: Final = {"low": 71_600.0, "high": 73_400.0}
"""The range of costs per day that the paper prints for the normal state."""

BOUNDS: Final = "bounds: mean orders -9 % to +9 %, prices -4.5 % to +4.5 % of the scenario's"
DATA: Final = "calibrated data"
SEED: Final = 1

Row = Mapping[str, Any]


def oil_gas(**overrides: Any) -> Scenario:
    """The scenario; keys of overrides with "__" for "."."""
    return load_scenario(SCENARIO, {key.replace("__", "."): value for key, value in overrides.items()})


def write(name: str, rows: Sequence[Row]) -> None:
    """Write rows as tables/NAME.csv and say so."""
    TABLES.mkdir(exist_ok=True)
    write_rows(TABLES / f"{name}.csv", [{key: _short(value) for key, value in row.items()} for row in rows])
    print(f"tables/{name}.csv", flush=True)


def read(name: str) -> list[dict[str, str]]:
    """Rows of tables/NAME.csv."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw(name: str, figure: Figure) -> None:
    """Write a figure as figures/NAME.png and say so."""
    FIGURES.mkdir(exist_ok=True)
    save(figure, FIGURES / f"{name}.png")
    print(f"figures/{name}.png", flush=True)


def _short(value: Any) -> Any:
    """Seven significant digits are enough for a table in print."""
    return float(f"{value:.7g}") if isinstance(value, float) else value
