"""The figures, from the designs and the small tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from esc_sim.design.sourcing import SourcingDesign
from esc_sim.design.sourcing.drawing import (
    Series,
    cost_epf_front,
    curves,
    demand_sets,
    procurement,
    violation_densities,
)
from esc_sim.design.uncertainty import UncertaintySet, svc_marginal, svc_set
from esc_sim.views.style import save
from experiments.sourcing.case import FOOTER, PAPER, Floats, read_csv
from experiments.sourcing.compute import Case

MARGINAL, JOINT = "DDRO, marginal", "DDRO, joint"
NAMES = {"ddro-marginal": MARGINAL, "ddro-joint": JOINT, "bro": "BRO", "deterministic": "deterministic"}


def all_figures(case: Case, designs: Mapping[str, SourcingDesign], shares: Mapping[str, Floats], folder: Path) -> None:
    """Draw everything into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _procurement(designs, folder)
    names = ("deterministic", "ddro-marginal", "ddro-joint", "bro")
    figure = violation_densities({NAMES[n]: shares[n] for n in names}, "Violations out of sample", FOOTER)
    save(figure, folder / "figure05_violations.png")
    thetas = {f"theta {t}": shares[f"ddro-marginal, theta {t}"] for t in ("0.05", "0.1")}
    title = "Violations out of sample, DDRO marginal"
    save(violation_densities(thetas, title, FOOTER), folder / "figure12_violations_theta.png")
    _front(case, folder)
    _curves(case, folder)
    _sets(case, folder)
    _simulated(case, folder)


def _procurement(designs: Mapping[str, SourcingDesign], folder: Path) -> None:
    wanted = {
        "figure03_04_ddro_deterministic_bro": {
            "deterministic": "deterministic",
            "DDRO, marginal reading, theta 0.05": "ddro-marginal",
            "DDRO, joint reading, theta 0.05": "ddro-joint",
            "BRO, theta 0.05": "bro",
        },
        "figure06_sole_sourcing": {
            "sole sourcing at epsilon 1, marginal": "ddro-marginal, sole sourcing at epsilon 1",
            "sole sourcing at epsilon 1, joint": "ddro-joint, sole sourcing at epsilon 1",
        },
        "figure08_budget": {
            "budget 49 million CNY, marginal": "ddro-marginal",
            "budget 9 million CNY, marginal": "ddro-marginal, budget 9 million",
        },
        "figure09_cvar": {
            "EPF constraint, marginal": "ddro-marginal",
            "CVaR objective, marginal": "ddro-marginal, CVaR objective",
        },
    }
    for file, panels in wanted.items():
        chosen = {label: designs[name] for label, name in panels.items() if name in designs}
        save(procurement(chosen, "Procurement by buyer and source", FOOTER), folder / f"{file}.png")


def _front(case: Case, folder: Path) -> None:
    points: dict[str, list[tuple[float, float]]] = {}
    for row in read_csv(case.tables / "front.csv"):
        label = f"{row['instance']}, C0 {float(row['budget']) / 1e6:g} M"
        points.setdefault(label, []).append((float(row["epf"]), float(row["objective"])))
    footer = FOOTER + "; moving backup prices are a synthetic variant"
    save(cost_epf_front(points, "CNY", footer=footer), folder / "figure07_front.png")


def _curves(case: Case, folder: Path) -> None:
    rows = [r for r in read_csv(case.tables / "theta.csv") if r["objective"]]
    printed = [
        (float(r["theta"]), float(r["objective"])) for r in read_csv(PAPER / "table3.csv") if r["strategy"][0] == "d"
    ]
    printed.append(
        (0.05, float(next(r for r in read_csv(PAPER / "designs.csv") if r["design"] == "ddro")["objective"]))
    )

    def lines(column: str, mark: list[tuple[float, float]]) -> list[Series]:
        found = []
        for key in ("ddro-marginal", "ddro-joint", "bro"):
            of_set = [r for r in rows if r["set"] == key]
            x, y = [float(r["theta"]) for r in of_set], [float(r[column]) for r in of_set]
            found.append(Series(NAMES[key], x, y, mark if key == "ddro-marginal" else ()))
        return found

    panels = {
        "total cost, CNY": lines("objective", printed),
        "price of robustness": lines("rp", []),
        "violations": lines("vp", []),
    }
    figure = curves(panels, "theta", "Robust designs over theta", FOOTER, percent=("price of robustness", "violations"))
    save(figure, folder / "figure11_theta.png")
    samples = read_csv(case.tables / "samples.csv")
    by_reading = {}
    for key, label in (("ddro-marginal", "marginal"), ("ddro-joint", "joint")):
        found = []
        for theta in ("0.01", "0.07", "0.13"):
            of_line = [r for r in samples if r["reading"] == key and r["theta"] == theta]
            x, y = [float(r["samples"]) for r in of_line], [float(r["mean"]) for r in of_line]
            printed = [(float(r["samples"]), float(r["objective"])) for r in read_csv(PAPER / "figure13.csv")]
            found.append(Series(f"theta {theta}", x, y, printed if (key, theta) == ("ddro-marginal", "0.07") else ()))
        by_reading[f"mean cost, {label}, CNY"] = found
    save(curves(by_reading, "samples J", "Cost over the number of samples", FOOTER), folder / "figure13_samples.png")


def _sets(case: Case, folder: Path) -> None:
    names = (case.instance.buyers[0], case.instance.buyers[1])
    whole: dict[str, UncertaintySet] = {f"joint, theta {t}": svc_set(case.past, t) for t in (0.02, 0.1, 0.3)}
    whole |= {f"marginal, theta {t}": svc_marginal(case.past, t) for t in (0.02, 0.3)}
    title = "Shadows of the sets over 16 buyers"
    save(demand_sets(case.past, whole, names=names, title=title, footer=FOOTER), folder / "sets_16_buyers.png")
    pair = case.past[:, :2]
    two: dict[str, UncertaintySet] = {f"theta {t}": svc_set(pair, t) for t in (0.02, 0.05, 0.1, 0.3)}
    title = "SVC sets of two buyers alone"
    save(demand_sets(pair, two, names=names, title=title, footer=FOOTER), folder / "sets_2_buyers.png")


def _simulated(case: Case, folder: Path) -> None:
    """Demands not met by the marginal design, promised and simulated, over theta."""
    rows = [r for r in read_csv(case.tables / "simulated.csv") if r["instance"] == "shipped"]
    marginal = [r for r in rows if r["demand"] == "ddro-marginal"]
    theta = [float(r["theta"]) for r in marginal]
    lines = [
        Series(label, theta, [float(r[column]) for r in marginal])
        for label, column in (
            ("promised at most", "violation_promised"), ("simulated", "violation"),
            ("95 % interval, low", "violation_low"), ("95 % interval, high", "violation_high"),
        )
    ]  # fmt: skip
    label = "demands not met"
    title = "Marginal design: promised and simulated violations, 1,000 contract periods"
    save(curves({label: lines}, "theta", title, FOOTER, percent=(label,)), folder / "simulated_violations.png")
