"""Farms for tests: one written out, and generated ones with everything that fields can do."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import Content, scenario_of


def farm_content(**changes: Any) -> Content:
    """A farm with one field in a year of six periods: applied in period 1, harvested in 3 and 4, without chance.

    It needs 100 x 8 x 20 / 0.5 - 100 x 20 = 30,000 kg of nitrogen. A composter holds 500 t of compost (8 kg of
    nitrogen, 2 of them available, 0.1 t of carbon a tonne).
    """
    content: Content = {
        "products": [
            {"id": "grain", "contents": {"nitrogen": 18}},
            {"id": "straw", "contents": {"nitrogen": 4}},
            {"id": "compost", "contents": {"nitrogen": 8, "carbon": 0.1},
             "nutrient": {"available": 0.25, "retained": 0.35}},
            {"id": "urea", "contents": {"nitrogen": 1}, "nutrient": {"available": 1}},
        ],
        "nodes": [
            {"id": "farm", "product": "grain", "role": "farm"},
            {"id": "composter", "product": "compost", "initial_stock": 500, "disposal_cost": 50, "role": "composter"},
            {"id": "plant", "product": "urea", "initial_stock": 1000000, "role": "plant"},
        ],
        "stocks": [{"node": "farm", "product": "urea", "order": {"policy": "fields"}}],
        "arcs": [{"buyer": "farm", "supplier": "plant", "product": "urea", "price": 0.9, "other_cost": 0.1,
                  "lead_time": 1}],
        "farming": {"year": 6, "soil": {"start": 50, "mineralisation": 0.1}},
        "fields": [
            {"id": "north", "node": "farm", "crop": "grain", "fertiliser": "urea", "area": 100, "potential": 8,
             "uptake": 20, "recovery": 0.5, "background": 20, "apply": 1, "harvest": {"3": 0.75, "4": 0.25},
             "cost": 10,
             "residue": {"product": "straw", "ratio": 1.5, "collected": 0.2, "carbon": 0.4, "retained": 0.1}},
        ],
        "amendments": [
            {"seller": "composter", "product": "compost", "farm": "farm", "cost": 6, "markdown": 0.05},
        ],
        "run": {"periods": 12, "replications": 1, "seed": 1},
    }  # fmt: skip
    return content | changes


def farm(**changes: Any) -> Scenario:
    """The farm of :func:`farm_content` as a scenario."""
    return scenario_of(farm_content(**changes))


def two_farms(compost: float, digestate: float, terms: tuple[Content, Content] = ({}, {})) -> Content:
    """Two farms with a field each (100 and 300 ha, as in :func:`farm_content`) and two sellers.

    Args:
        compost: t that s1 holds: 8 kg of nitrogen a tonne, a quarter of it available, 0.035 t of carbon that stays.
        digestate: t that s2 holds: 25 kg a tonne, 20 of them available.
        terms: what the amendments of each seller say.
    """
    content = farm_content(run={"periods": 6})
    field = content["fields"][0]
    content["products"].append(
        {"id": "digestate", "contents": {"nitrogen": 25}, "nutrient": {"available": 0.8}},
    )
    content["nodes"] = [
        {"id": "farm_1", "product": "grain"},
        {"id": "farm_2", "product": "grain"},
        {"id": "s1", "product": "compost", "initial_stock": compost, "disposal_cost": 50},
        {"id": "s2", "product": "digestate", "initial_stock": digestate, "disposal_cost": 50},
        {"id": "plant", "product": "urea", "initial_stock": 1000000},
    ]
    farms = ("farm_1", "farm_2")
    content["stocks"] = [{"node": name, "product": "urea", "order": {"policy": "fields"}} for name in farms]
    content["arcs"] = [{"buyer": name, "supplier": "plant", "product": "urea", "price": 1.0} for name in farms]
    content["fields"] = [
        field | {"id": "f1", "node": "farm_1"},
        field | {"id": "f2", "node": "farm_2", "area": 300},
    ]
    content["amendments"] = [
        {"seller": seller, "product": product, "farm": name} | own
        for (seller, product), own in zip((("s1", "compost"), ("s2", "digestate")), terms, strict=True)
        for name in farms
    ]
    return content


SHARES = [{"3": 1.0}, {"3": 0.5, "4": 0.25, "5": 0.25}, {"4": 1.0}]
WEATHER: list[Content] = [
    {},
    {"yield_sd": 0.3},
    {"weather": {"law": "truncated_normal", "mean": 1.0, "sd": 0.6, "low": 0.2, "high": 2.5}},
]


@st.composite
def farms(draw: st.DrawFn) -> Scenario:
    """One to three farms with one or two fields each, sellers of compost and digestate, two plants, disruptions."""
    content = two_farms(draw(st.sampled_from([0.0, 33.3, 400.0, 3000.0])), draw(st.sampled_from([0.0, 12.7, 700.0])))
    content["products"][2]["nutrient"] = {"available": draw(st.sampled_from([0.1, 0.25, 1.0])), "retained": 0.35}
    sellers = content["nodes"][2:4]
    for seller in sellers:
        seller["production"] = {"mean": draw(st.sampled_from([5.0, 60.0])), "sd": draw(st.sampled_from([0.0, 9.0]))}
        seller["shelf_life"] = draw(st.sampled_from([None, 2, 9]))
        seller["room"] = draw(st.sampled_from([None, 40.0]))
    content["nodes"].append({"id": "plant_2", "product": "urea", "initial_stock": 200000, "production": {"mean": 4000}})
    content["nodes"][4] |= {"initial_stock": draw(st.sampled_from([0.0, 20000.0, 900000.0])), "penalty": 0.2}
    names = ["farm_1", "farm_2"]
    content["arcs"] = [
        {"buyer": name, "supplier": plant, "product": "urea", "price": draw(st.sampled_from([0.8, 1.0])),
         "other_cost": 0.1, "lead_time": draw(st.sampled_from([0.0, 1.0, 2.5]))}
        for name in names for plant in ("plant", "plant_2")
    ]  # fmt: skip
    model = content["fields"][0]
    content["fields"] = [
        model | {"id": f"{name}-{k}", "node": name} | draw(_field())
        for name in names for k in range(draw(st.integers(1, 2)))
    ]  # fmt: skip
    for amendment in content["amendments"]:
        amendment |= {"cost": draw(st.sampled_from([0.0, 6.0, 11.3])), "markdown": draw(st.sampled_from([0.05, 0.2]))}
        amendment |= {"emissions": 0.3} if draw(st.booleans()) else {}
    content["farming"] |= {"organic_limit": draw(st.sampled_from([170.0, 40.0])), "soil_value": 3.0}
    if draw(st.booleans()):
        content["farming"]["measure"] = {"till_factor": 0.9, "cover_carbon": 0.15, "nitrogen_kept": 0.15, "cost": 40}
    content["rules"] = {
        "sequence": draw(st.sampled_from(["order_after_demand", "order_before_demand"])),
        "unmet_orders": draw(st.sampled_from(["lost", "backorder"])),
        "holding_cost_timing": draw(st.sampled_from(["review", "end"])),
        "known_after": draw(st.sampled_from([1.0, 0.0, 2.5])),
        "goods_quantum": draw(st.sampled_from([20, 8])),
    }
    content["disruptions"] = [draw(_event(number)) for number in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        content["joint_disruptions"] = [
            {"name": "gas", "drawn": "period", "stops": ["ship"],
             "cases": [{"name": "usual", "probability": 0.5},
                       {"name": "dear", "probability": 0.5, "price": {"plant": 2.0}, "health": {"plant_2": 0.5}}]}
        ]  # fmt: skip
    content["run"] = {"periods": 25, "replications": 2, "seed": draw(st.integers(0, 2**64 - 1))}
    return scenario_of(content)


@st.composite
def _field(draw: st.DrawFn) -> Content:
    apply = draw(st.integers(0, 2))
    return {
        "area": draw(st.sampled_from([0.7, 30.0, 100.0])),
        "uptake": draw(st.sampled_from([20.0, 31.7])),
        "recovery": draw(st.sampled_from([0.5, 0.65, 1.0])),
        "apply": apply,
        "ahead": draw(st.integers(0, apply)),
        "window": draw(st.integers(1, 3 - apply)),
        "harvest": draw(st.sampled_from(SHARES)),
    } | draw(st.sampled_from(WEATHER))


@st.composite
def _event(draw: st.DrawFn, number: int) -> Content:
    activities = ["ship", "receive", "produce", "order"]
    return {
        "name": f"event_{number}",
        "nodes": draw(st.lists(st.sampled_from(["farm_1", "s1", "plant", "plant_2"]), min_size=1, unique=True)),
        "stops": draw(st.lists(st.sampled_from(activities), min_size=1, unique=True)),
        "probability": draw(st.sampled_from([0.1, 0.4])),
        "duration": draw(st.sampled_from([1.0, 3.5])),
        "health": draw(st.sampled_from([0.0, 0.35])),
        "together": draw(st.booleans()),
    }
