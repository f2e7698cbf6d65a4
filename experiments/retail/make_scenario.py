"""The simulated network of scenarios/retail_wuhan, from its design tables.

``python -m experiments.retail.make_scenario`` writes it.
"""

from __future__ import annotations

from pathlib import Path

from esc_sim.design.retail.episode import episode_content
from esc_sim.design.retail.read import read_instance
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from experiments.retail.designs import COVERAGES, NOTICE, SCENARIO

COMMENT = """\
The Wuhan case of S. Chen, Y. Chen, Computers and Chemical Engineering 179 (2023) 108428: 4 suppliers, 3 DCs, 128
stores, 6 customer areas. IN PART SYNTHETIC: PROVENANCE.md says which numbers are printed, calibrated or synthetic.
The folder design/ holds the tables of the design. nodes.csv, arcs.csv and this file are the same network for the
simulation, made from them by `python -m experiments.retail.make_scenario`.
One replication is one disaster: the case is drawn (0.7 and 0.3), DCs order in period 0, stores in period 1, demand
shows and areas order in period 2, goods reach the areas in period 3. What is then still owed is short.
Without a plan all facilities stand at their best level, all links are open and DCs are empty. The section optimize is
for a search around a plan of the design: esc-sim optimize . --plan plan_adaptive.yaml."""


def scenario() -> Scenario:
    """The candidate network with demand of a truncated normal law, and what `esc-sim design` is to choose from it."""
    instance = read_instance(SCENARIO, name="retail_wuhan", money="CNY", goods="kg")
    section = {
        "model": "box-ball",
        "eps": 0.05,
        "reading": "joint",
        "coverage": [2, 2, 2],
        "compare_coverage": [[c.dc, c.store, c.area] for c in COVERAGES],
        "gap": 1e-5,
    }
    search = {
        "variables": [
            {"kind": "order", "parameter": "order_up_to", "relative": [-0.5, 0.1]},
            {"kind": "stock", "parameter": "initial_stock", "relative": [-1.0, 0.5]},
        ],
        "objectives": ["cost", "served_share"],
    }
    content = episode_content(instance, law="normal", name="retail_wuhan") | {
        "title": "Retail network of Wuhan",
        "description": "Which suppliers, DCs, stores, links and stock to choose, and how they fare in a disaster.",
        "data": {"status": "synthetic", "note": NOTICE},
        "design": {"retail": section},
        "optimize": search,
    }
    return Scenario.model_validate(content)


def main() -> None:
    """Write the scenario."""
    for path in write_scenario(scenario(), SCENARIO.parent, COMMENT):
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


if __name__ == "__main__":
    main()
