"""Figure 11: cost per day with refinery 3 at risk under the compromise of figure 8: ``python -m ....figure11``."""

from __future__ import annotations

from esc_sim.views.style import GREEN
from experiments.energy_supply_chain import case
from experiments.energy_supply_chain.distribution import costs_of, described, histogram, net_of_transfers, run


def make() -> None:
    """Table and figure."""
    result = run(planned=True)
    costs = costs_of(result, disrupted=True)
    printed = {"tail": case.PAPER["cvar"]}
    described("figure11", costs, net_of_transfers(result, disrupted=True), printed)
    title = "Cost per day, refinery 3 at risk (compromise): oil and gas"
    case.draw("figure11", histogram(costs, title, GREEN, printed, f"plan compromise.yaml; {case.BOUNDS}"))


if __name__ == "__main__":
    make()
