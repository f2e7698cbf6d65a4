"""The sourcing model as the paper prints it, MILP (27): the oracle against which the reduced forms are tested.

It keeps X, T and the linearisation variables of (20) and (21) and writes the robust counterpart out by its dual
systems (26) or (D.4). Corrections of misprints: (20c) and (21c) bound the tilde variables, (26b) has the sign of
(B.3b), (21e) subtracts the hat variables and sums over levels, and (20e) multiplies delta-hat by c_m.
The paper writes the dual system once a scenario, which at its size makes some two million variables; scenarios that
share a set share its system here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.model import add_indices, goods_unit, money_unit
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.uncertainty import BudgetedSet, SvcSet, UncertaintySet
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, Rows

FloatArray = NDArray[np.float64]


def full_model(instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions) -> BlockModel:
    """MILP (27) for an expected-cost design with or without the EPF constraint.

    Args:
        instance: data.
        demand: nominal demand, or a set (SVC, budgeted; any other is given by its worst case).
        options: variant; CVaR has no place in (27).

    Raises:
        InputError: options that ask for CVaR.
    """
    if options.objective != "expected" or options.cvar_limit is not None:
        raise InputError(
            "design.sourcing.form: 'full', the paper's MILP (27), has no CVaR: take 'auto' with "
            "objective 'cvar' (--model cvar) or a cvar_limit"
        )
    model = BlockModel("sourcing design, full form", objective_unit=money_unit(instance, demand.worst))
    add_indices(model, instance)
    _decisions(model, instance, options, goods_unit(demand.worst))
    _recovery(model, instance)
    _capacity(model, instance)
    _robust_demand(model, instance, demand)
    if options.limits_excess:
        _excess(model, instance, demand, options)
    return model


def _decisions(model: BlockModel, instance: SourcingInstance, options: SourcingOptions, goods: float) -> None:
    """Variables of (1a) with their costs; (3c), (3e), (3f), (3g) and the variant's switches."""
    allowed = [1.0 if options.levels is None or x in options.levels else 0.0 for x in instance.levels]
    x = model.variables("X", "primary", upper=1.0, integer=True, cost=instance.fixed_cost)
    z = model.variables("effort", "primary level", upper=allowed, integer=True, cost=instance.effort_cost)
    model.variables("contract", "primary buyer", cost=instance.primary_price, unit=goods)
    top = np.inf if options.has_backup else 0.0
    q = model.variables("reserve", "backup", upper=top, cost=instance.reserve_cost, unit=goods)
    shape = (len(instance.scenarios), len(instance.backups), len(instance.buyers))
    p, price = instance.probability, np.broadcast_to(instance.backup_price, shape)
    v = model.variables("V", "scenario backup buyer", cost=p[:, None, None] * price, unit=goods)
    spot = (p * instance.spot_price)[:, None]
    model.variables("G", "scenario buyer", upper=np.inf if options.spot else 0.0, cost=spot, unit=goods)
    model.rows("3c", "scenario backup", upper=0.0, unit=goods).add(v).add(q, -1.0)
    model.rows("3e", "primary", lower=0.0, upper=0.0).add(z).add(x, -1.0)
    if options.sole_sourcing:
        model.rows("sole", lower=1.0, upper=1.0).add(x)


def _recovery(model: BlockModel, instance: SourcingInstance) -> None:
    """T and the linearisations (20a)-(20d), (21a)-(21e)."""
    longest = float(instance.recovery_time.max())
    z = model.variable_blocks["effort"]
    t = model.variables("T", "scenario primary", upper=longest)
    for name, rate in (("delta", instance.recovery_rate), ("gamma", instance.warning)):
        top = float(rate.max()) * longest
        hat = model.variables(f"{name}_hat", "scenario primary level")
        tilde = model.variables(f"{name}_tilde", "scenario primary level")
        rows = model.rows(f"{name} split", "scenario primary level", lower=0.0, upper=0.0)
        rows.add(hat).add(tilde)
        rows.add_entries(rows.positions, t.positions[:, :, None], -rate[None, :, :])  # rate_ml T_mk
        model.rows(f"{name} on", "scenario primary level", upper=0.0).add(hat).add(z, -top)
        model.rows(f"{name} off", "scenario primary level", upper=top).add(tilde).add(z, top)
    rows = model.rows("21e", "scenario primary", upper=instance.max_recovery_time)
    rows.add(t).add(model.variable_blocks["gamma_hat"], -1.0)


def _capacity(model: BlockModel, instance: SourcingInstance) -> None:
    """Capacity of a primary in every scenario (20e)."""
    failed, c = instance.disrupted.astype(float), instance.capacity
    blocks = model.variable_blocks
    kept = (1.0 - failed) * c + failed * c * instance.residual
    rows = model.rows("20e", "scenario primary", upper=0.0, unit=blocks["contract"].unit)
    rows.add(blocks["contract"]).add(blocks["X"], -kept, "scenario primary")
    rows.add(blocks["delta_hat"], -failed * c, "scenario primary")


def _robust_demand(model: BlockModel, instance: SourcingInstance, demand: DesignDemand) -> None:
    """Demand rows with the robust counterpart written out: once for all scenarios where they share a set."""
    blocks = model.variable_blocks
    k, a = len(instance.scenarios), len(instance.buyers)
    made = demand.uncertainty
    sets: dict[int, tuple[UncertaintySet | None, list[int]]] = {}
    for n in range(k):
        of_scenario = made[n] if isinstance(made, tuple) else made
        sets.setdefault(id(of_scenario), (of_scenario, []))[1].append(n)
    right = np.broadcast_to(demand.worst, (k, a)).copy()
    for explicit, scenarios in sets.values():
        if isinstance(explicit, SvcSet | BudgetedSet):
            right[scenarios] = 0.0
    rows = model.rows("demand", "scenario buyer", lower=right, unit=blocks["contract"].unit)
    rows.add(blocks["contract"]).add(blocks["V"]).add(blocks["G"])
    for explicit, scenarios in sets.values():
        if isinstance(explicit, SvcSet | BudgetedSet):
            tag = str(scenarios[0])
            covered = model.variables(f"covered {tag}", "buyer", unit=rows.unit)
            rows.add_entries(rows.positions[scenarios], covered.positions, -1.0)
            cover = model.rows(f"cover {tag}", "buyer", lower=0.0, unit=rows.unit).add(covered)
            if isinstance(explicit, SvcSet):
                _svc_dual(model, cover, explicit, tag)
            else:
                _budgeted_dual(model, cover, explicit, tag)


def _svc_dual(model: BlockModel, cover: Rows, s: SvcSet, tag: str) -> None:
    """System (26): Gamma, Upsilon and Omega of each buyer's row."""
    vector, axis = f"vector{tag}", f"axis{tag}"
    model.index(vector, s.alpha.size)
    model.index(axis, s.size)
    gamma = model.variables(f"Gamma {tag}", f"buyer {vector} {axis}")
    upsilon = model.variables(f"Upsilon {tag}", f"buyer {vector} {axis}")
    omega = model.variables(f"Omega {tag}", "buyer")
    u = s.vectors @ s.weight
    at = cover.positions[:, None, None]
    cover.add_entries(at, gamma.positions, -u[None]).add_entries(at, upsilon.positions, u[None])
    cover.add(omega, -s.radius)
    unit_vectors = np.eye(s.size)
    rows = model.rows(f"26b {tag}", f"buyer {axis}", lower=unit_vectors, upper=unit_vectors)
    spread = s.weight[None, :, None, :]  # row (buyer, axis) takes weight[axis, other] of (buyer, vector, other)
    for block, sign in ((gamma, 1.0), (upsilon, -1.0)):
        rows.add_entries(rows.positions[:, :, None, None], block.positions[:, None, :, :], sign * spread)
    rows = model.rows(f"26c {tag}", f"buyer {vector} {axis}", lower=0.0, upper=0.0)
    rows.add(gamma).add(upsilon).add(omega, -s.alpha, vector)


def _budgeted_dual(model: BlockModel, cover: Rows, s: BudgetedSet, tag: str) -> None:
    """System (D.4): |Theta| and max |Xi| of each buyer's row."""
    shift = f"shift{tag}"
    model.index(shift, s.shifts.shape[0])
    over = f"buyer {shift}"
    theta = model.variables(f"Theta {tag}", over, lower=-np.inf)
    size = model.variables(f"|Theta| {tag}", over)
    xi = model.variables(f"Xi {tag}", over, lower=-np.inf)
    most = model.variables(f"max |Xi| {tag}", "buyer")
    nominal = model.variables(f"nominal {tag}", "buyer", lower=s.nominal, upper=s.nominal)
    cover.add_entries(cover.positions[:, None], size.positions, -1.0).add(most, -s.budget).add(nominal, -1.0)
    split = -s.shifts.T
    model.rows(f"D.4b {tag}", over, lower=split, upper=split).add(theta).add(xi)
    for sign in (1.0, -1.0):
        model.rows(f"|Theta| {sign:+g} {tag}", over, upper=0.0).add(theta, sign).add(size, -1.0)
        model.rows(f"|Xi| {sign:+g} {tag}", over, upper=0.0).add(xi, sign).add(most, -1.0)


def _excess(model: BlockModel, instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions) -> None:
    """EPF rows (22b), (22c) with the paper's one big-M, N = max q times the whole demand."""
    assert options.budget is not None
    blocks = model.variable_blocks
    n = max(float(instance.spot_price.max()), float(instance.backup_price.max(initial=0.0)))
    n *= float(np.broadcast_to(demand.worst, (len(instance.scenarios), len(instance.buyers))).sum(axis=1).max())
    rho = model.variables("rho", "scenario", upper=1.0, integer=True)
    rows = model.rows("22c", "scenario", upper=options.budget, unit=model.objective_unit)
    axes = "backup buyer" if instance.backup_price.ndim == 2 else "scenario backup buyer"
    rows.add(blocks["V"], instance.backup_price, axes).add(blocks["G"], instance.spot_price, "scenario")
    rows.add(rho, -max(n - options.budget, 0.0))
    model.rows("22b", upper=options.epsilon).add(rho, instance.probability)
