"""Report of a recovery: what failed, the strategies, the chosen set, the cascade with it and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.views.report.common import done, json_file, notices, picture, provenance, run_with
from esc_sim.views.report.parts import Grid, Report, Section, Words
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
                run_with(manifest, folder / "plan.yaml")
                if summary.get("plan_can_be_run", True)
                else Words("No disruption of the scenario spreads, so no run can carry this plan out."),
            ],
        ),
        Section("Strategies", [_strategies(summary["strategies"], int(summary["failed"]))]),
        *(
            [Section("RN over beta", [_over_beta(summary["beta"], bool(restored))])]
            if "kept" in summary.get("beta", {})
            else []
        ),
        Section("Figures", [picture(folder / n, words) for n, words in _CAPTIONS.items() if (folder / n).exists()]),
        done(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                "failed": f"{summary['failed']} nodes, {summary['failed_by']}; load {number(summary['failed_load'])}",
                "budget": summary.get("budget_words", f"{number(summary['budget'])} of load"),
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


def _over_beta(beta: dict[str, Any], any_restored: bool) -> Grid:
    """Every second beta, the chosen one among them: mean and range over the cascade seeds."""
    rows, measure = beta["range"], beta["measure"]
    place = next(k for k, row in enumerate(rows) if row["chosen"])
    names = {"without_recovery": "without recovery"} | ({"restored": "restored"} if any_restored else {})
    cells = [
        [number(row["beta"]) + (" (chosen)" if row["chosen"] else ""), *(_ends(row, f"rn_{name}") for name in names)]
        for row in rows[place % 2 :: 2]
    ]
    seeds, kept = beta["seeds"], beta["kept"]
    note = f"Mean and range over cascade seeds {seeds[0]} to {seeds[-1]}; {kept}. beta.csv has every beta."
    return Grid(["beta", *(f"{measure} {words}" for words in names.values())], cells, note=note)


def _ends(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1f} ({row[f'{name}_min']} to {row[f'{name}_max']})"


def _strategies(rows: list[dict[str, Any]], failed: int) -> Grid:
    head = [
        "strategy",
        "RN, mean",
        "lowest",
        "highest",
        "RN on the search's seed",
        "strict RN there",
        "load used",
        f"restored of {failed}",
    ]
    names = ["out_of_seed_mean", "out_of_seed_min", "out_of_seed_max", "rn", "strict_rn", "load_used", "restored"]
    cells = [[str(row.get("words", row["strategy"])), *(number(row[name]) for name in names)] for row in rows]
    return Grid(
        head,
        cells,
        note="The best first, by the mean over cascade seeds that no search has seen; to its own seed a set is fitted. "
        "strategies.csv also has the restored nodes by role.",
    )
