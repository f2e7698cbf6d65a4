"""Figure 10: cost per day with refinery 3 at risk, before optimization: ``python -m ....figure10``."""

from __future__ import annotations

from esc_sim.views.style import DISRUPTED_COLOUR
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import costs_of, described, histogram, net_of_transfers, run


def make() -> None:
    """Table and figure."""
    result = run(planned=False)
    costs = costs_of(result, disrupted=True)
    printed = {"tail": case.PAPER["cvar_before"]}
    described("figure10", costs, net_of_transfers(result, disrupted=True), printed)
    title = "Cost per day, refinery 3 at risk (base plan): oil and gas"
    case.draw("figure10", histogram(costs, title, DISRUPTED_COLOUR, printed, ""))


if __name__ == "__main__":
    make()
