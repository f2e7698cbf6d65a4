"""Arcs that are options: no part of the network until they are taken, but checked like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.checked import changed, checked
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario

HEAD = """version: 1
name: two
nodes:
  - {id: shop, demand: {mean: 5}, order: {mean: 5}}
  - {id: near, initial_stock: 50}
  - {id: far, initial_stock: 50}
"""
ARCS = """buyer,supplier,price,option,yearly_cost,lead_time
shop,far,1,true,20,2
shop,near,2,,,1
"""


def folder(path: Path, arcs: str = ARCS, more: str = "") -> Path:
    (path / "scenario.yaml").write_text(HEAD + more, encoding="utf-8")
    (path / "arcs.csv").write_text(arcs, encoding="utf-8")
    return path


def test_an_option_is_no_arc_until_it_is_taken(tmp_path: Path) -> None:
    scenario = load_scenario(folder(tmp_path))
    assert [arc.supplier for arc in scenario.arcs] == ["near"]
    assert [(number, arc.supplier, arc.yearly_cost) for number, arc in scenario.options] == [(0, "far", 20.0)]
    taken = load_scenario(tmp_path, ["arcs.shop/far.option=false"])
    assert [arc.supplier for arc in taken.arcs] == ["far", "near"]
    assert taken.options == ()
    assert changed(scenario, ["arcs.shop/far.option=false"]) == taken
    copied = checked(scenario.model_copy(update={"title": "another"}))
    assert copied.options == scenario.options
    write_scenario(scenario, tmp_path / "again")
    again = load_scenario(tmp_path / "again")
    assert (again, again.options) == (scenario, scenario.options)


def test_no_run_depends_on_an_option(tmp_path: Path) -> None:
    scenario = load_scenario(folder(tmp_path))
    without: dict[str, Any] = scenario.model_dump(by_alias=True)
    without["nodes"][0]["outage_chance"] = 0.5
    assert scenario_hash(scenario) == scenario_hash(Scenario.model_validate(without))


@pytest.mark.parametrize(
    ("arcs", "more", "expected"),
    [
        (ARCS.replace("shop,far", "shop,fra"), "", "arcs.csv:2: column 'supplier': there is no node 'fra'"),
        (ARCS.replace("true,20", "true,-20"), "", "arcs.csv:2: column 'yearly_cost': must be at least 0, not -20"),
        (ARCS.replace("shop,near,2,,,1", "shop,near,2,,,-1"), "", "arcs.csv:3: column 'lead_time': must be at least 0"),
        (ARCS, "disruptions:\n  - {name: x, arcs: [{buyer: shop, supplier: far}], probability: 0.1}\n",
         "disruptions.0.arcs.0"),
    ],
)  # fmt: skip
def test_options_and_what_names_them_are_checked(arcs: str, more: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario(folder(tmp_path, arcs, more))
    assert expected in str(refused.value)


def test_a_meaning_that_is_refused_has_the_row_of_the_file(tmp_path: Path) -> None:
    text = "buyer,supplier,option,lead_time,max_lead_time\nshop,far,true,2,\nshop,near,,2,1\n"
    with pytest.raises(InputError, match=r"arcs\.csv:3: column 'max_lead_time': is below the lead time 2"):
        load_scenario(folder(tmp_path, text))
