"""Report of a recovery: what failed, the strategies, the chosen set, the cascade with it and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.views.report.common import done, json_file, notices, picture, provenance
from esc_sim.views.report.parts import Command, Grid, Report, Section, Words
from esc_sim.views.report.study_sentences import recovery_answer, recovery_question
from esc_sim.written import number

_CAPTIONS: Final = {
    "strategies.png": "Resilience RN of each strategy, with its mean and range on cascade seeds that no search saw.",
    "beta.png": "RN over beta on ten cascade seeds, without recovery and with the chosen nodes restored.",
    "convergence.png": "Best resilience found so far.",
    "map.png": "The network after the cascade, with the chosen nodes restored.",
    "map_without_recovery.png": "The same with nothing restored.",
    "rounds.png": "The cascade round by round, with the chosen nodes restored.",
    "rounds_without_recovery.png": "The same with nothing restored.",
}


def recovery_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim recover --out` wrote."""
    summary = json_file(folder / "summary.json")
    restored = [str(node) for node in summary.get("restored_names", summary["restored"])]
    sections = [
        Section(
            "The chosen nodes",
            [
                Words(f"Restore: {', '.join(restored) if restored else 'none'}."),
                Command(f"esc-sim run SCENARIO --plan {folder / 'plan.yaml'}"),
            ],
        ),
        Section("Strategies", [_strategies(summary["strategies"], int(summary["failed"]))]),
        Section("Figures", [picture(folder / n, words) for n, words in _CAPTIONS.items() if (folder / n).exists()]),
        done(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                "failed": f"{summary['failed']} nodes, {summary['failed_by']}; load {number(summary['failed_load'])}",
                "budget": f"{number(summary['budget'])} of load",
                "search": f"{manifest.get('strategy')}, {manifest.get('evaluations'):,} cascades at most",
                "beta": f"{beta['value']:g}, {beta['words']}" if (beta := summary.get("beta")) else None,
                "seed": manifest.get("seed"),
                "cascade seeds": manifest.get("cascade_seeds"),
            },
        ),
        provenance(manifest),
    ]
    data = summary["data"]
    return Report(
        str(summary["title"]), "Recovery", str(data["status"]), str(data["note"]), sections, notices(manifest),
        recovery_question(manifest, summary), recovery_answer(summary),
    )  # fmt: skip


def _strategies(rows: list[dict[str, Any]], failed: int) -> Grid:
    head = [
        "strategy",
        "RN",
        "strict RN",
        "RN on other seeds",
        "lowest",
        "highest",
        "load used",
        f"restored of {failed}",
    ]
    names = ["rn", "strict_rn", "out_of_seed_mean", "out_of_seed_min", "out_of_seed_max", "load_used", "restored"]
    cells = [[str(row["strategy"]), *(number(row[name]) for name in names)] for row in rows]
    return Grid(head, cells, note="The best first. strategies.csv also has the restored nodes by role.")
