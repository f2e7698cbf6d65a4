"""Numbers put into a checked scenario: the same scenario, and the same messages, as when its files are read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from esc_sim import Scenario, load_scenario
from esc_sim.errors import InputError
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.varied import Varied
from tests.helpers.networks import chain_content

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PATHS = {
    "quickstart": [
        "run.periods", "run.warm_up", "nodes.shop_north.demand.mean", "nodes.shop_north.demand.sd",
        "nodes.warehouse.initial_stock", "nodes.warehouse.order.mean", "nodes.warehouse.name", "nodes.warehouse.layer",
        "disruptions.strike.health", "disruptions.strike.dates.0.start", "risk.level", "nodes.*.holding_cost",
    ],
    "oil_gas": [
        "nodes.retailer_1.demand.mean", "nodes.retailer_1.target_stock", "disruptions.refinery_3_outage.probability",
        "disruptions.refinery_3_outage.recovery.duration", "arcs.retailer_1/distributor_1.price",
        "optimize.population", "run.replications", "nodes.retailer_9.demand.mean",
    ],
    "bakery": ["run.periods", "nodes.bakery.initial_stock"],
}  # fmt: skip
VALUES = ["0", "1", "2.5", "-1", "90", "0.3", "1e18", "x", "true", "*2", "+5 %", "3 weeks", ""]


def _told(load: Any) -> Any:
    """All that a scenario is, or what is said of it."""
    try:
        found = load()
    except InputError as error:
        return error.problems
    about = found.folder, found.notices, found.changes, found.options, found.whole_hash, found.entries_changed
    return found, _stated(found), about, found._checked


def _stated(part: Any) -> Any:
    """Which keys are stated, part by part."""
    if isinstance(part, BaseModel):
        fields = type(part).model_fields
        return part.model_fields_set, {name: _stated(getattr(part, name)) for name in fields}
    return [_stated(one) for one in part] if isinstance(part, list) else None


@pytest.mark.parametrize("name", PATHS)
def test_a_changed_number_gives_what_the_reader_gives(name: str) -> None:
    varied, folder = Varied(SCENARIOS / name), SCENARIOS / name
    for path in PATHS[name]:
        for value in VALUES:
            text = f"{path}={value}"
            assert _told(lambda: varied.changed([text])) == _told(lambda: given_scenario(folder, [text])), text  # noqa: B023


def test_what_a_search_may_decide_is_looked_at_where_it_hangs_on_a_number(tmp_path: Path) -> None:
    made = (SCENARIOS / "quickstart" / "scenario.yaml").read_text(encoding="utf-8").partition("\noptimize:")[0]
    variable = "{kind: setting, path: nodes.warehouse.capacity, relative: [-0.5, 0.5]}"
    search = f"{{objectives: [profit, emissions], variables: [{variable}]}}"
    (tmp_path / "scenario.yaml").write_text(f"{made}\noptimize: {search}\n", encoding="utf-8")
    kept = ["nodes.warehouse.emissions=2", "nodes.warehouse.capacity=50"]
    varied = Varied(tmp_path, kept)
    assert isinstance(varied.changed(["nodes.warehouse.emissions=3"]), Scenario)
    for change in ("nodes.warehouse.emissions=0", "nodes.warehouse.capacity=.inf", "nodes.warehouse.capacity=0"):
        told = _told(lambda: varied.changed([change]))  # noqa: B023
        assert told == _told(lambda: given_scenario(tmp_path, [*kept, change])), change  # noqa: B023
        assert ("for every plan" in str(told)) == ("emissions" in change), told


def test_kept_changes_come_first_and_a_second_number_in_the_same_part_is_kept() -> None:
    kept, later = ["nodes.warehouse.order.mean=70"], ["nodes.shop_north.demand.mean=50", "nodes.shop_north.demand.sd=7"]
    whole = load_scenario(SCENARIOS / "quickstart", [*kept, *later])
    assert _told(lambda: Varied(SCENARIOS / "quickstart", kept).changed(later)) == _told(lambda: whole)


def test_a_changed_law_of_a_series_knows_its_values() -> None:
    law = {"law": "empirical", "series": "past", "block": 2}
    content = chain_content()
    content["nodes"][0]["demand"] = {"law": law, "price": 2}
    given = {"name": "past", "run": {"periods": 12}, "series": {"past": [3.0, 9.0, 1.0, 7.0]}} | content
    change = [f"nodes.{content['nodes'][0]['id']}.demand.law.block=3"]
    varied = Varied(given).changed(change)
    assert isinstance(varied.nodes[0].demand, Demand)
    assert isinstance(varied.nodes[0].demand.law, Empirical)
    assert varied.nodes[0].demand.law.mean == 5.0
    assert _told(lambda: varied) == _told(lambda: given_scenario(given, change))


def test_what_a_scenario_does_with_itself_once_made_stands_in_one_place() -> None:
    """What changed numbers make is completed, not validated as a whole."""
    found = Scenario.__pydantic_decorators__
    assert [*found.model_validators] == ["_completed"]
    assert not {**found.field_validators, **found.root_validators, **found.validators}


def test_most_numbers_are_put_in_without_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = tmp_path / "scenario.yaml"
    copied.write_text((SCENARIOS / "quickstart" / "scenario.yaml").read_text())
    varied = Varied(copied)
    assert varied.changed(["nodes.shop_north.demand.mean=50"]).nodes[0].id
    kept = varied.keeping(["nodes.shop_north.demand.mean=52"])
    copied.unlink()
    assert kept.changed(["run.periods=9"]).nodes == varied.changed(["nodes.shop_north.demand.mean=52"]).nodes
    changed = varied.changed(["nodes.shop_north.demand.mean=51", "disruptions.strike.health=0.25"])
    assert changed.disruptions[0].health == 0.25
    with pytest.raises(InputError, match="no such file"):
        varied.changed(["nodes.shop_north.name=North"])


def test_a_dict_and_a_scenario_are_changed_alike() -> None:
    content = load_scenario(SCENARIOS / "quickstart").model_dump(by_alias=True)
    change = {"nodes.warehouse.order.mean": 71.5}
    for given in (content, given_scenario(content)):
        assert _told(lambda: Varied(given).changed(change)) == _told(lambda: given_scenario(given, change))  # noqa: B023
    assert isinstance(Varied(content).changed(change), Scenario)
