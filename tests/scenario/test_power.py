"""What is said of microgrids that cannot be: one clear message each, with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from esc_sim.errors import InputError
from esc_sim.scenario.reader import load_scenario
from tests.helpers.microgrids import made_up


def problems(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> str:
    content = made_up(0)
    change(content)
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_scenario(file)
    return str(error.value)


def test_the_network_itself_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(made_up(0)), encoding="utf-8")
    assert load_scenario(file).power is not None


def bus(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda content: content["power"]["buses"][0].update(changes)


def day(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda content: content["power"]["day_types"][0].update(changes)


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (lambda c: c["power"]["buses"].append({"id": "far"}), "power.buses.", "bus 'far' has no supply"),
        (day(import_price=[100.0] * 23), "power.day_types.0.import_price", "23 prices, and a day has 24 hours"),
        (lambda c: c["series"]["tariff"].pop(), "power.day_types.0.import_price", "23 prices"),
        (day(sun=[0.5] * 25), "power.day_types.0.sun", "25 shares"),
        (day(import_price=40.0), "power.day_types.0", "hour 0 sells at 40 and buys at 40; the export price must be"),
        (day(import_price="tarif"), "power.day_types.0.import_price", "there is no series 'tarif'; did you mean"),
        (bus(nodes=["mill_9"]), "power.buses.0.nodes.0", "there is no node 'mill_9'"),
        (bus(profile=[1.0] * 12), "power.buses.0.profile", "12 weights, and a day has 24 hours"),
        (bus(nodes=["digester"]), "nodes.0", "'digester' is already at bus 'bus_mill_0': a node has one bus"),
        (lambda c: c["power"]["lines"][0].update({"to": "moon"}), "power.lines.0.to", "there is no bus 'moon'"),
        (lambda c: c["power"]["batteries"][0].update(bus="x"), "power.batteries.0.bus", "there is no bus 'x'"),
        (lambda c: c["power"]["engines"][0].update(gas="gaz"), "power.engines.0.gas", "there is no product 'gaz'"),
        (lambda c: c["power"]["engines"][0].update(gas="grain"), "power.engines.0.gas", "does not hold 'grain'"),
        (lambda c: c["power"].update(operator="nobody"), "power.operator", "there is no node 'nobody'"),
        (lambda c: c["disruptions"][0].update(buses=["town"]), "disruptions.0.buses.0", "there is no bus 'town'"),
        (lambda c: c["disruptions"][0].update(stops=["lines"]), "disruptions.0", "grid, or grid and lines"),
        (lambda c: c["disruptions"][2].update(stops=["grid"]), "disruptions.2", "only buses lose the grid"),
        (lambda c: c["disruptions"][0].update(health=0.5), "disruptions.0", "loses its grid whole"),
        (lambda c: c["power"].update(day_types=[c["power"]["day_types"][1]]), "power.day_types", "no day type fits"),
    ],
)  # fmt: skip
def test_one_clear_message_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], place: str, text: str
) -> None:
    found = problems(tmp_path, change)
    assert text in found
    assert place in found
    assert found.count("\n") == 0


def test_outages_of_buses_need_buses(tmp_path: Path) -> None:
    assert "there is no bus 'yard'" in problems(tmp_path, lambda content: content.pop("power"))
