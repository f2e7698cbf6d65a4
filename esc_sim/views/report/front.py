"""Report of an optimization: the front, the compromise, what it promises on held-out random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from esc_sim.views.report.common import asked, csv_grid, json_file, notices, number, picture, provenance
from esc_sim.views.report.parts import Command, Grid, Report, Section, Words


def front_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim optimize --out` wrote."""
    summary = json_file(folder / "summary.json")
    measures, held_out, relative = summary["measures"], summary["held_out"], summary["relative_change"]
    rows = [
        [
            str(label),
            number(held_out["base"][name]),
            number(held_out["compromise"][name]),
            number(held_out["change"][name], sign=True),
            f"{100 * relative[name]:+.2f} %" if relative.get(name) is not None else "",
        ]
        for name, label in measures.items()
    ]
    sizes = f"{manifest.get('population')} designs, {manifest.get('generations_finished')} generations"
    judged = f"{manifest.get('replications')} replications of {manifest.get('periods')} periods a design"
    sections = [
        asked(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                "objectives": list(measures.values()),
                "bounds": summary.get("bounds"),
                "search": f"{manifest.get('algorithm')}: {sizes}, {judged}",
                "seed": manifest.get("seed"),
            },
        ),
        Section(
            "The compromise",
            [
                Grid(["objective", "base plan", "compromise", "change", "relative"], rows),
                Words(
                    f"Judged again on {manifest.get('held_out')} replications of random numbers that the search has "
                    "not seen. The changes hold for the bounds above."
                ),
                Command(f"esc-sim run SCENARIO --plan {folder / 'compromise.yaml'}"),
            ],
        ),
        Section(
            "The front",
            [
                picture(folder / "front.png", "Plans that no other plan beats in all objectives."),
                Words(
                    f"{summary.get('designs')} designs, {summary.get('non_dominated')} of them not beaten on the "
                    f"held-out numbers, from {summary.get('simulated_periods'):,} simulated periods."
                ),
                csv_grid(folder / "front.csv", "One row a plan, objectives first, then the decisions."),
            ],
        ),
        provenance(manifest),
    ]
    data = summary["data"]
    return Report(
        str(summary["title"]), "Optimization", str(data["status"]), str(data["note"]), sections, notices(manifest)
    )
