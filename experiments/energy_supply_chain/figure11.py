"""Figure 11: cost per day with refinery 3 at risk under the compromise of figure 8: ``python -m ....figure11``."""

from __future__ import annotations

from esc_sim.views.style import GREEN
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import run, table_and_figure


def make() -> None:
    """Table and figure."""
    title = "Cost per day, refinery 3 at risk (compromise): oil and gas"
    printed = {"tail": case.PAPER["cvar"]}
    note = f"plan compromise.yaml; {case.BOUNDS}"
    table_and_figure("figure11", run(planned=True), title, GREEN, printed, note=note)


if __name__ == "__main__":
    make()
