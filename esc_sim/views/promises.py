"""What the plan of a run promised, beside what the simulation gave."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esc_sim.results.run import Result
from esc_sim.views.style import BLUE, VERMILION, finish, legend_of, new_figure, refuse_empty, styled

_PROMISED, _SIMULATED = "promised at most", "simulated, with 95 % confidence interval"


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    return "" if run.summary.get("promises") else "the run carried out no plan, or one that promises nothing"


@styled
def promises(run: Result) -> Figure:
    """One row for each figure that the plan promises: the promise as a bar, the simulated mean with its interval.

    The verdict stands behind the name of each. Each row has an axis of its own, since units and sizes differ.

    Raises:
        InputError: nothing was promised.
    """
    refuse_empty("promises", why_empty(run))
    entries = list(run.summary["promises"].values())
    figure = new_figure(height=1.1 + 0.72 * len(entries))
    axes = list(figure.subplots(len(entries), 1, squeeze=False)[:, 0])
    for axis, entry in zip(axes, entries, strict=True):
        _row(axis, entry)
    legend = {label: artist for axis in axes for label, artist in legend_of(axis).items()}
    return finish(figure, run, "Promised and simulated", legend)


def _row(axis: Axes, entry: dict[str, Any]) -> None:
    share = entry["unit"] == "share"
    scale = 100.0 if share else _scale(entry)
    known = entry["ci_low"] is not None
    low, high = (entry["ci_low"], entry["ci_high"]) if known else (entry["mean"], entry["mean"])
    mean = entry["mean"] * scale
    spread = [[mean - low * scale], [high * scale - mean]]
    axis.errorbar([mean], [0.0], xerr=spread, fmt="o", color=BLUE, capsize=4, markersize=5, label=_SIMULATED)
    seen = [mean, low * scale, high * scale]
    if entry["promised_at_most"] is not None:
        promised = entry["promised_at_most"] * scale
        axis.plot([promised] * 2, [-0.6, 0.6], color=VERMILION, linewidth=2.0, linestyle="--", label=_PROMISED)
        seen.append(promised)
    least = 1e-9 if any(seen) and not share else 1.0
    span = max(max(seen) - min(seen), 0.02 * max(abs(v) for v in seen), least)
    left = min(seen) - 0.35 * span
    if min(seen) >= 0.0:
        left = max(left, -0.08 * span)  # nothing here is negative
    axis.set_xlim(left, max(seen) + 0.35 * span)
    axis.set_ylim(-1.0, 1.0)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.ticklabel_format(axis="x", useOffset=False, style="plain")
    words = "%" if share else {1.0: "", 1e-3: "thousand ", 1e-6: "million "}[scale] + entry["unit"]
    label = entry["label"].strip()
    verdict = f": {entry['verdict']}" if entry.get("verdict") else ""
    axis.set_xlabel(f"{label[0].upper()}{label[1:]} [{words}]{verdict}", fontsize=7.5)


def _scale(entry: dict[str, Any]) -> float:
    size = max(abs(entry["mean"]), abs(entry["promised_at_most"] or 0.0))
    return 1e-6 if size >= 1e6 else 1e-3 if size >= 1e4 else 1.0
