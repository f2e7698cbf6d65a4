"""The two-stage model of the retail network on the block builder.

First stage: facility levels, links, stock. Second stage, per scenario: flows, unused stock, shortage, transshipment.
Equation numbers are those of Chen and Chen, Comput. Chem. Eng. 179 (2023) 108428. How printed constraints are read:

- eqs. (4), (5) sum over suppliers and heads; (8)-(12) drop the free quantifier over a summed index;
- eq. (14) is dropped, the link capacity of eq. (13) depends on the scenario (`RetailInstance.link_capacity`);
- the colleague chain's own variables (16, 17) have no effect and are left out;
- idle capacity in (12) costs and never helps, so it is 0; given (9), rows (11) and (12) are then the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, Coverage, FloatArray, IntArray, RetailInstance
from esc_sim.lp import BlockModel, Rows, Variables


def build(
    instance: RetailInstance,
    coverage: Coverage,
    margin: ArrayLike,
    *,
    tighten: bool = True,
    core_only: bool = False,
) -> BlockModel:
    """The mixed-integer linear program of eqs. (4)-(37) with demand rows at demand + margin.

    Args:
        instance: the data.
        coverage: least numbers of open links.
        margin: what each demand row carries above the nominal demand, shape areas x scenarios (see `margins`).
        tighten: add the valid rows that coverage implies. They cut no plan off and close most of the relaxation gap.
        core_only: only the levels of suppliers and DCs are whole numbers; those of stores and the links may be
            fractions. Few integers then, and a cost within some 1e-5 of the whole model's.
    """
    quantity = instance.quantity_unit
    model = BlockModel(instance.name, objective_unit=instance.money_unit)
    for role in ("supplier", "dc", "store", "area"):
        model.index(role, instance.role(role).ids)
    model.index("level", instance.levels)
    model.index("scenario", instance.scenarios)
    model.index("group", 1)
    for kind, _, _ in KINDS:
        model.index(kind, [instance.link_name(kind, i) for i in range(len(instance.links[kind]))])
    _first_stage(model, instance, quantity, core_only=core_only)
    _second_stage(model, instance, quantity)
    _structure_rows(model, instance, coverage, tighten=tighten)
    _flow_rows(model, instance, quantity)
    _capacity_rows(model, instance, quantity)
    _market_rows(model, instance, np.asarray(margin, dtype=float), quantity)
    if tighten:
        _valid_rows(model, instance, coverage, quantity)
    return model


def forced_open(instance: RetailInstance, coverage: Coverage) -> dict[str, NDArray[np.bool_]]:
    """Facilities that the coverage rows force open, by role (masks).

    A DC or store that must have open links in is open itself (eqs. 20, 22, 28, 29, 33, 35).
    A facility is also forced open if one of its heads has no more candidate links than it must open.
    """
    forced = {role: np.zeros(len(instance.role(role)), dtype=bool) for role in FACILITY_ROLES}
    for kind, tail, head in KINDS:
        needed, links = coverage.of(kind), instance.links[kind]
        if needed == 0:
            continue
        if head != "area":
            forced[head][:] = True
        scarce = np.bincount(links.head, minlength=len(instance.role(head))) <= needed
        forced[tail][links.tail[scarce[links.head]]] = True
    return forced


def least_open(instance: RetailInstance, coverage: Coverage) -> dict[str, int]:
    """Least number of open facilities that any one head's coverage row implies, by role."""
    least = dict.fromkeys(FACILITY_ROLES, 0)
    for kind, tail, head in KINDS:
        if len(instance.role(head)):
            least[tail] = max(least[tail], coverage.of(kind))
    return least


def _first_stage(model: BlockModel, instance: RetailInstance, quantity: float, *, core_only: bool) -> None:
    """Levels with fixed and expected destruction cost, links, stock (eq. 37 and OC)."""
    for role in FACILITY_ROLES:
        f = instance.facilities(role)
        cost = f.fixed_cost + f.destruction_cost @ instance.probability
        whole = role != "store" or not core_only
        model.variables(f"{role} level", f"{role} level", upper=1, integer=whole, cost=cost)
    for kind, _, _ in KINDS:
        model.variables(f"{kind} open", kind, upper=1, integer=not core_only, cost=instance.links[kind].link_cost)
    model.variables("stock", "dc", upper=instance.storage, cost=instance.stock_price, unit=quantity)


def _second_stage(model: BlockModel, instance: RetailInstance, quantity: float) -> None:
    """Flows, unused stock, shortage and transshipment with their expected costs (OD, OT, OP, OPP)."""
    chance = instance.probability
    for kind, tail, _ in KINDS:
        links = instance.links[kind]
        cost = links.unit_cost.copy()
        if tail == "supplier":
            cost += instance.supplier_price[links.tail]
        elif tail == "dc":
            cost += instance.handling[links.tail]
        model.variables(
            f"{kind} flow",
            f"{kind} scenario",
            upper=instance.link_capacity(kind),
            cost=np.outer(cost, chance),
            unit=quantity,
        )
    unused = instance.holding + instance.stock_price - instance.salvage
    over = "dc scenario"
    model.variables("unused stock", over, cost=np.outer(unused, chance), unit=quantity)
    model.variables("transshipment", over, cost=np.outer(instance.transshipment_price, chance), unit=quantity)
    penalty = np.outer(instance.shortage_penalty, chance)
    model.variables("shortage", "area scenario", cost=penalty, unit=quantity)


def _summed(model: BlockModel, rows: Rows, instance: RetailInstance, kind: str, end: str, sign: float = 1.0) -> None:
    """Add the sum of a kind's flows at one end ("tail", "head") to rows over (node, scenario) or (scenario)."""
    flow = model.variable_blocks[f"{kind} flow"]
    at = getattr(instance.links[kind], end)
    rows.add_entries(rows.positions[at, :], flow.positions, sign)


def _structure_rows(model: BlockModel, instance: RetailInstance, coverage: Coverage, *, tighten: bool) -> None:
    """Coverage (20, 27-29), one level a facility (21, 30, 31), links between open facilities (22, 23, 32-36)."""
    forced = forced_open(instance, coverage) if tighten else {}
    for role in FACILITY_ROLES:
        levels = model.variable_blocks[f"{role} level"]
        lower = forced[role].astype(float) if tighten else 0.0
        model.rows(f"{role} one level", role, lower=lower, upper=1.0).add(levels)
    for kind, tail, head in KINDS:
        links, opened = instance.links[kind], model.variable_blocks[f"{kind} open"]
        rows = model.rows(f"{kind} coverage", head, lower=coverage.of(kind), limit="coverage")
        rows.add_entries(rows.positions[links.head], opened.positions, 1.0)
        for role, at in ((tail, links.tail), (head, links.head)):
            if role == "area":
                continue
            kept = np.flatnonzero(~forced[role][at]) if tighten else np.arange(at.size)
            _only_between_open(model, f"{kind} needs open {role}", kind, kept, opened, role, at)


def _only_between_open(
    model: BlockModel, name: str, kind: str, kept: IntArray, opened: Variables, role: str, at: IntArray
) -> None:
    """link <= sum of the facility's levels; left out where the facility is open anyway."""
    if kept.size == 0:
        return
    levels = model.variable_blocks[f"{role} level"]
    labels = model.indexes[kind].labels
    index = f"{kind}_{role}"
    model.index(index, [labels[int(i)] for i in kept])
    rows = model.rows(name, index, upper=0.0)
    rows.add_entries(rows.positions, opened.positions[kept], 1.0)
    rows.add_entries(rows.positions[:, None], levels.positions[at[kept], :], -1.0)


def _flow_rows(model: BlockModel, instance: RetailInstance, quantity: float) -> None:
    """Balance of DCs (7) and stores (9), inflow share (6), link capacity (13)."""
    stock, unused = model.variable_blocks["stock"], model.variable_blocks["unused stock"]
    moved = model.variable_blocks["transshipment"]
    balance = model.rows("dc balance", "dc scenario", lower=0.0, upper=0.0, unit=quantity)
    _summed(model, balance, instance, "supplier_dc", "head")
    _summed(model, balance, instance, "dc_store", "tail", -1.0)
    balance.add(stock).add(unused, -1.0).add(moved)
    share = model.rows("dc inflow share", "dc scenario", lower=0.0, unit=quantity)
    _summed(model, share, instance, "supplier_dc", "head")
    _summed(model, share, instance, "dc_store", "tail", -instance.inflow_share)
    store = model.rows("store balance", "store scenario", lower=0.0, upper=0.0, unit=quantity)
    _summed(model, store, instance, "supplier_store", "head")
    _summed(model, store, instance, "dc_store", "head")
    _summed(model, store, instance, "store_area", "tail", -1.0)
    for kind, _, _ in KINDS:
        rows = model.rows(f"{kind} link capacity", f"{kind} scenario", upper=0.0, unit=quantity)
        rows.add(model.variable_blocks[f"{kind} flow"])
        rows.add(model.variable_blocks[f"{kind} open"], -instance.link_capacity(kind), f"{kind} scenario")


def _capacity_rows(model: BlockModel, instance: RetailInstance, quantity: float) -> None:
    """Outflow within the capacity of the chosen level (8, 10, 11 with 12), stock (24, 15)."""
    tails = {"supplier": ("supplier_dc", "supplier_store"), "dc": ("dc_store",), "store": ("store_area",)}
    for role, kinds in tails.items():
        rows = model.rows(f"{role} capacity", f"{role} scenario", upper=0.0, unit=quantity)
        for kind in kinds:
            _summed(model, rows, instance, kind, "tail")
        capacity = -instance.facilities(role).capacity
        rows.add(model.variable_blocks[f"{role} level"], capacity, f"{role} level scenario")
    stock, unused = model.variable_blocks["stock"], model.variable_blocks["unused stock"]
    levels, moved = model.variable_blocks["dc level"], model.variable_blocks["transshipment"]
    rows = model.rows("dc storage", "dc", upper=0.0, unit=quantity)
    rows.add(stock).add(levels, -instance.storage, "dc")
    model.rows("unused within stock", "dc scenario", upper=0.0, unit=quantity).add(unused).add(stock, -1.0)
    model.rows("transshipment within unused", "dc scenario", upper=0.0, unit=quantity).add(moved).add(unused, -1.0)


def _market_rows(model: BlockModel, instance: RetailInstance, margin: FloatArray, quantity: float) -> None:
    """Demand cover (1 or 3), sales (4), supply share (5), transshipment share (18)."""
    stock, unused = model.variable_blocks["stock"], model.variable_blocks["unused stock"]
    short, moved = model.variable_blocks["shortage"], model.variable_blocks["transshipment"]
    demand = model.rows(
        "demand", "area scenario", lower=instance.demand + margin, unit=quantity, limit="demand to be covered"
    )
    _summed(model, demand, instance, "store_area", "head")
    demand.add(short)
    sales = model.rows("sales", "scenario", lower=instance.sales, upper=instance.sales, unit=quantity, limit="sales")
    share = model.rows("supply share", "scenario", lower=0.0, unit=quantity)
    for kind in ("supplier_dc", "supplier_store"):
        sales.add(model.variable_blocks[f"{kind} flow"])
        share.add(model.variable_blocks[f"{kind} flow"])
    sales.add(stock).add(unused, -1.0)
    share.add(stock, -instance.supply_share).add(unused, instance.supply_share)
    rows = model.rows("transshipment share", "scenario", lower=0.0, unit=quantity)
    rows.add(moved).add(short, -instance.transshipment_share)


def _valid_rows(model: BlockModel, instance: RetailInstance, coverage: Coverage, quantity: float) -> None:
    """Rows that every plan meets anyway.

    A head with n open links in has n open tails, so at least that many facilities of the role are open. All that is
    sold passes the stores, so the opened stores' capacity is at least the sales.
    """
    least = least_open(instance, coverage)
    for role in FACILITY_ROLES:
        if least[role] > 0:
            rows = model.rows(f"{role} least open", "group", lower=float(least[role]))
            rows.add(model.variable_blocks[f"{role} level"])
    rows = model.rows("store total capacity", "scenario", lower=instance.sales, unit=quantity)
    rows.add(model.variable_blocks["store level"], instance.stores.capacity, "store level scenario")
