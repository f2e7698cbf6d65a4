"""Figure 10: cost per day with refinery 3 at risk, before optimization: ``python -m ....figure10``."""

from __future__ import annotations

from esc_sim.views.style import DISRUPTED_COLOUR
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import run, table_and_figure


def make() -> None:
    """Table and figure."""
    title = "Cost per day, refinery 3 at risk (base plan): oil and gas"
    printed = {"tail": case.PAPER["cvar_before"]}
    table_and_figure("figure10", run(planned=False), title, DISRUPTED_COLOUR, printed)


if __name__ == "__main__":
    make()
