"""Plans in the simulation: what each promises beside what 1,000 contract periods give."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from esc_sim.design.sourcing.command import read_case, solve_case
from esc_sim.design.sourcing.handover import contract_plan
from esc_sim.results.summary import build_summary
from esc_sim.scenario.reader import load_scenario
from esc_sim.simulation import simulate
from experiments.sourcing.case import FOLDER, with_moving_backup_prices
from experiments.sourcing.compute import Case
from scenarios.electrolyte import generate

REPLICATIONS, RUN_SEED = 1000, 1
VARIANTS: tuple[tuple[str, float | None], ...] = (
    ("deterministic", None),
    *(("ddro-marginal", theta) for theta in (0.01, 0.05, 0.1, 0.2)),
    *(("ddro-joint", theta) for theta in (0.05, 0.1)),
    ("bro", 0.05),
)
HEADER = [
    "instance", "demand", "theta", "cost_promised", "cost", "second_stage_promised", "second_stage", "epf_promised",
    "epf", "epf_low", "epf_high", "cvar_promised", "cvar", "violation_promised", "violation", "violation_low",
    "violation_high", "short_periods_promised", "short_periods",
]  # fmt: skip


def simulated(case: Case) -> None:
    """Cost, EPF, CVaR and unmet demands of each plan, promised and simulated; the law of failures is the design's."""
    rows = [_row("shipped", FOLDER, kind, theta, 49e6) for kind, theta in VARIANTS]
    with tempfile.TemporaryDirectory() as name:
        folder = moving_folder(case, Path(name) / "electrolyte")
        rows += [
            _row("moving backup prices", folder, kind, theta, 30e6)
            for kind, theta in (("ddro-marginal", 0.05), ("ddro-marginal", 0.1))
        ]
    case.write("simulated.csv", HEADER, rows)


def moving_folder(case: Case, folder: Path) -> Path:
    """The scenario with the SYNTHETIC backup prices of `with_moving_backup_prices`, in the design and the network."""
    shutil.copytree(FOLDER, folder)
    factors = (with_moving_backup_prices(case.instance).backup_price / case.instance.backup_price)[:, 0, 0]
    path = folder / "disruption_scenarios.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [
        f"{lines[0]},backup_price_factor",
        *(f"{x},{f!r}" for x, f in zip(lines[1:], factors.tolist(), strict=True)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    generate.main(folder, folder)
    return folder


def _row(instance: str, folder: Path, kind: str, theta: float | None, budget: float) -> list[object]:
    changes: dict[str, Any] = {"design.sourcing.demand": kind, "design.sourcing.budget": budget}
    changes |= {"design.sourcing.gap": 1e-5} | ({} if theta is None else {"design.sourcing.theta": theta})
    scenario = load_scenario(folder, changes)
    case = read_case(scenario)
    design = solve_case(case)
    plan = contract_plan(design, name=f"{kind} {theta}", spot_market=generate.SPOT, past=case.past)
    run = simulate(scenario, plan=plan, replications=REPLICATIONS, seed=RUN_SEED)
    found = build_summary(run)["promises"]

    def both(name: str, digits: int) -> list[str]:
        entry = found[name]
        promised = "" if entry["promised_at_most"] is None else f"{entry['promised_at_most']:.{digits}f}"
        return [promised, f"{entry['mean']:.{digits}f}"]

    def interval(name: str) -> list[str]:
        return [f"{found[name][key]:.5f}" for key in ("ci_low", "ci_high")]

    return [
        instance, kind, "" if theta is None else theta, *both("cost", 0), *both("second_stage", 0), *both("epf", 5),
        *interval("epf"), *both("cvar", 0), *both("violation", 5), *interval("violation"),
        *both("short_periods", 5),
    ]  # fmt: skip
