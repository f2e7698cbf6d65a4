"""Names of the figures of a stress test."""

from __future__ import annotations

from typing import Final

from esc_sim.findings.plots import FORMATS

STRESS_FIGURES: Final = ("exposure", "spend", "map", "times", "curves", "reverse", "portfolio")


def stress_figure_files() -> set[str]:
    """Names of all files that figures of a stress test may have."""
    return {f"{name}.{ending}" for name in STRESS_FIGURES for ending in FORMATS}
