"""The table of the study: written, read again, printed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from esc_sim.storage.files import write_text
from experiments.published.gym_invmgmt.study import OURS, TARGETS, THEIRS, Found, mean_gap

SHOWN = ("MSSP_I", "PPO_Transformer", "sS_I")
"""Published policies that are printed and drawn."""


def rows(found: Sequence[Found]) -> list[dict[str, Any]]:
    """A row a scenario: ours, then the published columns."""
    table = []
    for one in found:
        row: dict[str, Any] = {
            "scenario": one.case.name, "oracle": round(float(one.oracle.mean()), 4),
            "oracle_published": float(one.case.row["Oracle_Profit"]), "oracle_verdict": one.oracle_verdict,
        }  # fmt: skip
        for name, ours in one.ours.items():
            row |= {f"{name}_profit": round(float(ours.profits.mean()), 2), f"{name}_gap": round(ours.gap, 2),
                    f"{name}_margin": round(ours.margin, 2), f"{name}_worst": round(ours.worst, 2)}  # fmt: skip
        row |= {f"{who}_gap": one.theirs(who) for who in THEIRS}
        row |= {f"{who}_worst": float(one.case.row[f"{who}_CVaR5"]) for who in ("MSSP_I", "sS_I")}
        table.append(row | {f"{name}_ahead_of": "; ".join(one.ahead_of(name)) for name in OURS})
    return table


def write(table: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the table as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text.getvalue())


def heading() -> str:
    """Heads of the lines that are printed."""
    theirs = "".join(f"{who.replace('_Transformer', ''):>8}" for who in SHOWN)
    return f"{'scenario':48} {'oracle':>9} {'printed':>9}  verdict  {'levels':>13} {'rolling':>13}{theirs}  ahead of"


def line(one: Found) -> str:
    """A scenario in a line: gaps to the oracle in percent."""
    ours = " ".join(f"{c.gap:6.2f} ± {c.margin:4.2f}" for c in one.ours.values())
    theirs = "".join(f"{one.theirs(who):8.2f}" for who in SHOWN)
    ahead = ", ".join(f"{OURS[name]} {len(one.ahead_of(name))} of {len(THEIRS)}" for name in OURS)
    return (
        f"{one.case.name:48} {one.oracle.mean():9.2f} {float(one.case.row['Oracle_Profit']):9.2f}  "
        f"{one.oracle_verdict:7}  {ours}{theirs}  {ahead}"
    )


def summary(found: Sequence[Found]) -> str:
    """Mean gaps over the scenarios, ours with the verdict on what is asked for."""
    lines = []
    for name, words in OURS.items():
        gap, margin = mean_gap(found, name)
        verdict = "holds" if gap + margin < TARGETS[name] else "fails" if gap - margin >= TARGETS[name] else "not shown"
        lines.append(
            f"{words}: mean gap {gap:.2f} ± {margin:.2f} %; at most {TARGETS[name]:.0f} % asked for: {verdict}"
        )
    for who, words in THEIRS.items():
        lines.append(f"{words} (published): mean gap {np.mean([one.theirs(who) for one in found]):.2f} %")
    return "\n".join(lines)
