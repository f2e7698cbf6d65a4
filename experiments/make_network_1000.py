"""Makes scenarios/network_1000: ``python -m experiments.make_network_1000 [FOLDER]``.

A made-up network of 1,000 members with hubs: as many suppliers, manufacturers, wholesalers and retailers as the
scale-free network of Li, Zhao, Wang, Mi (APEM 2024, section 3.1) has, linked at random, with invented numbers for the
transaction model. The same call gives the same files; a test compares them with the committed ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

from esc_sim.network.generators.trade import scale_free_scenario
from esc_sim.network.scale_free import PAPER_COUNTS
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "network_1000"
COMMENT = """\
A made-up network of 1,000 members with hubs; its members are in nodes.csv, its supply relations in arcs.csv.
Made by `python -m experiments.make_network_1000`; PROVENANCE.md says what is invented (all but the roles' counts)."""


def scenario() -> Scenario:
    """The scenario."""
    return scale_free_scenario(PAPER_COUNTS, m=3, a=6.0, name="network_1000", seed=1, periods=365)


def main() -> None:
    """Write it."""
    for path in write_scenario(scenario(), Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, COMMENT):
        print(path)


if __name__ == "__main__":
    main()
