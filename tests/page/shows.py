"""Shows as `esc-sim app` makes them, for tests without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.variants import variants_of


def show_of_scenario(scenario: Scenario, plans: Sequence[Path] = ()) -> Show:
    """A show at day 0."""
    return Show(Setting(scenario, (scenario.name,), variants_of(scenario, plans)))
