"""Report of an optimization: the front, the compromise, what it promises on held-out random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from esc_sim.views.report.common import csv_grid, done, json_file, notices, picture, provenance, run_with
from esc_sim.views.report.parts import Command, Grid, Picture, Report, Section, Words
from esc_sim.views.report.shares import is_shown_as_share
from esc_sim.views.report.study_sentences import chosen_in, front_answer, front_question
from esc_sim.written import number, percent, points, promised_and_simulated


def front_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder that `esc-sim optimize --out` wrote."""
    summary = json_file(folder / "summary.json")
    measures, held_out, relative = summary["measures"], summary["held_out"], summary["relative_change"]
    choice = chosen_in(summary)
    there_is_one = held_out[choice] is not None
    found = held_out[choice if there_is_one else "nearest"]
    rows = [
        [
            str(label),
            *_values(is_shown_as_share(name, label), held_out["base"][name], found[name]),
            percent(relative[name], sign=True, digits=3) if relative.get(name) is not None else "",
        ]
        for name, label in measures.items()
    ]
    sizes = f"{manifest.get('population')} designs, {manifest.get('generations_finished')} generations"
    judged = f"{manifest.get('replications')} replications of {manifest.get('periods')} periods a design"
    sections = [
        _taken(folder, manifest, rows, summary) if there_is_one else _none(manifest, rows, summary),
        _course(folder, summary) if choice == "best" else _front(folder, summary),
        done(
            manifest,
            {
                "scenario": f"{summary['scenario']}: {summary['title']}",
                "objectives": [label for name, label in measures.items() if name in manifest.get("maximize", measures)],
                "bounds": summary.get("bounds"),
                "search": f"{manifest.get('algorithm')}: {sizes}, {judged}",
                "seed": manifest.get("seed"),
                **({"around the plan": manifest["plan"]} if "plan" in manifest else {}),
            },
        ),
        provenance(manifest),
    ]
    data = summary["data"]
    return Report(
        str(summary["title"]), "Optimization", str(data["status"]), str(data["note"]), sections, notices(manifest),
        front_question(manifest, summary), front_answer(summary),
    )  # fmt: skip


def _front(folder: Path, summary: dict[str, Any]) -> Section:
    parts: list[Words | Command | Grid | Picture] = [
        picture(folder / "front.png", "Plans that no other plan beats in all objectives."),
        Words(
            f"{summary.get('designs')} designs, {summary.get('non_dominated')} of them not beaten on the "
            f"held-out numbers, from {summary.get('simulated_periods'):,} simulated periods."
            f"{_holds(summary.get('hypervolume', {}))}"
        ),
        csv_grid(folder / "front.csv", "One row a plan, objectives first, then the decisions."),
    ]
    return Section("The front", parts)


def _course(folder: Path, summary: dict[str, Any]) -> Section:
    """How a search with one objective went."""
    gain = summary["gain"]
    words = f"{summary['replications']:,} replications, {summary['simulated_periods']:,} simulated periods."
    if gain["share_kept"] is not None:
        words += f" Held out, {100 * gain['share_kept']:.0f} % of the gain on the base plan is left."
    if "selection" in summary:
        words += f" {_selected(summary['selection'])}"
    parts: list[Words | Command | Grid | Picture] = [
        picture(folder / "progress.png", "The best value by replications spent."),
        Words(words),
        csv_grid(folder / "front.csv", "One row a plan, the best of the search first; the decisions come last."),
    ]
    return Section("The search", parts)


def _selected(entry: dict[str, Any]) -> str:
    """What a selection among the last few designs can say."""
    share = percent(entry["probability_of_correct_selection"])
    return (
        f"{entry['method'].upper()} selected the best of {entry['designs']} designs in {entry['replications']:,} new "
        f"replications; probability of a correct selection {share} ({entry['probability_is']}), differences below "
        f"{number(entry['delta'])} apart."
    )


def _limits(summary: dict[str, Any]) -> list[Grid]:
    """Whether the limits are kept, with intervals."""
    entries = summary.get("constraints", [])  # none in folders of earlier versions
    rows = [[entry["label"], *promised_and_simulated(entry), entry["verdict"]] for entry in entries]
    return [Grid(["limit of", "limit", "held out", "verdict"], rows)] if rows else []


def _values(share: bool, base: float, value: float) -> tuple[str, str, str]:
    """Base plan, plan and change; of shares in percent and points."""
    if share:
        return percent(base), percent(value), points(value - base)
    return number(base), number(value), number(value - base, sign=True)


def _taken(folder: Path, manifest: dict[str, Any], rows: list[list[str]], summary: dict[str, Any]) -> Section:
    word, file = ("best plan", "plan.yaml") if chosen_in(summary) == "best" else ("compromise", "compromise.yaml")
    parts: list[Words | Command | Grid | Picture] = [
        Grid(["objective", "base plan", word, "change", "relative"], rows),
        *_limits(summary),
        Words(f"{_judged(manifest, word == 'best plan')} The changes hold for the bounds above."),
        run_with(manifest, folder / file),
    ]
    return Section(f"The {word}", parts)


def _none(manifest: dict[str, Any], rows: list[list[str]], summary: dict[str, Any]) -> Section:
    """Where no design keeps the constraints."""
    one = chosen_in(summary) == "best"
    which = "is likely to keep all constraints" if one else "keeps all constraints on the held-out random numbers"
    parts: list[Words | Command | Grid | Picture] = [
        Words(f"No design {which}, so there is no plan to run."),
        Grid(["objective", "base plan", "nearest to the limits", "change"], [row[:-1] for row in rows]),
        *_limits(summary),
        Words(_judged(manifest, one)),
    ]
    return Section("No best plan" if one else "No compromise", parts)


def _judged(manifest: dict[str, Any], one: bool) -> str:
    """How the numbers were judged.

    Args:
        manifest: of the folder.
        one: whether there is one objective, for which the table of designs has intervals.
    """
    means = f"Means over {manifest.get('held_out')} replications of random numbers that the search has not seen"
    if one:
        return f"{means}; the table of designs has their 95 % intervals."
    return f"{means}, without intervals: `run` the scenario with and without the plan to see them."


def _holds(volume: dict[str, Any]) -> str:
    """What became of the hypervolume on numbers that the search has not seen; nothing in folders that do not say it."""
    if "share_kept" not in volume:
        return ""
    share = volume["share_kept"]
    if share is None:
        return " The front dominates nothing: no design kept all constraints in training."
    words = f" Held out, {100 * share:.0f} % of the hypervolume in training is left"
    if volume.get("falls_far_below"):
        return f"{words}: less than {100 * volume['least_share']:.0f} %, so the front does not hold; see the notices."
    return f"{words}."
