"""Figures 3, 4 and 5 of the paper as patterns on the Wuhan case, and the cost of coverage."""

from __future__ import annotations

import csv
from pathlib import Path

from esc_sim.design.retail.drawing import EpsSeries, cost_against_eps, coverage_bars, violation_bars
from esc_sim.design.retail.map_drawing import retail_map
from esc_sim.design.retail.margins import MODELS, RetailModel
from esc_sim.views.style import save
from experiments.retail.designs import COVERAGES, EPS, NAMES, NOTICE, PROBABILITIES, TABLES, design, printed
from experiments.retail.tables import PRINTED_COLUMN


def maps(out: Path) -> None:
    """Chosen networks (figs 3 and 4)."""
    for which in PROBABILITIES:
        for model in MODELS:
            figure = retail_map(design(which, model), title=f"Chosen network, {NAMES[model]} design, {which}")
            save(figure, out / f"map_{model}_{which}.png")


def eps(out: Path) -> None:
    """Cost against eps (fig. 5). The printed totals of I2 contradict those of I1 and are not shown (see the ledger)."""
    key: dict[RetailModel, str] = {"box-ball": "BoxBall", "budget": "Budget"}
    paper = {(r["model"], float(r["eps"]), r["instance"]): float(r["total"]) for r in printed("table4")}
    panels = {}
    for which in PROBABILITIES:
        lines = [
            EpsSeries(
                f"{NAMES[model]}, joint",
                EPS,
                [design(which, model, e).cost for e in EPS],
                [paper[key[model], e, which] for e in EPS] if which == "I1" else (),
            )
            for model in MODELS[1:]
        ]
        lines.append(EpsSeries("own reading", EPS[:1], [design(which, "box-ball", EPS[0], "own").cost]))
        lines.append(EpsSeries("stochastic", EPS[:1], [design(which).cost]))
        first, second = PROBABILITIES[which]
        panels[f"{which}: probabilities {first:g} and {second:g}"] = lines
    save(cost_against_eps(panels, "CNY", footer=f"retail_wuhan  |  {NOTICE}"), out / "cost_against_eps.png")


def coverage(out: Path) -> None:
    """Cost of the coverage strategies above the first (Table 5), I1."""
    ours, paper = {}, {}
    for model in MODELS:
        base = design("I1", model).cost
        ours[NAMES[model]] = {str(c): design("I1", model, coverage=c).cost - base for c in COVERAGES[1:]}
        rows = {r["row"]: float(r[f"{PRINTED_COLUMN[model]}_I1"]) for r in printed("table5")}
        there = {str(c): rows[f"cover_{c.dc}_{c.store}_{c.area}"] for c in COVERAGES}
        paper[NAMES[model]] = {str(c): there[str(c)] - there[str(COVERAGES[0])] for c in COVERAGES[1:]}
    footer = f"retail_wuhan, I1, eps 0.05, joint reading  |  {NOTICE}"
    save(coverage_bars(ours, str(COVERAGES[0]), "CNY", paper, footer=footer), out / "coverage.png")


def violations(out: Path) -> None:
    """Simulated violations beside the promised eps, I1, from the table that `simulated` made."""
    with (TABLES / "simulated.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["instance"] == "I1"]
    chosen = [("stochastic", "joint"), ("box-ball", "own")]
    shares = {
        f"{model}{', own reading' if reading == 'own' else ''}, {operation}": {
            row["law"]: float(row["violation"])
            for row in rows
            if (row["model"], row["reading"], row["operation"]) == (model, reading, operation)
        }
        for model, reading in chosen
        for operation in ("static", "adaptive")
    }
    save(violation_bars(shares, EPS[0], footer=f"retail_wuhan, I1  |  {NOTICE}"), out / "violations.png")


ALL = {"maps": maps, "eps": eps, "coverage": coverage, "violations": violations}
