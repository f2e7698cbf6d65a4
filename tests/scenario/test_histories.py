"""Laws that draw from a series of the scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.reads import run_reads
from esc_sim.sampling.tape import tape_block
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.cuts import cut_mean
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.schema import Node, Scenario

HISTORY: dict[str, Any] = {"series": {"asked": [3.0, 5.0, 4.0, 9.0, 1.0]}}


def of_history(law: dict[str, Any], count: int, first: int = 0) -> list[float]:
    nodes = [{"id": "shop", "initial_stock": 100.0, "demand": {"law": law}}]
    made = scenario_of({"name": "x", "nodes": nodes, **HISTORY})
    return tape_block(instance_of(made).columns, 7, 0, first, count)[:, 0].tolist()


def test_a_history_is_drawn_with_equal_chances() -> None:
    drawn = of_history({"law": "empirical", "series": "asked"}, 5000)
    assert set(drawn) == set(HISTORY["series"]["asked"])
    assert all(abs(drawn.count(value) - 1000) < 4 * 800**0.5 for value in set(drawn))


def test_blocks_of_a_history_stay_together() -> None:
    law = {"law": "empirical", "series": "asked", "block": 3}
    drawn = of_history(law, 3000)
    begun = {tuple(drawn[k : k + 3]) for k in range(0, 3000, 3)}
    assert begun == {(3.0, 5.0, 4.0), (5.0, 4.0, 9.0), (4.0, 9.0, 1.0), (9.0, 1.0, 3.0), (1.0, 3.0, 5.0)}
    assert all(abs(drawn.count(value) - 600) < 4 * (3 * 480) ** 0.5 for value in set(drawn))
    for first in (1, 2, 3, 100):  # wherever the tape is cut
        assert of_history(law, 50, first) == drawn[first : first + 50]


def test_the_mean_of_blocks_is_that_of_what_is_drawn() -> None:
    law = Empirical(series="asked", block=3)
    law.bind(tuple(HISTORY["series"]["asked"]))
    assert mean_of(law) == pytest.approx(22 / 5)
    assert law.upper == 9.0
    assert cut_mean(law, 4.5) == pytest.approx((3 + 4.5 + 4 + 4.5 + 1) / 5)
    drawn = np.array(of_history({"law": "empirical", "series": "asked", "block": 3}, 60_000))
    assert drawn.mean() == pytest.approx(mean_of(law), rel=0.01)


def test_the_covariances_of_blocks_are_those_of_what_is_drawn() -> None:
    law = Empirical(series="asked", block=3)
    law.bind(tuple(HISTORY["series"]["asked"]))
    drawn = np.array(of_history({"law": "empirical", "series": "asked", "block": 3}, 60_000)) - 4.4
    found = [float((drawn * np.roll(drawn, -lag)).mean()) for lag in range(4)]
    assert [*law.covariances(), 0.0] == pytest.approx(found, abs=0.12)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"demand": {"law": {"law": "empirical", "series": "aksed"}}},
         "node shop: demand.law.series: there is no series 'aksed'; did you mean 'asked'?"),
        ({"demand": {"law": {"law": "empirical", "series": "asked", "block": 6}}},
         "node shop: demand.law.block: a block of 6 is longer than series 'asked', which has 5 values"),
        ({"demand": {"arrivals": [{"between": {"law": "empirical", "series": "asked", "block": 2}}]}},
         "node shop: demand.arrivals.0.between.block: blocks of periods are for the laws of demand and production: "
         "leave it out"),
    ],
)  # fmt: skip
def test_what_a_history_cannot_be(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        scenario_of({"name": "x", "nodes": [{"id": "shop", **parts}], **HISTORY})
    assert error.value.problems == [said]


def test_two_scenarios_do_not_share_a_law_of_a_history() -> None:
    shop = Node(id="shop", demand=Demand(law=Empirical(series="asked")))
    Scenario(name="x", nodes=[shop], **HISTORY)
    with pytest.raises(InputError, match="the law empirical of series 'asked' is part of another scenario"):
        Scenario(name="y", nodes=[shop], series={"asked": [1.0]})


def test_values_of_a_history_are_part_of_what_a_run_reads() -> None:
    def read(last: float) -> str:
        node = {"id": "shop", "demand": {"law": {"law": "empirical", "series": "asked"}}}
        return run_reads()(scenario_of({"name": "x", "nodes": [node], "series": {"asked": [1.0, last]}}))

    assert read(2.0) == read(2.0)
    assert read(2.0) != read(3.0)


def test_a_size_is_no_history() -> None:
    law = {"law": "intermittent", "probability": 0.2, "size": {"law": "empirical", "series": "asked"}}
    with pytest.raises(InputError, match="the law 'empirical' cannot be the size of what comes now and then"):
        scenario_of({"name": "x", "nodes": [{"id": "shop", "demand": {"law": law}}], **HISTORY})
