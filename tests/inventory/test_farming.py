"""Fields: soil, nitrogen, the nutrient market and orders for fields, worked out by hand in both engines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from esc_sim.behaviours.farming import exponential
from esc_sim.behaviours.grid import down_to_grid, grid_offset
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.block import Block
from esc_sim.instance.build import instance_of
from esc_sim.network.model import network_of
from esc_sim.network.side_links import side_links_of
from esc_sim.scenario.schema import Scenario
from tests.helpers.farms import farm, farm_content, two_farms
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import agents, compiled, item, node, period

ENGINES = [agents, compiled]
Run = Callable[..., Block]
EXACT: dict[str, Any] = {"rel": 1e-12}


def shown(scenario: Scenario, block: Block, kind: str, field: str = "north") -> list[float]:
    """What a field shows of itself, period by period."""
    names = [o.name for o in instance_of(scenario).observed]
    found: list[float] = block.observed[0, :, names.index(f"{kind}/{field}")].tolist()
    return found


def goods(scenario: Scenario, block: Block, column: str, name: str) -> list[float]:
    """What a column of an item was, period by period."""
    network = network_of(scenario)
    place = [network.item_name(i) for i in range(network.item_count)].index(name)
    found: list[float] = item(block, column)[0, :, place].tolist()
    return found


def money(block: Block, scenario: Scenario, column: str, name: str) -> list[float]:
    """A column of a node, period by period."""
    found: list[float] = node(block, column)[0, :, network_of(scenario).node_index[name]].tolist()
    return found


def test_the_exponential_is_that_of_the_library() -> None:
    for x in np.linspace(-30.0, 0.0, 1001).tolist():
        assert exponential(x) == pytest.approx(math.exp(x), rel=1e-14)
    assert exponential(-800.0) == 0.0


def test_rounding_down_never_exceeds() -> None:
    offset = grid_offset(3)
    assert [down_to_grid(x, offset) for x in (0.0, 0.1, 0.124, 0.125, 0.3, 7.999)] == [0, 0, 0, 0.125, 0.25, 7.875]


def test_a_watched_run_shows_what_went_to_the_farm_and_of_whom_the_fields_are() -> None:
    scenario = farm()
    model = SupplyChainModel(scenario, watch=True)
    network, watch = model.instance.network, model.watch
    links = side_links_of(scenario, network)
    node = network.node_index
    assert links.ends.tolist() == [[node["composter"], node["farm"]]]
    item_of = network.item_index
    model.step()
    assert watch is not None
    assert watch.given == {}
    model.step()
    product = network.products.index("compost")
    assert watch.given == {(item_of[node["composter"], product], item_of[node["farm"], product]): 500}
    assert {o.nodes for o in model.instance.observed} == {("farm",)}


@pytest.mark.parametrize("run", ENGINES)
class TestAYear:
    def test_nitrogen_and_harvest(self, run: Run) -> None:
        """Compost gives 1000 of the 30,000 kg needed, urea the rest a period later; half of all is lost."""
        scenario = farm()
        block = run(scenario)
        assert shown(scenario, block, "organic nitrogen applied")[:6] == [0, 4000, 0, 0, 0, 0]
        assert shown(scenario, block, "organic nitrogen")[:6] == [0, 3000, 3000, 3000, 3000, 3000]
        assert shown(scenario, block, "synthetic nitrogen applied")[:6] == [0, 0, 29000, 0, 0, 0]
        assert shown(scenario, block, "harvest")[:6] == [0, 0, 0, 600, 200, 0]
        # 2,000 background + 1,000 + 29,000, of which 800 t of grain take up 20 kg each.
        assert shown(scenario, block, "nitrogen lost")[:6] == [0, 0, 0, 0, 0, 16000]
        assert goods(scenario, block, "produced", "farm/grain")[:6] == [0, 0, 0, 600, 200, 0]
        assert goods(scenario, block, "produced", "farm/straw")[:6] == [0, 0, 0, 180, 60, 0]

    def test_the_soil_equation(self, run: Run) -> None:
        scenario = farm()
        block = run(scenario)
        # Per ha: compost 500 x 0.1 x 0.35 / 100, straw left 960 x 0.4 x 0.1 / 100; roots hold 50 with all straw left.
        root = 0.015 * 50 - 0.4 * 0.1 * 1.5 * 8
        first = 50 + (17.5 + 38.4) / 100 + root - 0.015 * 50
        carbon = shown(scenario, block, "soil carbon")
        assert carbon[4:6] == pytest.approx([50, first], **EXACT)
        bend = math.exp(-150 / 78)
        shape = 0.08 / (1.08 * bend - math.exp(-3))
        factor = (1 - shape * math.exp(-3 * first / 78)) / (1 - shape * bend)
        assert 1.0 < factor < 1.01
        assert sum(shown(scenario, block, "harvest")[6:]) == pytest.approx(800 * factor, abs=1e-5)
        # A tenth of the pool of 3,000 kg is free in the second year, so that much less urea is bought.
        assert shown(scenario, block, "organic nitrogen")[6] == pytest.approx(2700, **EXACT)
        need = 800 * factor * 20 / 0.5 - 2000 - 300
        assert sum(shown(scenario, block, "synthetic nitrogen applied")[6:]) == pytest.approx(need, abs=1e-5)
        left = (1.5 - 0.3) * 800 * factor * 0.04
        assert carbon[-1] == pytest.approx(first + left / 100 + root - 0.015 * first, abs=1e-7)

    def test_from_50_to_saturation_the_yield_gains_what_it_says(self, run: Run) -> None:
        content = farm_content()
        content["farming"]["soil"] |= {"start": 50, "saturation": 90, "gain": 0.3}
        content["farming"]["measure"] = {"cover_carbon": 40.0, "till_factor": 1.0}
        scenario = scenario_of(content | {"amendments": [], "fields": [content["fields"][0] | {"residue": None}]})
        block = run(scenario)
        assert shown(scenario, block, "soil carbon")[5] == pytest.approx(90, **EXACT)
        assert sum(shown(scenario, block, "harvest")[6:]) == pytest.approx(800 * 1.3, abs=1e-5)

    def test_without_the_soil_model_the_target_stays(self, run: Run) -> None:
        content = farm_content()
        content["farming"]["soil"]["model"] = "off"
        scenario = scenario_of(content)
        block = run(scenario)
        assert shown(scenario, block, "harvest")[3:5] == shown(scenario, block, "harvest")[9:11] == [600, 200]
        assert shown(scenario, block, "soil carbon")[-1] != 50

    def test_the_measure_slows_decay_keeps_nitrogen_and_costs(self, run: Run) -> None:
        content = farm_content()
        content["farming"]["measure"] = {"till_factor": 0.9, "cover_carbon": 0.15, "nitrogen_kept": 0.25, "cost": 40}
        plain, scenario = farm(), scenario_of(content)
        usual, block = run(plain), run(scenario)
        more = shown(scenario, block, "soil carbon")[5] - shown(plain, usual, "soil carbon")[5]
        assert more == pytest.approx(0.15 + 0.1 * 0.015 * 50, rel=1e-9)
        assert shown(scenario, block, "nitrogen lost")[5] == 12000
        assert shown(scenario, block, "organic nitrogen")[5:7] == pytest.approx([7000, 2700], **EXACT)
        assert period(block, "recipe_cost")[0].tolist() == [5000, 0, 0, 0, 0, 0, 5000, 0, 0, 0, 0, 0]
        assert period(usual, "recipe_cost")[0, 0] == 1000

    def test_money_of_the_nutrient_market(self, run: Run) -> None:
        """Parity is 2 kg x 1.0 - 6 = -4 a tonne; less 5 % of it, -4.2: the composter pays, and the farm hauls."""
        scenario = farm()
        block = run(scenario)
        assert money(block, scenario, "procurement", "composter")[1] == pytest.approx(4.2 * 500, **EXACT)
        assert money(block, scenario, "income", "farm")[1] == pytest.approx(4.2 * 500, **EXACT)
        assert money(block, scenario, "procurement", "farm")[1] == pytest.approx(6 * 500 + 29000 * 1.0, **EXACT)
        assert goods(scenario, block, "given", "composter/compost")[1] == 500
        for column in ("taken", "consumed"):
            assert goods(scenario, block, column, "farm/compost")[1] == 500

    def test_harvests_suffer_from_what_stops_production(self, run: Run) -> None:
        drought = {"name": "drought", "nodes": ["farm"], "stops": ["produce"], "health": 0.6,
                   "dates": [{"start": 3, "duration": 1}]}  # fmt: skip
        scenario = farm(disruptions=[drought])
        block = run(scenario)
        assert shown(scenario, block, "harvest")[3:5] == pytest.approx([360, 200], abs=1e-5)
        assert shown(scenario, block, "nitrogen lost")[5] == pytest.approx(32000 - 560 * 20, abs=1e-3)

    def test_weather_is_one_draw_a_year(self, run: Run) -> None:
        content = farm_content()
        content["fields"][0]["weather"] = {"law": "uniform", "low": 0.5, "high": 0.9}
        scenario = scenario_of(content | {"run": {"periods": 30, "seed": 5}})
        found = np.array(shown(scenario, run(scenario), "harvest")).reshape(5, 6)
        factors = found[:, 3] / (0.75 * 800)
        assert len(set(factors.tolist())) == 5
        assert ((factors > 0.5) & (factors < 0.92)).all()
        np.testing.assert_allclose(found[:, 4] * 3, found[:, 3], atol=1e-5)

    def test_a_crop_takes_up_no_more_nitrogen_than_there_is(self, run: Run) -> None:
        """With a factor of 3 on the yield the nitrogen, 32,000 kg, ends the harvest at 1,600 t."""
        content = farm_content()
        content["fields"][0]["weather"] = {"law": "constant", "value": 3.0}
        scenario = scenario_of(content)
        block = run(scenario)
        assert shown(scenario, block, "harvest")[3:5] == [1600, 0]
        assert shown(scenario, block, "nitrogen lost")[5] == 0


@pytest.mark.parametrize("run", ENGINES)
class TestOrders:
    def test_without_supply_the_yield_is_what_nitrogen_allows(self, run: Run) -> None:
        outage = {"name": "out", "nodes": ["plant"], "stops": ["ship"], "dates": [{"start": 1, "duration": 1}]}
        rules = {"known_after": 0}
        scenario = farm(disruptions=[outage], rules=rules)
        block = run(scenario)
        # 2,000 + 1,000 kg at 20 kg / 0.5 a tonne.
        assert sum(shown(scenario, block, "harvest")[:6]) == pytest.approx(75, abs=1e-5)
        content = farm_content(disruptions=[outage], rules=rules)
        content["fields"][0] |= {"window": 2, "harvest": {"4": 1.0}}
        later = scenario_of(content)
        again = run(later)
        assert goods(later, again, "ordered", "farm/urea")[:4] == [0, 29000, 29000, 0]
        assert sum(shown(later, again, "harvest")[:6]) == 800

    def test_what_comes_after_the_harvest_has_begun_waits_for_the_next_year(self, run: Run) -> None:
        content = farm_content()
        content["arcs"][0]["lead_time"] = 2
        scenario = scenario_of(content)
        block = run(scenario)
        assert shown(scenario, block, "synthetic nitrogen applied")[:6] == [0, 0, 0, 0, 0, 0]
        assert goods(scenario, block, "stock", "farm/urea")[2:7] == [0, 29000, 29000, 29000, 29000]
        need = shown(scenario, block, "synthetic nitrogen applied")[7]
        assert need == 29000
        assert goods(scenario, block, "ordered", "farm/urea")[7] > 0

    def test_ahead_the_order_is_there_in_the_week_of_application(self, run: Run) -> None:
        content = farm_content()
        content["fields"][0]["ahead"] = 1
        scenario = scenario_of(content | {"run": {"periods": 18}})
        block = run(scenario)
        ordered = goods(scenario, block, "ordered", "farm/urea")
        # In the first year no compost is expected: all 30,000 kg are ordered, and 1,000 are left for the next.
        assert ordered[:3] == [30000, 0, 0]
        assert shown(scenario, block, "synthetic nitrogen applied")[1] == 29000
        need = sum(shown(scenario, block, "synthetic nitrogen applied")[6:12])
        assert ordered[6:8] == pytest.approx([need - 2000, 1000], abs=1e-4)

    def test_fields_of_a_node_share_what_is_on_hand_by_their_needs(self, run: Run) -> None:
        content = farm_content(amendments=[])
        content["fields"].append(content["fields"][0] | {"id": "south", "area": 300, "window": 1})
        content["nodes"][2]["initial_stock"] = 40000
        scenario = scenario_of(content)
        block = run(scenario)
        assert goods(scenario, block, "ordered", "farm/urea")[1] == 120000
        assert shown(scenario, block, "synthetic nitrogen applied")[2] == 10000
        assert shown(scenario, block, "synthetic nitrogen applied", "south")[2] == 30000


@pytest.mark.parametrize("run", ENGINES)
class TestTheNutrientMarket:
    """Two farms of 100 and 300 ha, which need 30,000 and 90,000 kg; two sellers."""

    def spread(self, run: Run, content: Content) -> tuple[list[float], list[float]]:
        """Tonnes that leave the sellers, and organic nitrogen of the farms, in the week of application."""
        scenario = scenario_of(content)
        block = run(scenario)
        left = [goods(scenario, block, "given", name)[1] for name in ("s1/compost", "s2/digestate")]
        return left, [shown(scenario, block, "organic nitrogen applied", f)[1] for f in ("f1", "f2")]

    def test_farms_at_one_offer_share_it_in_proportion(self, run: Run) -> None:
        left, nitrogen = self.spread(run, two_farms(compost=400.0, digestate=0.0))
        assert left == [400, 0]
        assert nitrogen == [100 * 8, 300 * 8]

    def test_the_cheaper_offer_goes_first_ties_to_the_lower_item(self, run: Run) -> None:
        """Small fields, whose limit of 8.5 kg each is 1.0625 t of compost, or 0.34 t of digestate."""
        terms = {"ask": 1.0, "cost": 0.0}
        same = two_farms(compost=50.0, digestate=50.0, terms=(terms, {"ask": 10.0, "cost": 0.0}))
        assert self.spread(run, same)[0] == [50, 50]  # 0.5 a kg of both, and need of all there is
        same["fields"][0]["area"] = same["fields"][1]["area"] = 0.05
        assert self.spread(run, same)[0] == pytest.approx([2.125, 0], abs=1e-4)
        dear = two_farms(compost=50.0, digestate=50.0, terms=(terms | {"ask": 1.1}, {"ask": 10.0, "cost": 0.0}))
        dear["fields"][0]["area"] = dear["fields"][1]["area"] = 0.05
        assert self.spread(run, dear)[0] == pytest.approx([0, 0.68], abs=1e-4)

    def test_the_limit_of_organic_nitrogen(self, run: Run) -> None:
        left, nitrogen = self.spread(run, two_farms(compost=100000.0, digestate=0.0))
        assert nitrogen == pytest.approx([17000, 51000], abs=1e-4)
        assert left[0] == pytest.approx(68000 / 8, abs=1e-5)
        assert nitrogen[0] <= 17000
        assert nitrogen[1] <= 51000

    def test_nobody_buys_what_costs_as_much_as_synthetic_nitrogen(self, run: Run) -> None:
        for ask, sold in ((1.99, 400.0), (2.0, 0.0), (3.0, 0.0)):
            content = two_farms(compost=400.0, digestate=0.0, terms=({"ask": ask, "cost": 0.0}, {}))
            assert self.spread(run, content)[0][0] == sold

    def test_below_its_floor_a_seller_does_not_go(self, run: Run) -> None:
        """Parity is 2 - 60 a tonne: below minus the fee of 50 it does not pay, so it disposes of its compost."""
        dear = ({"cost": 60.0}, {"cost": 60.0})
        assert self.spread(run, two_farms(compost=400.0, digestate=0.0, terms=dear))[0][0] == 0
        lower = ({"cost": 60.0, "floor": -70.0}, {})
        assert self.spread(run, two_farms(compost=400.0, digestate=0.0, terms=lower))[0][0] == 400

    def test_the_value_of_carbon_makes_compost_worth_more(self, run: Run) -> None:
        content = two_farms(compost=400.0, digestate=0.0, terms=({"ask": 5.0, "cost": 0.0}, {}))
        assert self.spread(run, content)[0][0] == 0
        content["farming"]["soil_value"] = 100.0  # 3.5 a tonne of compost
        assert self.spread(run, content)[0][0] == 400

    def test_a_price_shock_of_synthetic_nitrogen_helps_compost(self, run: Run) -> None:
        content = two_farms(compost=400.0, digestate=0.0, terms=({"ask": 3.0, "cost": 0.0}, {}))
        content["joint_disruptions"] = [
            {"name": "gas", "drawn": "replication", "stops": ["ship"],
             "cases": [{"name": "dear", "probability": 1.0, "price": {"plant": 2.0}}]},
        ]  # fmt: skip
        assert self.spread(run, content)[0][0] == 400

    def test_a_seller_that_cannot_ship_and_a_farm_that_cannot_receive(self, run: Run) -> None:
        stop: Content = {"name": "stop", "health": 0.25, "dates": [{"start": 1, "duration": 1}]}
        content = two_farms(compost=400.0, digestate=0.0)
        seller = content | {"disruptions": [stop | {"nodes": ["s1"], "stops": ["ship"]}]}
        assert self.spread(run, seller)[0][0] == 100
        farmer = content | {"disruptions": [stop | {"nodes": ["farm_2"], "health": 0.0, "stops": ["receive"]}]}
        assert self.spread(run, farmer)[1] == [3200, 0]
