"""The sourcing model in two reduced forms, as block models.

Both leave out what the paper's MILP (27) carries without need: the dual variables of the robust counterpart (the worst
case is a number) and T, delta, gamma (T takes its largest value, so a contract may promise the capacity that survives
every scenario). The *scenario* form has second-stage variables for every k. The *small* form has one set of them: when
neither demand nor backup prices vary by scenario and the spot price is never below a backup price, one and the same
recourse is optimal in every scenario, whose cost o.V + q_k G rises with the spot price; so the expectation, the CVaR
and the excess probability all follow from o.V and G.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan, solved_plan
from esc_sim.design.sourcing.risk import binding_value, conditional_value_at_risk
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, Rows, Solution, Variables
from esc_sim.lp.solution import power_of_ten

FloatArray = NDArray[np.float64]

BUDGET_LIMIT = "second-stage budget C0"
PROBABILITY_SLACK = 1e-6
"""How far the solver may let the weight of the exceeding scenarios pass epsilon."""
RISK_LIMIT = "probability of exceeding the budget"
CVAR_LIMIT = "CVaR of the second-stage cost"
DEMAND_LIMIT = "demand to cover"


def collapses(instance: SourcingInstance, worst: FloatArray) -> bool:
    """Whether one recourse is optimal in all scenarios, so that the small form is exact."""
    return (
        worst.ndim == 1
        and instance.backup_price.ndim == 2
        and bool(instance.spot_price.min() >= instance.backup_price.max(initial=0.0))
    )


def goods_unit(worst: FloatArray) -> float:
    """Goods per unit of the solver: a power of ten, so that the demand to cover is some tens of it.

    Args:
        worst: (A,) or (K, A), demand to cover, units.
    """
    return power_of_ten(float(worst.sum(axis=-1).max()) / 10.0)


def money_unit(instance: SourcingInstance, worst: FloatArray) -> float:
    """Money per unit of the solver: a power of ten, so that a plan costs some hundreds of it.

    The solver's tolerances are absolute: in a fixed unit, prices in millions would all be zero to it.

    Args:
        instance: the data.
        worst: (A,) or (K, A), demand to cover, units.
    """
    i = instance
    prices = [i.primary_price.mean(), i.spot_price @ i.probability, *([i.backup_price.mean()] if i.backups else [])]
    most = float(worst.sum(axis=-1).max()) * float(np.mean(prices)) + float((i.fixed_cost + i.effort_cost.T).max())
    return power_of_ten(most / 100.0)


def add_indices(model: BlockModel, instance: SourcingInstance) -> None:
    """Indices of all variables and rows of a sourcing model."""
    for name, labels in (
        ("primary", instance.primaries),
        ("backup", instance.backups),
        ("buyer", instance.buyers),
        ("level", instance.levels),
        ("scenario", instance.scenarios),
    ):
        model.index(name, labels)


def first_stage(instance: SourcingInstance, worst: FloatArray, options: SourcingOptions) -> BlockModel:
    """Variables Z, Y, Q with their costs, one level per signed primary, sure capacity (3b, 3d, 3e, 3f).

    Args:
        instance: data.
        worst: demand to cover, shape (A,) or (S, A), from which the units of goods and money are chosen.
        options: variant.

    Raises:
        InputError: an effort level that the data does not know.
    """
    model, goods = BlockModel("sourcing design", objective_unit=money_unit(instance, worst)), goods_unit(worst)
    add_indices(model, instance)
    unknown = [x for x in options.levels or () if x not in instance.levels]
    if unknown:
        raise InputError(f"effort level '{unknown[0]}' is unknown; known are {', '.join(instance.levels)}")
    allowed = [1.0 if options.levels is None or x in options.levels else 0.0 for x in instance.levels]
    effort = model.variables(
        "effort",
        "primary level",
        upper=allowed,
        integer=True,
        cost=instance.fixed_cost[:, None] + instance.effort_cost,
    )
    contract = model.variables("contract", "primary buyer", cost=instance.primary_price, unit=goods)
    open_backup = np.inf if options.has_backup else 0.0
    model.variables("reserve", "backup", upper=open_backup, cost=instance.reserve_cost, unit=goods)
    model.rows("one level", "primary", upper=1.0).add(effort)
    capacity = model.rows("capacity", "primary", upper=0.0, unit=goods)
    capacity.add(contract).add(effort, -instance.sure_capacity())
    if options.sole_sourcing:
        model.rows("one primary", lower=1.0, upper=1.0).add(effort)
    return model


def small_model(instance: SourcingInstance, worst: FloatArray, options: SourcingOptions) -> BlockModel:
    """The small form: one V_ba and one G_a for all scenarios.

    Args:
        instance: data with `collapses` true.
        worst: demand to cover, shape (A,).
        options: variant.

    Raises:
        InputError: an effort level that is unknown.
    """
    model = first_stage(instance, worst, options)
    q, p, goods = instance.spot_price, instance.probability, goods_unit(worst)
    tail = conditional_value_at_risk(q, p, options.confidence)
    price = tail if options.objective == "cvar" else float(p @ q)
    top = np.inf if options.spot else 0.0
    backup = model.variables("V", "backup buyer", cost=instance.backup_price, unit=goods)
    spot = model.variables("G", "buyer", upper=top, cost=price, unit=goods)
    add_cover(model, "buyer", worst, backup, spot, "backup")
    second = binding_value(q, p, options.epsilon) if options.limits_excess else None
    if second is not None and options.budget is not None:
        rows = model.rows(
            "budget",
            upper=options.budget,
            unit=model.objective_unit,
            limit=f"{BUDGET_LIMIT} at spot price {second:.6g}",
        )
        rows.add(backup, instance.backup_price).add(spot, second)
    if options.cvar_limit is not None:
        rows = model.rows("cvar", upper=options.cvar_limit, unit=model.objective_unit, limit=CVAR_LIMIT)
        rows.add(backup, instance.backup_price).add(spot, tail)
    return model


def scenario_model(
    instance: SourcingInstance, worst: FloatArray, options: SourcingOptions, *, ordered: bool = True
) -> BlockModel:
    """The scenario form: V_bak and G_ak for every scenario, a binary rho_k where the budget may be exceeded.

    Args:
        instance: data.
        worst: demand to cover, shape (A,) or (K, A).
        options: variant.
        ordered: fix rho when the scenarios are ordered by their spot price (demand and backup prices constant: the
            dearest scenarios exceed the budget first), which makes every rho a number. False keeps all binaries.

    Raises:
        InputError: an effort level that is unknown.
    """
    model = first_stage(instance, worst, options)
    add_second_stage(model, instance, worst, options)
    if options.limits_excess:
        _budget_rows(model, instance, worst, options, ordered=ordered)
    if options.objective == "cvar" or options.cvar_limit is not None:
        _cvar_rows(model, instance, options)
    return model


def add_second_stage(
    model: BlockModel, instance: SourcingInstance, worst: FloatArray, options: SourcingOptions
) -> None:
    """V_bak and G_ak with their expected cost (none when the objective is the CVaR), demand and reserve rows.

    Args:
        model: where the blocks are added.
        instance: the data: K scenarios, A buyers.
        worst: (A,) or (K, A), demand to cover, units.
        options: objective, and which sources are open.
    """
    p, q = instance.probability, instance.spot_price
    weight = p if options.objective == "expected" else np.zeros_like(p)
    price, goods = _prices(instance), goods_unit(worst)
    top = np.inf if options.spot else 0.0
    backup = model.variables("V", "scenario backup buyer", cost=weight[:, None, None] * price, unit=goods)
    spot = model.variables("G", "scenario buyer", upper=top, cost=(weight * q)[:, None], unit=goods)
    add_cover(model, "scenario buyer", np.broadcast_to(worst, spot.shape), backup, spot, "scenario backup")


def budget_slack(instance: SourcingInstance, worst: FloatArray, options: SourcingOptions) -> FloatArray:
    """The tight big-M of each scenario's budget row, shape (K,): what its best recourse can cost above C0.

    The paper's N is one number for all scenarios. Two bounds are tighter. No sensible recourse costs more than all
    demand from the spot market (without a spot market: from the dearest backup). And scenario k may copy the recourse
    of any scenario k' that keeps the budget, at b_kk' = C0 max(o_k / o_k', q_k / q_k') + q_k sum_a (D_ak - D_ak')+.
    The scenarios that exceed the budget weigh at most epsilon together, so of any scenarios that weigh more, one
    keeps it: the best recourse of k costs at most the smallest t for which the k' with b_kk' <= t weigh more than
    epsilon.

    Args:
        instance: the data: K scenarios, A buyers.
        worst: (A,) or (K, A), demand to cover, units.
        options: with a budget C0 and an epsilon.
    """
    assert options.budget is not None
    p = instance.probability
    demand = np.broadcast_to(worst, (p.size, len(instance.buyers)))
    dearest = instance.spot_price if options.spot else _prices(instance).max(axis=(1, 2), initial=0.0)
    most = dearest * demand.sum(axis=1)
    if options.spot:
        copied = _copied_costs(instance, demand, options.budget)
        order = np.argsort(copied, axis=1, kind="stable")
        weight = np.cumsum(p[order], axis=1)
        enough = weight > options.epsilon + PROBABILITY_SLACK
        first = np.where(enough.any(axis=1), enough.argmax(axis=1), 0)
        bound = np.take_along_axis(copied, np.take_along_axis(order, first[:, None], axis=1), axis=1)[:, 0]
        most = np.where(enough.any(axis=1), np.minimum(most, bound), most)
    return np.asarray(np.maximum(most - options.budget, 0.0))


def _copied_costs(instance: SourcingInstance, demand: FloatArray, budget: float) -> FloatArray:
    """b_kk', the most that scenario k pays when it copies a recourse of k' that keeps the budget, shape (K, K)."""
    q, k = instance.spot_price, instance.spot_price.size
    prices = np.column_stack([q] if instance.backup_price.ndim == 2 else [q, instance.backup_price.reshape(k, -1)])
    copied = np.empty((k, k))
    for row in range(k):
        ratio = np.divide(prices[row], prices, out=np.full_like(prices, np.inf), where=prices > 0.0).max(axis=1)
        if instance.backup_price.ndim == 2:
            ratio = np.maximum(ratio, 1.0)
        missing = np.maximum(demand[row] - demand, 0.0).sum(axis=1)
        copied[row] = budget * ratio + q[row] * missing
    return copied


def plan_of(instance: SourcingInstance, solution: Solution) -> SourcingPlan:
    """The plan of a solved form; the small form's recourse is the same in every scenario."""
    k = len(instance.scenarios)
    backup, spot = solution["V"], solution["G"]
    if backup.ndim == 2:
        backup, spot = np.broadcast_to(backup, (k, *backup.shape)), np.broadcast_to(spot, (k, *spot.shape))
    return solved_plan(solution["effort"], solution["contract"], solution["reserve"], backup, spot)


def add_cover(
    model: BlockModel, over: str, demand: FloatArray, backup: Variables, spot: Variables, reserve_over: str
) -> None:
    """Demand rows (3a, 24c) and reserve rows (3c).

    Args:
        model: with the blocks contract and reserve.
        over: axes of the demand rows.
        demand: to cover, in these axes, units.
        backup: V.
        spot: G.
        reserve_over: axes of the reserve rows.
    """
    blocks, goods = model.variable_blocks, backup.unit
    rows = model.rows("demand", over, lower=demand, unit=goods, limit=DEMAND_LIMIT, together=True)
    rows.add(blocks["contract"]).add(backup).add(spot)
    model.rows("reserve", reserve_over, upper=0.0, unit=goods).add(backup).add(blocks["reserve"], -1.0)


def _prices(instance: SourcingInstance) -> FloatArray:
    """Backup prices of shape (K, B, A)."""
    shape = (len(instance.scenarios), len(instance.backups), len(instance.buyers))
    return np.broadcast_to(instance.backup_price, shape)


def _ordered_excess(instance: SourcingInstance, worst: FloatArray, epsilon: float) -> FloatArray | None:
    """rho_k when scenarios differ by their spot price only, else None."""
    if worst.ndim != 1 or instance.backup_price.ndim != 2:
        return None
    second = binding_value(instance.spot_price, instance.probability, epsilon)
    assert second is not None
    return (instance.spot_price > second).astype(float)


def _budget_rows(
    model: BlockModel, instance: SourcingInstance, worst: FloatArray, options: SourcingOptions, *, ordered: bool
) -> None:
    """EPF rows (22b, 22c) with a big-M per scenario."""
    budget = float(options.budget or 0.0)
    exceeds = excess_variables(model, instance, worst, options, ordered=ordered)
    rows = model.rows("budget", "scenario", upper=budget, unit=model.objective_unit, limit=BUDGET_LIMIT, together=True)
    _add_cost(model, instance, rows).add(exceeds, -budget_slack(instance, worst, options))


def excess_variables(
    model: BlockModel, instance: SourcingInstance, worst: FloatArray, options: SourcingOptions, *, ordered: bool
) -> Variables:
    """rho of (22b) with its row, fixed where it is known.

    rho is 0 where no sensible recourse exceeds the budget. When scenarios differ by their spot price only, the dearest
    exceed the budget first, so that `ordered` fixes every rho: 1 above the binding price, 0 up to it.

    Args:
        model: where the variables and their rows are added.
        instance: the data.
        worst: (A,) or (K, A), demand to cover, units.
        options: with a budget and an epsilon.
        ordered: whether scenarios differ by their spot price only.
    """
    top = (budget_slack(instance, worst, options) > 0.0).astype(float)
    known = _ordered_excess(instance, worst, options.epsilon) if ordered else None
    low, high = (np.zeros_like(top), top) if known is None else (known * top, known * top)
    exceeds = model.variables("rho", "scenario", lower=low, upper=high, integer=known is None)
    if known is None:
        _dominance_rows(model, instance, worst, exceeds)
    model.rows("risk", upper=options.epsilon, limit=RISK_LIMIT).add(exceeds, instance.probability)
    return exceeds


def _dominance_rows(model: BlockModel, instance: SourcingInstance, worst: FloatArray, exceeds: Variables) -> None:
    """rho of a scenario is at least that of every scenario that is nowhere dearer and nowhere in greater demand.

    Such a scenario's best recourse costs no more, so it exceeds the budget only if the first one does. Pairs that
    follow from others are left out.
    """
    k = instance.probability.size
    flat = [_prices(instance).reshape(k, -1), instance.spot_price[:, None]]
    flat.append(np.broadcast_to(worst, (k, len(instance.buyers))))
    places = np.hstack(flat)
    above = np.array([(row >= places).all(axis=1) for row in places])
    np.fill_diagonal(above, False)
    equal = above & above.T
    above &= ~(equal & (np.arange(k)[:, None] > np.arange(k)[None, :]))  # of two equal scenarios, one direction
    above &= ~((above.astype(int) @ above.astype(int)) > 0)
    high, low = np.nonzero(above)
    model.index("dominance", high.size)
    rows = model.rows("dominance", "dominance", lower=0.0)
    rows.add_entries(rows.positions, exceeds.positions[high], 1.0)
    rows.add_entries(rows.positions, exceeds.positions[low], -1.0)


def _cvar_rows(model: BlockModel, instance: SourcingInstance, options: SourcingOptions) -> None:
    """CVaR of the second-stage cost as t + sum_k p_k u_k / (1 - eta), in the objective, in a limit, or both."""
    share = instance.probability / (1.0 - options.confidence)
    weight = 1.0 if options.objective == "cvar" else 0.0
    t = model.variables("t", lower=-np.inf, cost=weight, unit=model.objective_unit)
    u = model.variables("u", "scenario", cost=weight * share, unit=model.objective_unit)
    rows = model.rows("tail", "scenario", upper=0.0, unit=model.objective_unit)
    _add_cost(model, instance, rows).add(t, -1.0).add(u, -1.0)
    if options.cvar_limit is not None:
        model.rows("cvar", upper=options.cvar_limit, unit=model.objective_unit, limit=CVAR_LIMIT).add(t).add(u, share)


def _add_cost(model: BlockModel, instance: SourcingInstance, rows: Rows) -> Rows:
    """Add Cost_k = sum o V + q_k sum G to rows over scenarios."""
    axes = "backup buyer" if instance.backup_price.ndim == 2 else "scenario backup buyer"
    rows.add(model.variable_blocks["V"], instance.backup_price, axes)
    return rows.add(model.variable_blocks["G"], instance.spot_price, "scenario")
