"""What studies were asked and what came out, in words: sweeps, searches, recoveries, designs, stress tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from esc_sim.counted import counted, enumerated, several
from esc_sim.disruptions.health import hindered
from esc_sim.measures.registry import MEASURES
from esc_sim.measures.terms import SHARE, Terms
from esc_sim.results.knowledge import lasting_words, time_words
from esc_sim.scenario.path_words import path_words
from esc_sim.views.report.sentences import MOST_TOLD, Entry, in_sentence, paragraph, plan_words, played, setting, some
from esc_sim.views.report.shares import is_shown_as_share
from esc_sim.written import NONE, format_interval, mean_and_ends, number, percent, points

ROUNDING: Final = 1e-9
_KNOWN: Final = {"scenario": "as the rules say", "at_once": "known at once", "never": "never known"}
"""States of knowledge, as columns of knowledge.csv name them."""
_OF_ARCS: Final = {"arc", "product", "mode", "lane"}
"""Kinds of stressors that put arcs out, not sites."""


def sweep_question(manifest: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> str:
    """What was varied, and how.

    Args:
        manifest: of the sweep.
        rows: of sweep.csv.
    """
    varied = " and ".join(f"{path_words(path)} ({_values(path, rows)})" for path in manifest["parameters"])
    base = setting(manifest)
    return paragraph(
        f"What changes with {varied}?",
        f"Base case: {base}" if base else "",
        plan_words(manifest),
        f"{counted(manifest['points'], 'point')} ({manifest['design']}), {played(manifest)}.",
    )


def _values(path: str, rows: Sequence[Mapping[str, str]]) -> str:
    """The values of a parameter, or the least and the largest of many."""
    values = list(dict.fromkeys(row[path] for row in rows))
    if len(values) <= MOST_TOLD:
        return ", ".join(map(cell_words, values))
    try:
        return " to ".join(number(end(map(float, values))) for end in (min, max))
    except ValueError:
        return some(values, "value")


def sweep_answer(manifest: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> str:
    """Where the main key figures are largest and smallest, and whether that may be chance.

    Args:
        manifest: of the sweep.
        rows: of sweep.csv.
    """
    terms = terms_of(manifest)
    found = []
    for name in ("profit_total", "fill_rate"):
        measure = MEASURES[name]
        known = [(row, float(row[f"{name}.mean"])) for row in rows if row.get(f"{name}.mean")]
        if len(known) < 2:
            continue
        unit = "" if measure.is_share else f" {measure.unit_words(terms)}"
        (least, low), (most, high) = (end(known, key=lambda point: point[1]) for end in (min, max))
        if low == high:
            found.append(f"{measure.words(terms)} is the same at all points.")
            continue
        ends = [
            f"{some([_at(row, manifest) for row, value in known if value == extreme], 'point')} "
            f"({format_interval(sweep_entry(one, name))}{unit})"
            for one, extreme in ((most, high), (least, low))
        ]
        largest, smallest = sweep_entry(most, name)["ci_low"], sweep_entry(least, name)["ci_high"]
        overlap = largest is not None and smallest is not None and largest <= smallest
        chance = "; their intervals overlap, so that it may be chance: `esc-sim compare` tells" if overlap else ""
        found.append(f"{measure.words(terms)} is largest at {ends[0]} and smallest at {ends[1]}{chance}.")
    return " ".join(found)


def terms_of(manifest: Mapping[str, Any]) -> Terms:
    """What words and units of measures are filled with, as far as a manifest says so."""
    units, risk = manifest.get("units") or {}, manifest.get("risk") or {}
    money, goods, period = (str(units.get(name, name)) for name in ("money", "goods", "period"))
    return replace(Terms(money, goods, period), **risk)


def sweep_entry(row: Mapping[str, str], kpi: str) -> Entry:
    """A key figure of a row of sweep.csv, as an entry of summary.json."""
    cells = {part: row.get(f"{kpi}.{part}") for part in ("mean", "ci_low", "ci_high")}
    numbers = {part: float(cell) if cell else None for part, cell in cells.items()}
    return numbers | {"unit": SHARE if MEASURES[kpi].is_share else ""}


def _at(row: Mapping[str, str], manifest: Mapping[str, Any]) -> str:
    paths = manifest["parameters"]
    if len(paths) == 1:  # the question names it
        return cell_words(row[paths[0]])
    return ", ".join(f"{path_words(path)} {cell_words(row[path])}" for path in paths)


def cell_words(cell: str) -> str:
    """A cell of a table for reading."""
    try:
        return number(float(cell))
    except ValueError:
        return {"True": "yes", "False": "no"}.get(cell, cell)


def front_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What was sought, within which bounds."""
    sought = manifest.get("maximize", summary["measures"])
    objectives = " and ".join(_without_unit(label) for name, label in summary["measures"].items() if name in sought)
    which = "plan is" if chosen_in(summary) == "best" else "plans are"
    return paragraph(
        f"Which {which} best by {objectives}?",
        setting(manifest),
        f"Bounds: {summary['bounds']}." if summary.get("bounds") else "",
        f"{_played(manifest)}, seed {manifest['seed']}; what "
        f"is told below holds on {manifest['held_out']} replications that the search has not seen.",
    )


def chosen_in(summary: Mapping[str, Any]) -> str:
    """What the plan to take is called in a summary: "best" of one objective, "compromise" of several."""
    return "best" if "best" in summary["held_out"] else "compromise"


def _played(manifest: Mapping[str, Any]) -> str:
    """How many replications a search took."""
    if manifest.get("budget") is not None:
        return f"The search may spend {manifest['budget']:,} replications"
    return f"Each design is played in {counted(manifest['replications'], 'replication')}"


def front_answer(summary: Mapping[str, Any]) -> str:
    """What the compromise changes against the base plan."""
    choice = chosen_in(summary)
    if summary["held_out"][choice] is None:
        if choice == "best":
            return "No design is likely to keep all constraints."
        return "No design keeps all constraints on the held-out random numbers."
    changes = []
    for name, label in summary["measures"].items():
        relative, change = summary["relative_change"].get(name), summary["held_out"]["change"][name]
        size = (
            points(change)
            if is_shown_as_share(name, label)
            else NONE
            if relative is None
            else percent(relative, sign=True, digits=2)
        )
        changes.append(f"{_without_unit(label)} by {size}")
    word = "best plan" if choice == "best" else "compromise"
    changed = f"Against the base plan, the {word} changes {' and '.join(changes)}."
    if choice == "best":
        return changed
    best = [_best_words(str(summary["measures"][name]), one) for name, one in summary.get("best", {}).items()]
    return paragraph(changed, f"Best on the front: {'; '.join(best)}." if best else "")


def _best_words(label: str, best: Mapping[str, Any]) -> str:
    """The best value of an objective on the front, and how it differs from the base plan's."""
    name, unit = label.partition(" [")[::2]
    value, relative = best["value"], best["relative_change"]
    change = f" ({percent(relative, sign=True, digits=2)})" if relative is not None else ""
    return f"{in_sentence(name)} {number(value)}{' ' + unit.rstrip(']') if unit else ''}{change}"


def _without_unit(label: str) -> str:
    """A label within a sentence, without the unit that stands in brackets behind it."""
    return in_sentence(str(label).partition(" [")[0])


def recovery_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What failed, and what may be spent; the scenario's disruptions are not played, so they are not told."""
    asked = manifest.get("asked") or {}
    others = bool(asked.get("disruptions")) and not summary.get("by_disruption", True)
    return paragraph(
        f"Which of {summary['failed']} failed nodes ({summary['failed_by']}) should be restored first, with a budget "
        f"of {summary.get('budget_words', number(summary['budget']) + ' of load')}?",
        f"The cascade from them on is played{', and none of the disruptions of the scenario' if others else ''}.",
        setting({"asked": {"changes": asked.get("changes", [])}}),
    )


def recovery_answer(summary: Mapping[str, Any]) -> str:
    """Which nodes to restore, how many work then and without, which fail again, and whether that hangs on beta."""
    restored, cascade, beta = summary["restored"], summary["cascade"], summary.get("beta", {})
    by_strategy = {row["strategy"]: row for row in summary["strategies"]}
    found, without = by_strategy[summary["chosen"]], by_strategy["none"]
    how, again = summary.get("chosen_words", summary["chosen"]), cascade.get("restored_failed_again", [])

    def with_and_without(there: str, alone: str) -> str:
        return f"{there}, without recovery {alone}" if restored else there

    seen = with_and_without(f"{_seen(found)} of {summary['nodes']:,} nodes", _seen(without))
    own = with_and_without(number(summary["rn"]), number(summary["rn_without_recovery"]))
    failed = with_and_without(str(cascade["failed_in_it"]), str(cascade["failed_in_it_without_recovery"]))
    names = enumerated(summary.get("restored_names", restored), MOST_TOLD)
    return paragraph(
        f"Restore {names}: {len(restored)} of {summary['failed']} failed nodes ({how})."
        if restored
        else f"Restore none of them ({how}).",
        f"On cascade seeds that the search has not seen, the largest functional part of the network then has {seen}; "
        f"on the search's own {own}.",
        f"Further nodes that fail in the cascade: {failed}.",
        f"{len(again)} of the restored nodes fail again in it: {enumerated(again, MOST_TOLD)}." if again else "",
        f"But {beta['warning'].partition(';')[0]}." if beta.get("warning") else "",
        f"Beta {beta['value']:g} is {beta['words']}." if beta.get("warning") and beta["from"] == "default" else "",
    )


def _seen(row: Mapping[str, Any]) -> str:
    """Mean and range of RN over further cascade seeds."""
    ends = [number(row[f"out_of_seed_{end}"]) for end in ("min", "max")]
    return number(row["out_of_seed_mean"]) + (f" ({' to '.join(ends)})" if len(set(ends)) > 1 else "")


def design_question(manifest: Mapping[str, Any]) -> str:
    """Which kind of design was asked for."""
    return paragraph(f"What does the best {manifest['kind']} design cost?", setting(manifest))


def design_answer(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What it costs; empty where the kind does not say so in one number."""
    cost = summary.get("cost", summary.get("cost_per_day"))
    if not isinstance(cost, int | float):
        return ""
    money = (manifest.get("units") or {}).get("money", "money")
    gap = summary.get("gap")
    proved = ""
    if isinstance(gap, float) and math.isfinite(gap):
        proved = (
            f"; no design is cheaper by more than {percent(gap, digits=2)}" if gap > ROUNDING else "; none is cheaper"
        )
    costs = f"It costs {number(cost)} {money}{'' if 'cost' in summary else ' a day'}{proved}."
    return paragraph(costs, _signed(manifest, summary))


def _signed(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """With whom to sign at which level, and what to reserve of whom; empty where the kind does not ask that."""
    levels, reserves = summary.get("primaries") or {}, summary.get("backups") or {}
    goods = (manifest.get("units") or {}).get("goods", "goods")
    at_level = {level: [name for name, of in levels.items() if of == level] for level in levels.values()}
    signed = [f"{enumerated(names)} at {level}" for level, names in at_level.items()]
    kept = [f"{number(amount, digits=1)} {goods} of {name}" for name, amount in reserves.items()]
    said = [f"sign {'; '.join(signed)}"] if signed else []
    said += [f"reserve {enumerated(kept)}"] if kept else []
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def stress_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What was tried, one outage at a time, what an outage stops, and what was asked beside it."""
    outage, period, count = summary["outage"], str(summary["units"]["period"]), summary["stressors"]
    starts = " or ".join(f"{start:g}" for start in outage["starts"])
    lasts = f"lasts {lasting_words(outage['durations'], period)} from {period} {starts} on"
    asks = f"Which outage hurts most? Each of {count:,}, one at a time, {lasts}."
    if count == 1:
        asks = f"What does an outage of {_out(summary['worst'][0])} cost? It {lasts}."
    return paragraph(
        asks,
        stopped_words(summary),
        setting(manifest, "Nothing else is disrupted"),
        f"{counted(summary['replications'], 'replication')} of each, seed {summary['seed']}, beside the same run "
        "without it.",
        _asked_beside(summary),
    )


def stopped_words(summary: Mapping[str, Any]) -> str:
    """What sites and arcs that are out cannot do.

    Args:
        summary: of a stress test.
    """
    outage, kinds = summary["outage"], {worst["kind"] for worst in summary["worst"]}
    health, found = outage.get("health") or 0.0, []
    if kinds - _OF_ARCS and outage.get("stops"):
        found.append(f"a site that is out {hindered(outage['stops'], False, health)}")
    if kinds & _OF_ARCS:
        found.append(f"an arc {'' if found else 'that is out '}{hindered((), True, health)}")
    told = "; ".join(found)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _asked_beside(summary: Mapping[str, Any]) -> str:
    """The reverse test and the levers, as far as they were asked for."""
    asked, levers, money = [], summary.get("levers"), summary["units"].get("money", "money")
    if summary.get("reverse") is not None:
        asked.append(f"What would it take to get to {summary['reverse']['limit']}?")
    if levers is not None:
        chosen = levers["portfolio"]
        budget = "" if chosen is None else f", for {number(chosen['budget'])} {money} a year"
        asked.append(f"What could be done about the worst{budget}?")
    return paragraph(*asked)


def _out(row: Mapping[str, Any]) -> str:
    return f"{row['stressor']} ({row['kind']})"


def stress_answer(summary: Mapping[str, Any]) -> str:
    """The worst outage in words, and what came of what was asked beside it."""
    return paragraph(_worst(summary), *_found_beside(summary))


def _worst(summary: Mapping[str, Any]) -> str:
    worst, units = summary["worst"][0], summary["units"]
    period = str(units["period"])
    if worst["impact"] <= 0.0:
        length = lasting_words(summary["outage"]["durations"], period)
        return f"None: no outage of {length} that was tried costs any profit."
    length = time_words(float(worst["duration"]), period)
    ends = [worst["impact_low"], worst["impact_high"]]
    low, high = ends if ends[0] != ends[1] else (None, None)  # nothing is random
    impact = {"mean": worst["impact"], "ci_low": low, "ci_high": high, "unit": ""}
    found = (
        f"That of {_out(worst)}: {length} of it cost{'s' if length.startswith('1 ') else ''} "
        f"{mean_and_ends(impact, str(units['money']) + ' of profit on average')}."
    )
    if worst["lost_demand"]:
        found += f" Final demand lost: {number(worst['lost_demand'])} {several(str(units['goods']))}."
    if worst["late_demand"]:
        found += f" Customers wait {number(worst['late_demand'])} {units['goods']} x {period} longer."
    if worst["time_to_survive"] == "inf":
        return f"{found} Service never falls short in most runs."
    fell, back = float(worst["time_to_survive"]), worst["time_to_recover"]
    found += f" In the median run service falls short {f'after {time_words(fell, period)}' if fell else 'at once'}"
    if back is None or float(back) < fell:  # medians of different runs
        return f"{found}."
    return f"{found} and is back {time_words(float(back), period)} after the outage began."


def _found_beside(summary: Mapping[str, Any]) -> list[str]:
    found, money = [], summary["units"].get("money", "money")
    if summary.get("reverse") is not None:
        found.append(f"Reverse test: {summary['reverse']['words']}.")
    if summary.get("levers") is not None and summary["levers"]["portfolio"] is not None:
        found.append(portfolio_words(summary["levers"], money))
    return found


def portfolio_words(levers: Mapping[str, Any], money: str) -> str:
    """The chosen levers: what they cost, and what they avoid of what.

    Args:
        levers: of summary.json of a stress test.
        money: the currency.
    """
    chosen = levers["portfolio"]
    budget = f"For {number(chosen['budget'])} {money} a year"
    if not chosen["levers"]:
        return f"{budget}: no lever that it pays for avoids anything."
    return (
        f"{budget}: {'; '.join(chosen['levers'])}. They cost {number(chosen['yearly_cost'])} {money} a year and avoid "
        f"{number(chosen['joint_effect'])} {money} {avoided_words(levers)}."
    )


def avoided_words(levers: Mapping[str, Any]) -> str:
    """Of what an impact avoided is a part: of a year, or of one outage of each of the worst.

    Args:
        levers: of summary.json of a stress test.
    """
    if levers["impact_is_added_up"] == "a year":
        return "a year"
    total = sum(exposure["impact"] for exposure in levers["exposures"])
    return f"of the {number(total)} that one outage of each of the {len(levers['exposures'])} worst costs together"


def known_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The states of knowledge that a row of knowledge.csv tells of, in words."""
    return {word: said for word, said in _KNOWN.items() if f"impact_{word}" in row}


def knowledge_words(rows: Sequence[Mapping[str, Any]], money: str) -> str:
    """The worst outage by what buyers know of it; empty where one state of knowledge alone was played.

    Args:
        rows: of knowledge.csv.
        money: the currency.
    """
    known = known_of(rows[0]) if rows else {}
    if len(known) < 2:
        return ""
    found = []
    for word, said in known.items():
        worst = max(rows, key=lambda row: float(row[f"impact_{word}"]))
        found.append(f"{said}: {_out(worst)}, {number(float(worst[f'impact_{word}']))} {money}")
    return f"worst by when buyers learn of outages: {'; '.join(found)}"
