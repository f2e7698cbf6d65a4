"""Tables 4, 5 and 6 of the paper and the stress of its designs, beside what the paper prints."""

from __future__ import annotations

from esc_sim.design.retail import cost_pieces, price_of_robustness, radius
from esc_sim.design.retail.laws import LAWS, draw_deviations
from esc_sim.design.retail.margins import MODELS, Reading, RetailModel
from esc_sim.design.retail.redispatch import Redispatch, static_stress
from esc_sim.errors import InputError
from experiments.retail.designs import COVERAGES, EPS, PROBABILITIES, design, instance, printed, write

DRAWS = 10_000
REDISPATCHED = 100
SEED = 1
PRINTED_COLUMN: dict[RetailModel, str] = {"stochastic": "stoch", "box-ball": "box", "budget": "bud"}


def table4() -> None:
    """Cost and stock against eps (Table 4, fig. 5)."""
    paper = {(r["model"], float(r["eps"]), r["instance"]): r for r in printed("table4")}
    key = {"box-ball": "BoxBall", "budget": "Budget"}
    rows = []
    for which in PROBABILITIES:
        base = design(which)
        rows.append([which, "stochastic", "-", "-", "-", base.cost, *base.stock.tolist(), "-", "-", "-"])
        for model in MODELS[1:]:
            for eps in EPS:
                plan, there = design(which, model, eps), paper[key[model], eps, which]
                size = radius(model, eps, len(plan.instance.areas))
                pdr = price_of_robustness(plan.cost, base.cost)
                total, printed_base = float(there["total"]), _printed_cost("stochastic", which)
                printed_pdr = price_of_robustness(total, printed_base)
                row = [which, model, "joint", eps, size, plan.cost, *plan.stock.tolist(), pdr, total, printed_pdr]
                rows.append(row)
        for eps in (EPS[0], EPS[-1]):
            plan = design(which, "box-ball", eps, "own")
            pdr = price_of_robustness(plan.cost, base.cost)
            rows.append([which, "box-ball", "own", eps, "-", plan.cost, *plan.stock.tolist(), pdr, "-", "-"])
    head = ["instance", "model", "reading", "eps", "radius", "cost", "stock_dc1", "stock_dc2", "stock_dc3"]
    write("table4", [*head, "pdr_percent", "printed_cost", "printed_pdr_percent"], rows)


def _printed_cost(model: RetailModel, which: str, coverage: int = 0) -> float:
    row = next(
        r for r in printed("table5") if r["row"] == "cover_" + str(COVERAGES[coverage]).strip("()").replace(", ", "_")
    )
    return float(row[f"{PRINTED_COLUMN[model]}_{which}"])


def table5() -> None:
    """Stores by level, and cost of the coverage strategies (Table 5)."""
    rows: list[list[object]] = []
    for which in PROBABILITIES:
        for model in MODELS:
            counts = design(which, model).level_counts("store")
            for level, count in counts.items():
                there = next(r for r in printed("table5") if r["row"] == f"level{level}")
                rows.append([which, model, level, count, there[f"{PRINTED_COLUMN[model]}_{which}"]])
    write("table5_levels", ["instance", "model", "store_level", "stores", "printed_stores"], rows)
    rows = []
    for which in PROBABILITIES:
        for model in MODELS:
            base, printed_base = design(which, model).cost, _printed_cost(model, which)
            for k, coverage in enumerate(COVERAGES):
                cost, paper = design(which, model, coverage=coverage).cost, _printed_cost(model, which, k)
                name = str(coverage).replace(", ", "-").strip("()")
                rows.append([which, model, name, cost, cost - base, paper, paper - printed_base])
    head = ["instance", "model", "coverage", "cost", "increment", "printed_cost", "printed_increment"]
    write("table5_coverage", head, rows)


def table6() -> None:
    """Cost pieces: summed over scenarios as the paper prints them, and expected, which add up to the cost (Table 6)."""
    rows: list[list[object]] = []
    for which in PROBABILITIES:
        for model in MODELS:
            plan = design(which, model)
            pieces = cost_pieces(plan)
            for name in pieces.expected:
                there = next(r for r in printed("table6") if r["row"] == name)
                amount = float(there[f"{PRINTED_COLUMN[model]}_{which}"])
                rows.append([which, model, name, pieces.expected[name], pieces.unweighted[name], amount])
            rows.append(
                [which, model, "total", plan.cost, sum(pieces.unweighted.values()), _printed_cost(model, which)]
            )
    write("table6", ["instance", "model", "piece", "expected", "summed_over_scenarios", "printed"], rows)


def consistency() -> None:
    """What the paper's own Table 6 implies: cost of a scenario, and of the I1 plan under the probabilities of I2."""
    rows: list[list[object]] = []
    for model in MODELS:
        plans = {}
        for which, (first, second) in PROBABILITIES.items():
            column = f"{PRINTED_COLUMN[model]}_{which}"
            piece = {r["row"]: float(r[column]) for r in printed("table6")}
            both = sum(piece[name] for name in ("OC", "OD", "OT", "OP", "OPP"))
            expected = piece["total"] - piece["Cost"]
            scenario1 = (expected - second * both) / (first - second)
            plans[which] = (piece["Cost"], scenario1, both - scenario1, piece["total"])
        fixed, one, two, _ = plans["I1"]
        other = PROBABILITIES["I2"]
        elsewhere = fixed + other[0] * one + other[1] * two
        rows.append([model, one, two, elsewhere, plans["I2"][3], elsewhere < plans["I2"][3]])
    head = ["model", "scenario1_of_I1", "scenario2_of_I1", "I1_plan_under_I2", "printed_optimum_I2", "contradiction"]
    write("printed_consistency", head, rows)


def stress() -> None:
    """Flows as designed against demand drawn from laws of the ambiguity set, and with the best re-dispatch."""
    rows: list[list[object]] = []
    designs: list[tuple[RetailModel, Reading]] = [
        ("stochastic", "joint"),
        ("box-ball", "joint"),
        ("budget", "joint"),
        ("box-ball", "own"),
    ]
    for which in PROBABILITIES:
        for model, reading in designs:
            plan = design(which, model, reading=reading)
            again = Redispatch(plan)
            for law in LAWS:
                static = static_stress(plan, law, draws=DRAWS, seed=SEED)
                failed = 0
                for zeta in draw_deviations(law, plan.instance.areas.ids, REDISPATCHED, SEED):
                    try:
                        again(plan.instance.demand + zeta[:, None] * plan.instance.deviation)
                    except InputError:
                        failed += 1
                for s, scenario in enumerate(instance(which).scenarios):
                    worst = float(static.row_violation[:, s].max())
                    share, short = float(static.any_violation[s]), float(static.shortage[:, s].sum())
                    promised = "-" if model == "stochastic" else plan.eps
                    row = [which, model, reading, law, scenario, promised, worst, share, short]
                    rows.append([*row, failed / REDISPATCHED])
    head = ["instance", "model", "reading", "law", "scenario", "promised_eps", "worst_area_violation", "any_violation"]
    write("stress", [*head, "mean_shortage_kg", "redispatch_violation"], rows)


ALL = {"table4": table4, "table5": table5, "table6": table6, "consistency": consistency, "stress": stress}
