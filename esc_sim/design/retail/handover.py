"""From a designed network to plans that agents carry out: static, with flows as designed, and adaptive."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from esc_sim.design.retail.data import KINDS, FloatArray
from esc_sim.design.retail.episode import COLLEAGUE, LAYERS, fair_fill
from esc_sim.design.retail.solution import CLOSED, RetailPlan, cost_pieces
from esc_sim.lp import without_dust
from esc_sim.plans.plan import Origin
from esc_sim.plans.retail import LinkUse, NodeUse, PromisedCosts, RetailNetworkPlan

Operation = Literal["static", "adaptive"]


def network_plan(
    plan: RetailPlan,
    operation: Operation,
    *,
    name: str,
    structure_hash: str | None = None,
    origin: Origin | None = None,
) -> RetailNetworkPlan:
    """The opened network with its levels, stock and routing shares.

    Static: every node orders what flows into it by design, and each link carries its routing share of that. Adaptive:
    DCs are filled as designed; before demand shows, stores order from any open supplier or DC, each the same share of
    its capacity, so that together they take the designed sales; areas then order what their customers want from any
    open store. In both, a facility hands on no more than the capacity of its level, which the case scales.

    Args:
        plan: the design.
        operation: how it is operated.
        name: of the plan.
        structure_hash: of the network of the scenario that it is for.
        origin: where it comes from.
    """
    return RetailNetworkPlan(
        version=1,
        kind="retail",
        name=name,
        structure_hash=structure_hash,
        origin=origin or Origin(),
        operation=operation,
        cases=list(plan.instance.scenarios),
        nodes=_nodes(plan, operation),
        links=_links(plan, operation),
        promised_eps=None if plan.model == "stochastic" else plan.eps,
        promised_costs=_costs(plan),
    )


def _costs(plan: RetailPlan) -> PromisedCosts:
    """The pieces of the expected cost, told apart as the agents' books do."""
    i, pieces = plan.instance, cost_pieces(plan)
    expected, chance = pieces.expected, i.probability
    holding, loss = (float(price @ plan.unused @ chance) for price in (i.holding, i.stock_price - i.salvage))
    return PromisedCosts(
        fixed=pieces.fixed,
        destruction=expected["OC"],
        flows=expected["OT"] + expected["OD"] - holding,
        purchases=expected["OPP"] - loss,
        leftovers=holding + loss,
        penalty=expected["OP"],
    )


def _nodes(plan: RetailPlan, operation: Operation) -> list[NodeUse]:
    i = plan.instance
    stores = plan.chosen("store", i.stores.capacity)
    fill = fair_fill(i.sales, stores)
    orders = {role: plan.inflow(role) for role in ("dc", "store", "area")}
    orders["dc"] = orders["dc"] + plan.transshipment
    if operation == "adaptive":
        orders["store"], orders["area"] = fill, np.zeros_like(orders["area"])
    uses = []
    for role in LAYERS:
        level = plan.level[role] if role != "area" else None
        capacity = plan.chosen(role, i.facilities(role).capacity) if role != "area" else None
        for n, node in enumerate(i.role(role).ids):
            if level is not None and level[n] == CLOSED:
                continue
            uses.append(
                NodeUse(
                    node=node,
                    level=None if level is None else i.levels[int(level[n])],
                    capacity=None if capacity is None else _clean(plan, capacity[n]),
                    order=_clean(plan, orders[role][n]) if role in orders else None,
                    stock=float(plan.stock[n]) if role == "dc" else 0.0,
                    **_prices(plan, role, n),
                )
            )
    return uses


def _prices(plan: RetailPlan, role: str, n: int) -> dict[str, Any]:
    """What a site costs beside its flows: opening, destruction, stock; an area its shortage."""
    i = plan.instance
    if role == "area":
        return {"penalty": float(i.shortage_penalty[n])}
    facilities = i.facilities(role)
    found: dict[str, Any] = {
        "fixed_cost": float(plan.chosen(role, facilities.fixed_cost)[n]),
        "destruction": plan.chosen(role, facilities.destruction_cost)[n].tolist(),
    }
    if role == "dc":
        found |= {"stock_price": float(i.stock_price[n]), "holding_cost": float(i.holding[n])}
        found["loss"] = float(i.stock_price[n] - i.salvage[n])
    return found


def _links(plan: RetailPlan, operation: Operation) -> list[LinkUse]:
    i = plan.instance
    uses = []
    for kind, tail, head in KINDS:
        links, most = i.links[kind], i.link_capacity(kind)
        shares = _shares(plan, kind, head)
        for k in np.flatnonzero(plan.opened[kind]):
            ends: dict[str, Any] = {
                "buyer": i.role(head).ids[int(links.head[k])],
                "supplier": i.role(tail).ids[int(links.tail[k])],
                "fixed_cost": float(links.link_cost[k]),
            }
            if operation == "static" or head == "dc":
                uses.append(LinkUse(**ends, share=np.minimum(shares[k], 1.0).tolist()))
            else:
                uses.append(LinkUse(**ends, capacity=most[k].tolist()))
    for w in np.flatnonzero(plan.transshipment.any(axis=1)):
        bought = plan.transshipment[w]
        into = plan.inflow("dc")[w] + bought
        share = np.divide(bought, into, out=np.zeros_like(into), where=into > 0.0)
        uses.append(LinkUse(buyer=i.dcs.ids[int(w)], supplier=COLLEAGUE, share=share.tolist()))
    return uses


def _shares(plan: RetailPlan, kind: str, head: str) -> FloatArray:
    """Routing shares; of a DC, shares of what it buys from suppliers and from the colleague chain."""
    shares = plan.routing_shares(kind)
    if head != "dc":
        return shares
    into = plan.inflow("dc")
    whole = into + plan.transshipment
    scale = np.divide(into, whole, out=np.zeros_like(into), where=whole > 0.0)
    return np.asarray(shares * scale[plan.instance.links[kind].head])


def _clean(plan: RetailPlan, values: FloatArray) -> list[float]:
    return without_dust(values, plan.instance.quantity_unit).tolist()
