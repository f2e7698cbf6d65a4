"""Report of a comparison: every variant's key figures with intervals, and paired differences from the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from esc_sim.results.compared_texts import late_texts, says_nothing
from esc_sim.views.report.common import done, json_file, notices, picture, provenance
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.views.report.sentences import comparison_answer, comparison_question
from esc_sim.written import format_interval


def comparison_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim compare --out` wrote."""
    summary = json_file(folder / "summary.json")
    first, variants, kpis = str(summary["first"]), summary["variants"], summary["kpis"]
    names = [str(name) for name in variants]
    others = [name for name in names if name != first]
    changes = {name: "; ".join(variant["changes"]) or variant["scenario"] for name, variant in variants.items()}
    note = f"Mean \u00b1 half width of the 95 % confidence interval over {manifest.get('replications')} replications."
    paired = (
        "Differences are taken replication by replication on the same random numbers, so that their intervals are "
        "narrow where the variants have most of their chance in common."
    )
    late = _late(summary, first)
    drawn, caption = folder / "compare.png", f"Differences from '{first}', with 95 % intervals."
    sections = [
        Section(f"Differences from '{first}'", [_grid(kpis, others, "difference", f"{note} {paired}")]),
        Section("Key figures", [_grid(kpis, names, "value", note)]),
        *([] if late is None else [Section("Customers served late or not at all", [late])]),
        *([Section("Figures", [picture(drawn, caption)])] if drawn.exists() else []),
        done(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                **{f"variant '{name}'": text for name, text in changes.items()},
                "length": f"{manifest.get('replications')} replications each",
                "seed": manifest.get("seed"),
            },
        ),
        provenance(manifest),
    ]
    data = summary["data"]
    return Report(
        str(summary["title"]), "Comparison", str(data["status"]), str(data["note"]), sections, notices(manifest),
        comparison_question(manifest, summary), comparison_answer(summary),
    )  # fmt: skip


def _grid(kpis: dict[str, Any], names: list[str], what: str, note: str) -> Grid:
    rows = []
    for kpi in kpis.values():
        if says_nothing(kpi):
            continue
        entries = [kpi["variants"][name][what] for name in names]
        unit = str(entries[0]["unit"])
        cells = [format_interval(entry, sign=what == "difference") for entry in entries]
        rows.append([str(kpi["label"]), *cells, "" if unit == "share" else unit])
    return Grid(["", *names, "unit"], rows, note=note)


def _late(summary: dict[str, Any], first: str) -> Grid | None:
    """Demand that is late or lost, by customer."""
    texts = late_texts(summary)
    if texts is None:
        return None
    note = f"Amounts over the run, in {summary['units']['goods']}; differences are from '{first}'."
    return Grid(["", *map(str, texts.columns[1:])], [list(map(str, row)) for row in texts.to_numpy()], note=note)
