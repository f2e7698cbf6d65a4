"""The sourcing paper on instances drawn afresh from its laws; none is selected.

Printed laws and numbers: fixed costs, capacities, effort and reserve costs, residual capacities, demand, distances.
The paper prints neither prices nor the probabilities of failures: those of scenarios/electrolyte are kept, where they
were fitted to the paper's costs, and spot prices are drawn from its law. So levels of cost are no evidence here either;
selections, differences and orders are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingDesign,
    SourcingInstance,
    SourcingOptions,
    assess,
    design_demand,
    nominal_demand,
    violation_shares,
    with_rates,
)
from esc_sim.design.sourcing.demand import DemandKind
from esc_sim.sampling.streams import stream_hashes, uniforms
from experiments.evidence.claims import Claim, Measured, below, falls, number
from experiments.sourcing.case import LIMITS, SEED, THETA, fresh_demand, load, with_moving_backup_prices
from experiments.sourcing.compute import solved

Floats = NDArray[np.float64]
Found = dict[str, float | str]

ROWS: Final = 1400
J: Final = 1000
FRESH: Final = 2000
"""Rows of past demand, those that a design sees, and those that it has not seen."""
READINGS: Final[tuple[DemandKind, ...]] = ("ddro-marginal", "ddro-joint")
AGAINST_CVAR: Final = ("epf seldomer", "epf levels", "epf dearer least", "epf dearer most")
SOLE: Final = SourcingOptions(sole_sourcing=True)


def drawn(number_: int) -> tuple[SourcingInstance, Floats]:
    """One instance and 1,400 rows of past demand.

    Args:
        number_: of the instance; each has draws of its own.
    """
    shipped, _ = load()
    primaries, cases = len(shipped.primaries), len(shipped.scenarios)

    def draw(name: str, low: float, high: float, *shape: int) -> Floats:
        hashes = stream_hashes([f"experiments/evidence/sourcing/{name}"])
        return low + (high - low) * uniforms(SEED, hashes, number_, 0, int(np.prod(shape)))[:, 0].reshape(shape)

    effort = shipped.warning * draw("effort", 4e5, 5e5, *shipped.effort_cost.shape)
    instance = replace(
        shipped,
        fixed_cost=draw("fixed", 55e6, 75e6, primaries),
        capacity=draw("capacity", 5000.0, 7000.0, primaries),
        effort_cost=effort,
        reserve_cost=draw("reserve", 11e3, 13e3, len(shipped.backups)),
        residual=draw("residual", 0.5, 0.8, cases, primaries),
        spot_price=draw("spot", 20109.0, 25137.0, cases),
    )
    return instance, fresh_demand("evidence", instance.buyers, number_, ROWS)


def measured(number_: int, *, quick: bool = False) -> Found:
    """Everything that the claims ask of one instance; money in million CNY, violations and differences in percent.

    Args:
        number_: of the instance.
        quick: leave out table 4, which takes most of the time.
    """
    instance, past = drawn(number_)
    fresh = fresh_demand("evidence unseen", instance.buyers, number_, FRESH)[None]
    demands = {kind: design_demand(kind, past[:J], THETA) for kind in (*READINGS, "bro")}
    demands["deterministic"] = nominal_demand(np.full(len(instance.buyers), 1500.0))
    found: Found = {"instance": number_}
    for kind, demand in demands.items():
        found |= _described(kind, instance, solved(instance, demand), fresh)
    for kind in READINGS:
        found |= _sensitivity(kind, instance, demands[kind], past, fresh)
        found[f"rp {kind}"] = _percent(found[f"cost {kind}"], found["cost deterministic"])
        found[f"more rows {kind}"] = _percent(found[f"rows 1400 {kind}"], found[f"rows 200 {kind}"])
        found[f"fewer rows {kind}"] = _percent(found[f"rows 600 {kind}"], found[f"rows 200 {kind}"])
        found[f"last rows {kind}"] = _percent(found[f"rows 1400 {kind}"], found[f"rows 1000 {kind}"])
        found[f"cvar dearer {kind}"] = _percent(found[f"cvar cost {kind}"], found[f"cost {kind}"])
        found[f"sole dearer {kind}"] = _percent(found[f"sole cost {kind}"], found[f"cost {kind}"])
    found["bro dearer than marginal"] = _percent(found["cost bro"], found["cost ddro-marginal"])
    found["bro dearer than joint"] = _percent(found["cost bro"], found["cost ddro-joint"])
    return found | (
        dict.fromkeys(AGAINST_CVAR, "") if quick else _against_cvar(instance, demands[READINGS[0]], number_)
    )


def _described(kind: str, instance: SourcingInstance, design: SourcingDesign | None, fresh: Floats) -> Found:
    """Cost, selection, levels, purchases on the spot market and unmet demands of a design."""
    if design is None:
        return {f"{name} {kind}": "" for name in ("cost", "primaries", "backups", "levels", "spot", "violations")}
    levels = design.plan.level(instance)
    return {
        f"cost {kind}": design.objective / 1e6,
        f"primaries {kind}": " ".join(levels),
        f"backups {kind}": " ".join(design.plan.reserved(instance)),
        f"levels {kind}": " ".join(sorted(set(levels.values()))),
        f"spot {kind}": float(design.plan.spot.max()),
        f"violations {kind}": 100.0 * float(violation_shares(design.plan, fresh)[0]),
    }


def _sensitivity(
    kind: DemandKind, instance: SourcingInstance, demand: DesignDemand, past: Floats, fresh: Floats
) -> Found:
    """Sole sourcing, budgets, CVaR, theta, recovery, warning and number of samples, against the design itself."""
    found = _of_sole(kind, instance, demand)
    found[f"no limit {kind}"] = _cost(solved(instance, demand, SourcingOptions()))
    here, tight = solved(instance, demand), solved(instance, demand, replace(LIMITS, budget=9e6))
    found[f"budget 9 {kind}"] = _cost(tight)
    found[f"levels at 9 {kind}"] = "" if tight is None else " ".join(sorted(tight.plan.level(instance).values()))
    found[f"signed {kind}"] = "" if here is None else float(here.plan.signed.sum())
    found[f"signed at 9 {kind}"] = "" if tight is None else float(tight.plan.signed.sum())
    cvar = solved(instance, demand, SourcingOptions(objective="cvar"))
    found[f"cvar cost {kind}"] = _cost(cvar)
    found[f"cvar primaries {kind}"] = "" if cvar is None else " ".join(cvar.plan.level(instance))
    for theta in (0.02, 0.08, 0.1, 0.14):
        design = solved(instance, design_demand(kind, past[:J], theta))
        found[f"theta {theta:g} {kind}"] = _cost(design)
        if theta == 0.1:
            unmet = "" if design is None else 100.0 * float(violation_shares(design.plan, fresh)[0])
            found[f"violations at 0.1 {kind}"] = unmet
    for h in (0.0, 0.1, 0.2):
        for v in (0.0, 0.2, 0.45):
            found[f"h {h:g} v {v:g} {kind}"] = _cost(solved(with_rates(instance, v, h), demand))
    for rows in (200, 600, 1000, 1400):
        found[f"rows {rows} {kind}"] = _cost(solved(instance, design_demand(kind, past[:rows], 0.07)))
    return found


def _of_sole(kind: DemandKind, instance: SourcingInstance, demand: DesignDemand) -> Found:
    """Sole sourcing: cost, primary, purchases on the spot market, costs of scenarios beside the design's."""
    sole, here = solved(instance, demand, SOLE), solved(instance, demand)
    found: Found = {
        f"sole at 0.3 {kind}": _cost(solved(instance, demand, replace(LIMITS, sole_sourcing=True))),
        f"sole cost {kind}": _cost(sole),
    }
    for name, design in (("sole ", sole), ("", here)):
        seen = None if design is None else assess(instance, design.plan)
        found[f"{name}range {kind}"] = "" if seen is None else (seen.most - seen.least) / 1e6
        found[f"{name}least {kind}"] = "" if seen is None else seen.least / 1e6
        found[f"{name}most {kind}"] = "" if seen is None else seen.most / 1e6
    if sole is None:
        return found | {f"sole primary {kind}": "", f"sole spot {kind}": ""}
    bought, contracted = float(sole.plan.spot.sum(axis=1).max()), float(sole.plan.contract.sum())
    found[f"sole primary {kind}"] = " ".join(sole.plan.level(instance))
    found[f"sole spot {kind}"] = 100.0 * bought / (bought + contracted)
    return found


def _against_cvar(shipped: SourcingInstance, demand: DesignDemand, number_: int) -> Found:
    """Table 4 with backup prices that move by scenario (SYNTHETIC): EPF plans against the CVaR plan, like for like.

    Budget levels are spread over the range of the scenario costs of the EPF plan at 49 million, as on the shipped
    instance; plans for the second and the fourth level are judged at all five.
    """
    instance = with_moving_backup_prices(shipped, number_)
    reference = solved(instance, demand, gap=1e-4)
    cvar = solved(instance, demand, SourcingOptions(objective="cvar"), gap=1e-4)
    if reference is None or cvar is None:
        return dict.fromkeys(AGAINST_CVAR, "")
    seen = assess(instance, reference.plan)
    budgets = np.linspace(seen.least, seen.most, 6)[1:]
    epf = assess(instance, cvar.plan, budgets).epf
    expected = cvar.plan.first_stage_cost(instance) + assess(instance, cvar.plan).expected
    seldom, dearer = [], []
    for budget in budgets[1::2]:
        plan = solved(instance, demand, replace(LIMITS, budget=float(budget)), gap=1e-4)
        if plan is not None:
            mine = assess(instance, plan.plan, budgets)
            seldom += [mine.epf[level] <= epf[level] for level in epf]
            dearer.append(100.0 * ((plan.plan.first_stage_cost(instance) + mine.expected) / expected - 1.0))
    if not seldom:
        return dict.fromkeys(AGAINST_CVAR, "")
    return dict(zip(AGAINST_CVAR, (float(np.mean(seldom)), float(len(seldom)), min(dearer), max(dearer)), strict=True))


def _cost(design: SourcingDesign | None) -> float | str:
    return "" if design is None else design.objective / 1e6


def _percent(dear: float | str, cheap: float | str) -> float | str:
    return "" if "" in (dear, cheap) else 100.0 * (float(dear) / float(cheap) - 1.0)


def _alike(name: str, wanted: str) -> Callable[[Measured], bool]:
    return lambda found: found[name] == wanted


def claims() -> list[Claim]:
    """What the paper claims of its one instance, for the reading that is printed with it."""
    found = [
        Claim("deterministic: primaries M1 M2 M6", "M1 M2 M6", _alike("primaries deterministic", "M1 M2 M6"),
              ("primaries deterministic",), "cost deterministic"),
        Claim("deterministic: reserves at B1 and B2", "B1 B2", _alike("backups deterministic", "B1 B2"),
              ("primaries deterministic",)),
        Claim("deterministic: nothing from the spot market", "yes", lambda f: number(f, "spot deterministic") == 0.0,
              ("primaries deterministic",)),
        Claim("DDRO, marginal: primaries M1 M2 M5 M6", "M1 M2 M5 M6",
              _alike("primaries ddro-marginal", "M1 M2 M5 M6"), ("primaries ddro-marginal",), "cost ddro-marginal"),
        Claim("DDRO, marginal: reserves at B2 alone", "B2", _alike("backups ddro-marginal", "B2"),
              ("primaries ddro-marginal",)),
        Claim("BRO: primaries M1 M2 M4 M5 M6", "M1 M2 M4 M5 M6", _alike("primaries bro", "M1 M2 M4 M5 M6"),
              ("primaries bro",), "cost bro"),
        Claim("deterministic, DDRO (marginal) and BRO sign different primaries", "yes",
              lambda f: len({f["primaries deterministic"], f["primaries ddro-marginal"], f["primaries bro"]}) == 3,
              ("primaries deterministic", "primaries ddro-marginal", "primaries bro")),
        Claim("sole sourcing, marginal: M6", "M6", _alike("sole primary ddro-marginal", "M6"),
              ("sole primary ddro-marginal",), "sole cost ddro-marginal"),
        Claim("all three selections", "yes", _all_three,
              ("primaries deterministic", "primaries ddro-marginal", "sole primary ddro-marginal")),
        Claim("effort level L3 wherever signed: deterministic and DDRO, marginal", "yes",
              lambda f: f["levels deterministic"] == f["levels ddro-marginal"] == "L3",
              ("levels deterministic", "levels ddro-marginal")),
        Claim("BRO dearer than DDRO, marginal", "17.7 %", lambda f: number(f, "bro dearer than marginal") > 0.0, (),
              "bro dearer than marginal"),
        Claim("BRO dearer than DDRO, joint", "17.7 %", lambda f: number(f, "bro dearer than joint") > 0.0, (),
              "bro dearer than joint"),
        Claim("deterministic: about half of the demands not met (45 % to 55 %)", "over half",
              lambda f: 45.0 <= number(f, "violations deterministic") <= 55.0, (), "violations deterministic"),
        Claim("EPF plans exceed no budget level more often than the CVaR plan (synthetic backup prices)", "yes",
              lambda f: number(f, "epf seldomer") == 1.0, (), "epf dearer most"),
    ]  # fmt: skip
    for kind in READINGS:
        found += _of_design(kind) + _of_sensitivity(kind)
    return found


def _of_design(kind: DemandKind) -> list[Claim]:
    """Sections 6.2 to 6.4 in one reading of the SVC set."""
    word = kind.removeprefix("ddro-")
    return [
        Claim(f"{word}: price of robustness above 0", "14.3 %", _above(f"rp {kind}"), (), f"rp {kind}"),
        Claim(f"{word}: fewer demands not met than deterministic", "yes",
              below(f"violations {kind}", "violations deterministic"), ("violations deterministic",),
              f"violations {kind}"),
        Claim(f"{word}: BRO violates no more than DDRO", "yes",
              lambda f: number(f, "violations bro") <= number(f, f"violations {kind}"),
              ("violations bro", f"violations {kind}"), "violations bro"),
        Claim(f"{word}: sole sourcing infeasible at epsilon 0.3", "yes",
              lambda f: f[f"sole at 0.3 {kind}"] == "", ()),
        Claim(f"{word}: sole sourcing dearer than diversified", "8.1 %", _above(f"sole dearer {kind}"), (),
              f"sole dearer {kind}"),
        Claim(f"{word}: costs of scenarios spread more under sole sourcing", "yes",
              below(f"range {kind}", f"sole range {kind}"), (f"range {kind}",), f"sole range {kind}"),
        Claim(f"{word}: sole sourcing buys more than half of the demand on the spot market", "a significant portion",
              lambda f: number(f, f"sole spot {kind}") > 50.0, (), f"sole spot {kind}"),
        Claim(f"{word}: no scenario as dear as the cheapest one under sole sourcing", "33 against 412 million",
              below(f"most {kind}", f"sole least {kind}"), (f"most {kind}",), f"sole least {kind}"),
        Claim(f"{word}: less risk costs more (epsilon 0.3 against no limit)", "yes",
              below(f"no limit {kind}", f"cost {kind}"), (f"cost {kind}",), f"no limit {kind}"),
        Claim(f"{word}: a budget of 9 million costs more", "7.9 %",
              below(f"cost {kind}", f"budget 9 {kind}"), (f"cost {kind}",), f"budget 9 {kind}"),
        Claim(f"{word}: a budget of 9 million needs more primaries", "5 against 4",
              below(f"signed {kind}", f"signed at 9 {kind}"), (f"signed {kind}",), f"signed at 9 {kind}"),
        Claim(f"{word}: a budget of 9 million: some primary below L3", "one at L2",
              lambda f: "L1" in str(f[f"levels at 9 {kind}"]) or "L2" in str(f[f"levels at 9 {kind}"]),
              (f"levels at 9 {kind}",)),
    ]  # fmt: skip


def _of_sensitivity(kind: DemandKind) -> list[Claim]:
    """Sections 6.5 and 6.6 in one reading of the SVC set."""
    word = kind.removeprefix("ddro-")
    return [
        Claim(f"{word}: another selection with CVaR as objective", "yes",
              lambda f: f[f"cvar primaries {kind}"] != f[f"primaries {kind}"],
              (f"cvar primaries {kind}", f"primaries {kind}")),
        Claim(f"{word}: dearer with CVaR as objective", "0.02 %", _above(f"cvar dearer {kind}"), (),
              f"cvar dearer {kind}"),
        Claim(f"{word}: infeasible without recovery (v = 0), whatever h", "yes",
              lambda f: all(f[f"h {h:g} v 0 {kind}"] == "" for h in (0.0, 0.1, 0.2)), ()),
        Claim(f"{word}: cost falls as recovery v rises (h = 0.2)", "yes",
              lambda f: falls(f, f"h 0.2 v 0.2 {kind}", f"h 0.2 v 0.45 {kind}"),
              (f"h 0.2 v 0.2 {kind}", f"h 0.2 v 0.45 {kind}")),
        Claim(f"{word}: cost falls as warning h rises (v = 0.45)", "yes",
              lambda f: falls(f, *(f"h {h:g} v 0.45 {kind}" for h in (0.0, 0.1, 0.2))),
              tuple(f"h {h:g} v 0.45 {kind}" for h in (0.0, 0.1, 0.2))),
        Claim(f"{word}: recovery saves more (v 0.2 to 0.45) than warning (h 0 to 0.2)", "104 against 31 million",
              lambda f: _saved(f, f"h 0.2 v 0.2 {kind}", f"h 0.2 v 0.45 {kind}")
              > _saved(f, f"h 0 v 0.45 {kind}", f"h 0.2 v 0.45 {kind}"),
              (f"h 0.2 v 0.2 {kind}", f"h 0 v 0.45 {kind}", f"h 0.2 v 0.45 {kind}")),
        Claim(f"{word}: warning saves less and less (h 0, 0.1, 0.2)", "in words; 13.7, then 16.9 million in its table",
              lambda f: _saved(f, f"h 0 v 0.45 {kind}", f"h 0.1 v 0.45 {kind}")
              > _saved(f, f"h 0.1 v 0.45 {kind}", f"h 0.2 v 0.45 {kind}"),
              tuple(f"h {h:g} v 0.45 {kind}" for h in (0.0, 0.1, 0.2))),
        Claim(f"{word}: cost falls as theta rises (0.02, 0.08, 0.14)", "yes",
              lambda f: falls(f, *(f"theta {t:g} {kind}" for t in (0.02, 0.08, 0.14))),
              tuple(f"theta {t:g} {kind}" for t in (0.02, 0.08, 0.14))),
        Claim(f"{word}: more demands not met at theta 0.1 than at 0.05", "yes",
              below(f"violations {kind}", f"violations at 0.1 {kind}"), (f"violations {kind}",),
              f"violations at 0.1 {kind}"),
        Claim(f"{word}: cost falls from 200 rows of demand to 1,400", "7.8 % less",
              lambda f: falls(f, f"rows 200 {kind}", f"rows 1400 {kind}"),
              (f"rows 200 {kind}",), f"more rows {kind}"),
        Claim(f"{word}: cost moves less from 1,000 rows to 1,400 than from 200 to 600", "0.2 % against 4.8 %",
              lambda f: abs(number(f, f"last rows {kind}")) < abs(number(f, f"fewer rows {kind}")),
              (f"fewer rows {kind}",), f"last rows {kind}"),
    ]  # fmt: skip


def _all_three(found: Measured) -> bool:
    wanted = {"primaries deterministic": "M1 M2 M6", "primaries ddro-marginal": "M1 M2 M5 M6",
              "sole primary ddro-marginal": "M6"}  # fmt: skip
    return all(found[name] == value for name, value in wanted.items())


def _saved(found: Measured, dear: str, cheap: str) -> float:
    return number(found, dear) - number(found, cheap)


def _above(name: str) -> Callable[[Measured], bool]:
    return lambda found: number(found, name) > 0.0
