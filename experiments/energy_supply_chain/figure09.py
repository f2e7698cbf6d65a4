"""Figure 9: cost per day of the chain that nothing disrupts: ``python -m experiments.energy_supply_chain.figure09``."""

from __future__ import annotations

from esc_sim.views.style import NORMAL_COLOUR
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import costs_of, described, histogram, net_of_transfers, run


def make() -> None:
    """Table and figure."""
    result = run(planned=False)
    costs = costs_of(result, disrupted=False)
    low, high = case.PAPER["normal"]
    printed = {"low": low, "high": high}
    described("figure09", costs, net_of_transfers(result, disrupted=False), printed)
    title = "Cost per day, normal state (base plan): oil and gas"
    case.draw("figure09", histogram(costs, title, NORMAL_COLOUR, printed, ""))


if __name__ == "__main__":
    make()
