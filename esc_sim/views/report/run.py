"""Report of a run: key figures with their intervals, resilience, figures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.results.circular import circular_line, circular_table
from esc_sim.results.losses import losses_line
from esc_sim.results.manifest import engines_of
from esc_sim.results.reading import read_run
from esc_sim.results.table import (
    demand_table,
    kpi_table,
    promise_table,
    resilience_table,
    service_tables,
    states_table,
    tier_table,
)
from esc_sim.views import figures_of
from esc_sim.views.report.common import done, notices, picture, provenance, terminal_grid
from esc_sim.views.report.parts import Grid, Picture, Report, Section, Words
from esc_sim.views.report.sentences import run_answer, run_question
from esc_sim.written import percent

_CAPTIONS: Final = {
    "cost_histogram": "Cost per period: how often, with VaR and CVaR.",
    "losses": "What replications lost against their undisrupted twins: profit and demand, with VaR and CVaR.",
    "resilience_curve": "Performance against the undisrupted twin.",
    "network_map": "Who ships how much to whom, and what was disrupted.",
    "stock_heatmap": "Stock by member and period.",
    "states": "What fields, buses and other parts showed of themselves, over time.",
    "promises": "What the plan promised, and what the simulation gave.",
}


def run_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim run --out` wrote; figures that are missing are drawn."""
    run = read_run(folder)
    summary = run.summary
    unit = run.units.period
    note = f"Mean ± half width of the 95 % confidence interval over {run.replications} replications."
    if run.replications == 1:
        note = "One replication has no confidence intervals."
    promises, resilience, states = promise_table(summary), resilience_table(summary), states_table(summary)
    tiers, service = tier_table(summary), service_tables(summary)
    sections = [
        Section("Key figures", [terminal_grid(kpi_table(summary), note), Words(losses_line(summary))]),
    ]
    if promises is not None:
        words = ". ".join([str(promises.title), *str(promises.caption or "").splitlines()])
        sections.append(Section("What the plan promised", [terminal_grid(promises, words)]))
    if resilience is not None:
        sections.append(Section("Resilience", [terminal_grid(resilience, str(resilience.title))]))
    circular = circular_table(summary)
    if circular is not None:
        said = [Words(circular_line(summary))] if circular_line(summary) else []
        sections.append(Section("Circular flows", [terminal_grid(circular, str(circular.title)), *said]))
    demand = demand_table(summary)
    served = [*([] if demand is None else [demand]), *service]
    if served:
        sections.append(Section("Service", [terminal_grid(table, str(table.title)) for table in served]))
    if tiers is not None:
        sections.append(Section("Tiers", [terminal_grid(tiers, str(tiers.title))]))
    if "lots" in summary:
        sections.append(Section("Where goods came from", [_origins(summary["lots"])]))
    if states is not None:
        sections.append(Section("States", [terminal_grid(states, str(states.title))]))
    sections += [
        Section("Figures", _pictures(folder, run)),
        done(
            manifest,
            {
                "scenario": f"{manifest.get('scenario')}: {run.title}",
                "plan": manifest.get("plan"),
                "length": f"{counted(run.replications, 'replication')} of {counted(run.period_count, unit)}",
                "seed": manifest.get("seed"),
                "engine": _engine(manifest),
                "network": f"{run.network.node_count} members, {run.network.arc_count} supply relations",
            },
        ),
        provenance(manifest),
    ]
    question, answer = run_question(manifest, summary), run_answer(manifest, summary)
    return Report(
        run.title, "Simulation run", run.data.status, run.data.note, sections, notices(manifest), question, answer
    )


def _engine(manifest: dict[str, Any]) -> str:
    """The engine that was asked for, and, where it chose itself, which engines played."""
    asked_for, parts = str(manifest.get("engine")), engines_of(manifest)
    if asked_for != "auto" or not parts:
        return asked_for
    played = ", ".join(f"{part.engine} replications {part.first} to {part.stop - 1}" for part in parts)
    return f"{asked_for}: {played}"


def _origins(lots: dict[str, Any]) -> Grid:
    """Shares of final sales by origin."""
    shares = [(entry["origin"], entry["share"]) for entry in lots["final_sales"]]
    shares += [("others", lots["rest"])] if lots["rest"] > 0 else []
    note = "What was sold to final customers, by the node in which it arose; stocks that were there at the start apart."
    return Grid(["origin", "share"], [[name, percent(share, digits=3)] for name, share in shares], note=note)


def _pictures(folder: Path, run: Any) -> list[Picture]:
    """Figures of the folder; those that are not there are drawn."""
    wanted = figures_of(run)
    missing = [name for name in wanted if not (folder / f"{name}.png").is_file()]
    with tempfile.TemporaryDirectory(prefix="esc-sim-report-") as drawn:
        if missing:
            run.draw(drawn, ["png"], missing)
        return [
            picture((Path(drawn) if name in missing else folder) / f"{name}.png", _CAPTIONS.get(name, name))
            for name in wanted
        ]
