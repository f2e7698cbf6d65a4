"""Figure 9: cost per day of the chain that nothing disrupts: ``python -m experiments.energy_supply_chain.figure09``."""

from __future__ import annotations

from esc_sim.views.style import NORMAL_COLOUR
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import run, table_and_figure


def make() -> None:
    """Table and figure."""
    title = "Cost per day, normal state (base plan): oil and gas"
    table_and_figure("figure09", run(planned=False), title, NORMAL_COLOUR, case.PAPER_NORMAL, disrupted=False)


if __name__ == "__main__":
    make()
