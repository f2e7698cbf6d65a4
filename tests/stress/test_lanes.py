"""All routes of a mode, or over a lane, are out: by hand, on both engines, and named in rankings and replays."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.exposure_map import _exposures
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.stored import stored_stress
from esc_sim.stress.writing import replays
from tests.helpers.networks import scenario_of
from tests.stress.test_products import LOST, MARGIN, row_of, two_products

PLAYED: dict[str, Any] = {"duration": 6, "starts": [40], "knowledge": (), "worst": 1}


@cache
def by_sea() -> Scenario:
    """The shop and the kiosk get their tea by sea, through a canal; the shop its coffee by road."""
    content = two_products().model_dump(mode="json", exclude_unset=True, by_alias=True)
    for arc, mode in zip(content["arcs"], ("sea", "sea", "road"), strict=True):
        arc |= {"mode": mode} | ({"lane": "canal"} if mode == "sea" else {})
    return scenario_of(content | {"lanes": [{"id": "canal", "capacity": 500}]})


@cache
def played(engine: str) -> StressTest:
    return stress(by_sea(), engine=engine, what=("arcs", "modes", "lanes"), **PLAYED)


@pytest.mark.parametrize("engine", ["agents", "compiled"])
def test_a_mode_and_a_lane_are_out_with_all_their_arcs(engine: str) -> None:
    test = played(engine)
    for kind, name, shops in (("mode", "sea", 2), ("lane", "canal", 2), ("mode", "road", 1)):
        row = row_of(test, kind, name)
        assert (row["lost_demand"], row["impact"]) == (shops * LOST, shops * LOST * MARGIN)
    assert row_of(test, "arc", "shop/factory/tea/sea")["lost_demand"] == LOST


def test_a_replay_names_the_routes() -> None:
    (told,) = [one for one in replays(played("agents")) if one["stressor"] == "canal"]
    change = json.loads(told["set"].partition("=")[2])
    assert {(arc["buyer"], arc["mode"]) for arc in change[0]["arcs"]} == {("shop", "sea"), ("kiosk", "sea")}


def test_a_network_without_modes_or_lanes_has_none_to_put_out() -> None:
    for kind in ("mode", "lane"):
        with pytest.raises(InputError, match=f"--what {kind}s: no arc has a {kind}"):
            stress(two_products(), engine="agents", what=(f"{kind}s",), **PLAYED)


def exposures(*what: str) -> tuple[list[float], list[float]]:
    test = stress(by_sea(), engine="agents", what=what, **PLAYED)
    nodes, arcs = _exposures(stored_stress(test))
    return nodes.tolist(), arcs.tolist()


def test_the_map_colours_the_arcs_of_a_mode_that_is_out() -> None:
    nodes, arcs = exposures("modes")
    # The tea of two shops goes by sea, the coffee of one by road; no node was put out.
    assert arcs == [1.0, 1.0, 0.5]
    assert np.isnan(nodes).all()
    # The arc to one shop alone hurts half as much as the canal to both, and is drawn by its own outage.
    assert exposures("arcs", "lanes")[1] == [0.5, 0.5, 0.5]
    assert exposures("roles")[0] == [1.0, 1.0, 1.0]
