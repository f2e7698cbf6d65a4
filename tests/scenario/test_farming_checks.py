"""Sections farming, fields and amendments: what is refused and how, and how they are read and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from tests.helpers.farms import farm, farm_content
from tests.helpers.networks import Content, scenario_of


def problems(change: Callable[[Content], object]) -> list[str]:
    """What is said of the farm after a change of its plain values."""
    content = farm_content()
    change(content)
    return check_scenario(Scenario.model_validate({"version": 1, "name": "test"} | content))


def of_field(**values: object) -> Callable[[Content], object]:
    """Change the field."""
    return lambda content: content["fields"][0].update(values)


def of_amendment(**values: object) -> Callable[[Content], object]:
    """Change the amendment."""
    return lambda content: content["amendments"][0].update(values)


def without(*keys: str | int) -> Callable[[Content], object]:
    """Leave something out."""

    def change(content: Content) -> None:
        part = content
        for key in keys[:-1]:
            part = part[key]
        del part[keys[-1]]

    return change


NORTH = "crop field north"
SALE = "amendment composter -> farm (compost)"
CASES = {
    "fields need farming": (without("farming"), "fields: fields need the section 'farming'"),
    "amendments need farming": (without("farming"), "amendments: amendments need the section 'farming'"),
    "uptake": (of_field(uptake=17), f"{NORTH}: uptake: a unit of 'grain' holds 18 kg of nitrogen and the 'straw' "),
    "uptake with straw": (of_field(uptake=19), "collected with it 1.2 kg, but it takes up 19 kg only"),
    "harvest outside": (of_field(harvest={"6": 1.0}), "from 0 to 5 (farming.year 6), not '6'"),
    "harvest no number": (of_field(harvest={"june": 1.0}), "from 0 to 5 (farming.year 6), not 'june'"),
    "shares": (of_field(harvest={"3": 0.5, "4": 0.4}), f"{NORTH}: harvest: the shares of 'north' add up to 0.9, not"),
    "apply late": (
        of_field(apply=3),
        f"{NORTH}: apply: fertiliser must be applied before the harvest, which begins in",
    ),
    "window": (of_field(window=3), f"{NORTH}: window: must end before the harvest begins in period 3"),
    "ahead": (of_field(ahead=2), f"{NORTH}: ahead: the order would be placed in the year before: at most 1 periods"),
    "no nutrient": (without("products", 2, "nutrient"), f"{SALE}: product: product 'compost' has no 'nutrient'"),
    "no nutrient of urea": (without("products", 3, "nutrient"), f"{NORTH}: fertiliser: product 'urea' has no"),
    "no nitrogen": (without("products", 3, "contents"), "product 'urea' gives no nitrogen: it needs contents with"),
    "seller": (
        of_amendment(seller="plant"),
        "amendment plant -> farm (compost): seller: 'plant' neither holds nor makes 'compost'",
    ),
    "farm": (
        of_amendment(farm="plant"),
        "amendment composter -> plant (compost): farm: 'plant' has no field",
    ),
    "no arc": (without("arcs", 0), f"{NORTH}: fertiliser: no arc brings 'urea' to 'farm'"),
    "order": (of_field(fertiliser="compost"), "stock line urea at farm: order: no field of 'farm' is given 'urea'"),
    "unknown crop": (of_field(crop="grian"), f"{NORTH}: crop: there is no product 'grian'; did you mean 'grain'?"),
    "unknown node": (
        of_amendment(farm="fram"),
        "amendment composter -> fram (compost): farm: there is no node 'fram'; did you mean 'farm'?",
    ),
    "unknown residue": (
        of_field(residue={"product": "hay", "ratio": 1}), f"{NORTH}: residue.product: there is no product 'hay'"
    ),
    "twice": (
        lambda content: content["amendments"].append(content["amendments"][0]),
        f"{SALE}: 'composter' sells 'compost' to 'farm' twice (amendments.0)",
    ),
    "two fields": (lambda content: content["fields"].append(content["fields"][0]), "'north' is given twice"),
    "too large": (of_field(area=1e9), f"{NORTH}: area: harvests must stay below 2.14748e+09 units"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_mean_anything_is_refused(name: str) -> None:
    change, expected = CASES[name]
    assert any(expected in problem for problem in problems(change)), problems(change)


REFUSED = {
    "fields.north.area=-3": "fields.north.area",
    "products.compost.nutrient.available=1.5": "products.compost.nutrient.available",
    "fields.north.recovery=0": "fields.north.recovery",
    "farming.soil.saturation=50": "farming.soil.saturation",
    "farming.soil.model=maybe": "farming.soil.model",
}


@pytest.mark.parametrize("override", REFUSED)
def test_numbers_out_of_range(tmp_path: Path, override: str) -> None:
    write_scenario(farm(), tmp_path)
    with pytest.raises(InputError) as raised:
        load_scenario(tmp_path, [override])
    assert REFUSED[override] in str(raised.value)


def test_a_gain_too_large_for_poor_soil() -> None:
    content = farm_content()
    content["farming"]["soil"] |= {"start": 5, "gain": 0.5}
    with pytest.raises(ValueError, match=r"a gain of 0\.5 would make the yield of poor soil negative"):
        scenario_of(content)


def test_two_ways_of_weather() -> None:
    with pytest.raises(ValueError, match="yield_sd takes the place of weather"):
        problems(of_field(yield_sd=0.1, weather={"law": "constant", "value": 1.0}))


def test_reading_what_was_written_and_overrides(tmp_path: Path) -> None:
    scenario = farm()
    write_scenario(scenario, tmp_path)
    assert load_scenario(tmp_path).fields == scenario.fields
    changes: Overrides = ["fields.north.harvest.4=0.5", "fields.north.harvest.3=0.5", "farming.soil.model=off"]
    changed = load_scenario(tmp_path, changes)
    assert changed.fields[0].shares == {3: 0.5, 4: 0.5}
    assert changed.farming is not None
    assert changed.farming.soil.model == "off"


def test_fields_as_a_table(tmp_path: Path) -> None:
    write_scenario(farm(fields=[], amendments=[], stocks=[{"node": "farm", "product": "urea"}]), tmp_path)
    (tmp_path / "fields.csv").write_text(
        "id,node,crop,fertiliser,area,potential,uptake,apply,harvest,residue.product,residue.ratio\n"
        "north,farm,grain,urea,100,8,20,1,0.75 3 + 0.25 4,straw,1.5\n"
    )
    (tmp_path / "amendments.csv").write_text("seller,product,farm,cost\ncomposter,compost,farm,6\n")
    scenario = load_scenario(tmp_path)
    assert scenario.fields[0].shares == {3: 0.75, 4: 0.25}
    assert scenario.fields[0].residue is not None
    assert scenario.amendments[0].cost == 6
    (tmp_path / "fields.csv").write_text(
        "id,node,crop,fertiliser,area,potential,uptake,apply,harvest\nnorth,farm,grain,urea,100,8,20,1,0.75 9\n"
    )
    with pytest.raises(InputError, match=r"fields\.csv:2: column 'harvest': a period of the year belongs here"):
        load_scenario(tmp_path)
