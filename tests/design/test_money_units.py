"""The same plan, whatever the unit of money and of goods: solvers' tolerances are absolute, designs' are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from esc_sim.design.result import unproven
from esc_sim.design.retail import Links, RetailInstance, RetailOptions, design_retail
from esc_sim.design.sourcing import (
    SourcingInstance,
    SourcingOptions,
    design_by_benders,
    design_sourcing,
    nominal_demand,
)
from esc_sim.design.sourcing.benders import Partition
from esc_sim.design.sourcing.solve import Form
from esc_sim.lp.solution import ended, power_of_ten
from tests.design.retail.retail_cases import small
from tests.design.test_sourcing_forms import small_instance

UNITS = (1e-6, 1e-3, 1.0, 1e3)
DEMAND = np.array([1000.0, 1400.0, 900.0])


def sourcing_in(instance: SourcingInstance, money: float, goods: float = 1.0) -> SourcingInstance:
    """The same case with prices in another unit of money, and quantities in another unit of goods."""
    bought = ("reserve_cost", "primary_price", "backup_price", "spot_price")
    prices = {name: getattr(instance, name) * money / goods for name in bought}
    whole = {name: getattr(instance, name) * money for name in ("fixed_cost", "effort_cost")}
    return replace(instance, capacity=instance.capacity * goods, **prices, **whole)


def retail_in(instance: RetailInstance, money: float) -> RetailInstance:
    """The same case with prices in another unit of money."""
    names = (
        "supplier_price",
        "stock_price",
        "holding",
        "handling",
        "salvage",
        "transshipment_price",
        "shortage_penalty",
    )
    links = {
        kind: Links(a.tail, a.head, a.link_cost * money, a.unit_cost * money) for kind, a in instance.links.items()
    }
    built = {
        f"{role}s": replace(f, fixed_cost=f.fixed_cost * money, destruction_cost=f.destruction_cost * money)
        for role in ("supplier", "dc", "store")
        for f in [instance.facilities(role)]
    }
    return replace(instance, links=links, **built, **{name: getattr(instance, name) * money for name in names})


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("auto", SourcingOptions()),
        ("auto", SourcingOptions(objective="cvar", spot=False)),
        ("scenario", SourcingOptions(objective="cvar")),
        ("full", SourcingOptions()),
    ],
    ids=["small", "small-cvar-no-spot", "scenario-cvar", "full"],
)
def test_a_sourcing_plan_does_not_depend_on_units(form: Form, options: SourcingOptions) -> None:
    instance = small_instance(7)
    right = design_sourcing(instance, nominal_demand(DEMAND), options, form=form, gap=0.0)
    assert right.plan.contract.any()
    for money, goods in [*((unit, 1.0) for unit in UNITS), (1.0, 1e-5), (1.0, 1e4)]:
        demand = nominal_demand(DEMAND * goods)
        found = design_sourcing(sourcing_in(instance, money, goods), demand, options, form=form, gap=0.0)
        assert found.objective == pytest.approx(right.objective * money, rel=1e-8)
        assert found.gap <= 1e-9
        np.testing.assert_array_equal(found.plan.effort, right.plan.effort)
        np.testing.assert_allclose(found.plan.contract / goods, right.plan.contract, atol=1e-3)
        np.testing.assert_allclose(found.plan.reserve / goods, right.plan.reserve, atol=1e-3)


@pytest.mark.parametrize("partition", ["scenario", "paper"])
def test_nor_does_one_by_decomposition(partition: Partition) -> None:
    instance, demand = small_instance(7, price_moves=True), nominal_demand(DEMAND)
    budget = 0.7 * float(instance.spot_price.mean() * DEMAND.sum())
    costs = []
    for unit in UNITS:
        options = SourcingOptions(budget=budget * unit, epsilon=0.25)
        design, _ = design_by_benders(sourcing_in(instance, unit), demand, options, partition=partition, gap=1e-7)
        costs.append(design.objective / unit)
    assert costs == pytest.approx([costs[2]] * len(UNITS), rel=2e-7)


def test_a_retail_design_does_not_depend_on_the_unit_of_money() -> None:
    instance, options = small(), RetailOptions(gap=1e-6)
    right = design_retail(instance, options)
    for unit in UNITS:
        found = design_retail(retail_in(instance, unit), options)
        assert found.cost == pytest.approx(right.cost * unit, rel=1e-6)
        assert found.bound == pytest.approx(found.cost, rel=1e-6)
        for role, level in right.level.items():
            np.testing.assert_array_equal(found.level[role], level)


def test_units_are_powers_of_ten() -> None:
    assert [power_of_ten(x) for x in (2.9e6, 1e-3, 9.99, 0.0)] == [1e6, 1e-3, 1.0, 1.0]


def test_a_gap_that_was_missed_is_said() -> None:
    assert (ended("optimal", 0.0, 0.0), ended("optimal", 1e-5, 1e-4)) == ("optimal", "gap reached")
    assert ended("time limit", 0.1, 0.01) == "time limit"
    assert ended("optimal", 4.5e-4, 0.0) == "gap not reached"
    assert not unproven("gap reached")
    assert not unproven("optimal")
    assert "not proven" in unproven("gap not reached")[0]
