"""A negotiation protocol that an installed package adds is named by scenarios like any other (tests/extension)."""

from __future__ import annotations

import sys

import pytest

from tests.helpers.extension import run
from tests.helpers.ready import Ready

SCRIPT = """
from esc_sim import simulate
from esc_sim.results.columns import ITEM_COLUMNS
from tests.helpers.networks import scenario_of

content = {
    "nodes": [{"id": "shop", "order": {"mean": 10}}, {"id": "cheap", "initial_stock": 100},
              {"id": "dear", "initial_stock": 100}],
    "arcs": [{"buyer": "shop", "supplier": "cheap", "price": 1}, {"buyer": "shop", "supplier": "dear", "price": 9}],
    "rules": {"negotiation": "dearest"}, "run": {"periods": 2, "replications": 1},
}
run = simulate(scenario_of(content), trace=True)
print(run.traces.items[0, :, 1:, ITEM_COLUMNS.index("shipped")].sum(axis=0).tolist(), run.notices[0])
"""


@pytest.mark.slow
def test_a_protocol_of_a_package(installed: Ready) -> None:
    done = installed.run(["-c", SCRIPT])
    assert done.stdout.strip() == "[0.0, 20.0] run by the agent engine: markets negotiate by dearest", done.stderr
    schema = installed.run(["schema"])
    assert "dearest: the highest landed price" in schema.stdout


@pytest.mark.slow
def test_without_the_package_the_name_is_refused() -> None:
    done = run([sys.executable, "-c", SCRIPT])
    assert "dearest" in done.stderr
    assert "lowest_cost" in done.stderr
