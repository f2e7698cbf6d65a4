"""What was asked and what came out of it, in words: how every report begins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.registry import MEASURES, SEARCHED
from esc_sim.measures.terms import SHARE, Terms
from esc_sim.results.asked import change_words
from esc_sim.results.knowledge import lasting_words, time_words
from esc_sim.results.run import DISRUPTED, UNDISRUPTED
from esc_sim.written import NONE, format_interval, mean_and_ends, number, percent, points

_MOST_TOLD: Final = 4
_ROUNDING: Final = 1e-9

Entry = Mapping[str, Any]


def setting(manifest: Mapping[str, Any], undisturbed: str = "") -> str:
    """Disruptions, what buyers know of them, and what was changed, as far as a manifest says so.

    Args:
        manifest: of the results.
        undisturbed: what to say where nothing is disrupted.
    """
    asked = manifest.get("asked") or {}
    disruptions, changes, known = asked.get("disruptions", []), asked.get("changes", []), asked.get("known_after", "")
    told = [_some(disruptions, "disruption") if disruptions else undisturbed if asked else ""]
    told += [f"{known[:1].upper()}{known[1:]}"] if known else []
    changes = [change for change in changes if not change.startswith("disruptions=")]  # they are told already
    told += [f"Changed against the scenario: {_some(list(map(change_words, changes)), 'change')}"] if changes else []
    return _paragraph(*(f"{sentence}." for sentence in told if sentence))


def _paragraph(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _some(texts: Sequence[str], noun: str) -> str:
    more = len(texts) - _MOST_TOLD
    return "; ".join(texts[:_MOST_TOLD]) + (f"; and {counted(more, noun)} more" if more > 0 else "")


def run_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Who is disrupted, what was changed, how often and how long it was played."""
    disrupted = "difference" in summary["kpis"]
    asks = "What do disruptions cost?" if disrupted else "What does the network earn and serve?"
    length = (
        f"{counted(summary['replications'], 'replication')} of "
        f"{counted(summary['periods'], str(summary['units']['period']))}, seed {summary['seed']}"
    )
    beside = ", each beside the same run without disruptions" if disrupted else ""
    return _paragraph(asks, setting(manifest, "Nothing is disrupted"), _plan(manifest), f"{length}{beside}.")


def _plan(manifest: Mapping[str, Any]) -> str:
    return f"Plan: {manifest['plan']}." if manifest.get("plan") else ""


def run_answer(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What disruptions cost in profit and service, with intervals, and when service is back."""
    kpis, units = summary["kpis"], summary["units"]
    money, period = str(units["money"]), str(units["period"])
    if "difference" not in kpis:
        found = kpis[UNDISRUPTED]
        served = f", with a fill rate of {mean_and_ends(found['fill_rate'])}" if _has(found, "fill_rate") else ""
        earned = f"It earns {mean_and_ends(found['profit_per_period'], f'{money} a {period}')}{served}."
        return _paragraph(earned, _bullwhip(summary))
    change = kpis["difference"]
    name, over = "profit_per_period", f"a {period}"
    if (manifest.get("asked") or {}).get("is_dated"):
        name, over = "profit_total", f"over {counted(summary['periods'] - summary['warm_up'], period)}"
    effects = {f"{money} of profit {over}": change[name]}
    if _has(change, "fill_rate"):
        effects["points of fill rate"] = change["fill_rate"]
    return _paragraph(_effects(effects), _back(kpis[DISRUPTED], period), _tail(summary))


def _bullwhip(summary: Mapping[str, Any]) -> str:
    """The tier whose orders swing most, where they swing more than final demand."""
    found = {tier: one["bullwhip_total"]["mean"] for tier, one in summary.get("tiers", {}).items()}
    known = {tier: ratio for tier, ratio in found.items() if ratio is not None and ratio > 1.0}
    if not known:
        return ""
    tier = max(known, key=lambda name: known[name])
    ratio = mean_and_ends({**summary["tiers"][tier]["bullwhip_total"], "unit": ""}, "times")
    return f"Orders of {summary.get('tier_labels', {}).get(tier, tier)} vary {ratio} as much as final demand."


def _has(entries: Mapping[str, Entry], name: str) -> bool:
    return name in entries and entries[name]["mean"] is not None


def _effects(effects: Mapping[str, Entry]) -> str:
    """Changes, by unit, of what is better when larger: what is lost, what is gained, what may be chance."""
    found: dict[str, list[str]] = {"It costs": [], "It adds": [], "No difference from chance:": []}
    for unit, entry in effects.items():
        if is_clear(entry):
            verb, change = ("It adds", entry) if entry["mean"] > 0.0 else ("It costs", negative(entry))
            found[verb].append(mean_and_ends(change, unit))
        elif entry["mean"]:
            found["No difference from chance:"].append(mean_and_ends(entry, unit))
    said = [f"{verb} {' and '.join(told)}." for verb, told in found.items() if told]
    return " ".join(said) or "It costs nothing."


def is_clear(difference: Entry) -> bool:
    """Whether a difference has a sign: its interval, where it has one, lies on one side of 0."""
    low, high = difference["ci_low"], difference["ci_high"]
    return bool(difference["mean"]) if low is None or high is None else bool(low > 0.0 or high < 0.0)


def negative(entry: Entry) -> Entry:
    """The same difference, the other way round."""
    turned = {"mean": "mean", "ci_low": "ci_high", "ci_high": "ci_low"}
    return {**entry, **{name: None if entry[of] is None else -entry[of] for name, of in turned.items()}}


def _back(found: Mapping[str, Entry], period: str) -> str:
    """When service falls short and when it is back, as far as anybody knows."""
    if _has(found, "share_surviving") and found["share_surviving"]["mean"] == 1.0:
        return "Service never falls short."
    if not _has(found, "share_recovered") or not _has(found, "time_to_recover"):
        return ""
    share = found["share_recovered"]["mean"]
    often = "" if share == 1.0 else f", in {percent(share, digits=3)} of the cases"
    unit = f"{period}s"
    back = mean_and_ends(found["time_to_recover"], unit)
    if _has(found, "time_to_survive"):
        fell = found["time_to_survive"]
        after = f"after {mean_and_ends(fell, unit)}" if fell["mean"] else "at once"
        return f"Service falls short {after} and is back {back} later{often}."
    return f"Service is back {back} after it fell short{often}."


def _tail(summary: Mapping[str, Any]) -> str:
    """What is lost in the worst replications, where there are enough of them."""
    found, losses = summary["kpis"][DISRUPTED], summary["risk"]["losses"]
    if not _has(found, "profit_lost_cvar") or losses["is_largest"]:
        return ""
    entry = found["profit_lost_cvar"]
    worst = percent(1.0 - summary["risk"]["level"])
    return f"In the worst {worst} of replications it costs {mean_and_ends(entry, entry['unit'])} of profit."


def comparison_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """The variants by their changes."""
    named = [named_variant(name, summary) for name in summary["variants"]]
    return _paragraph(f"Which variant is best: {'; '.join(named)}?", setting(manifest), f"{_played(manifest)}.")


def _played(manifest: Mapping[str, Any]) -> str:
    replications = counted(manifest["replications"], "replication")
    return f"{replications} each, seed {manifest['seed']}, on the same random numbers"


def named_variant(name: str, summary: Mapping[str, Any]) -> str:
    """A variant with its changes: 'more' (depot: target stock = 500)."""
    variant = summary["variants"][name]
    told = ", ".join(map(change_words, variant["changes"]))
    return f"'{name}' ({told})" if told else f"'{name}'"


def comparison_answer(summary: Mapping[str, Any]) -> str:
    """Which variant is best by profit, service and tail of losses, and by how much against the first."""
    names = ("profit_per_period", "fill_rate", "profit_lost_cvar")
    found = [(name, *one) for name in names if (one := _best(name, summary)) is not None]
    said: list[str] = []
    for name, best, other, change in found:
        label = _inner(summary["kpis"][name]["label"].strip())
        if not is_clear(change):
            said.append(f"By {label}, '{best}' and '{other}' cannot be told apart.")
            continue
        unit, sign = "points" if change["unit"] == SHARE else change["unit"], change["mean"] > 0.0
        more = f"{unit} {'more' if sign else 'less'} than '{other}'"
        size = mean_and_ends(change if sign else negative(change), more)
        if not said:
            said.append(f"Best by {label} is {named_variant(best, summary)}: {size}.")
        else:
            which = "too" if best == found[0][1] else f"it is '{best}'"
            said.append(f"By {label} {which}: {size}.")
    return " ".join(said)


def _best(name: str, summary: Mapping[str, Any]) -> tuple[str, str, Entry] | None:
    """Best variant by a key figure, the one it is compared with, and the difference; None where there is no interval.

    Variants are compared with the first one, and the first one with the best of the others.
    """
    first, found = summary["first"], summary["kpis"].get(name, {}).get("variants", {})
    known = {v: kpi for v, kpi in found.items() if kpi["value"]["mean"] is not None and _is_known(kpi, v == first)}
    if first not in known or len(known) < 2:
        return None
    sign = 1.0 if MEASURES[name].better == "larger" else -1.0
    ranked = sorted(known, key=lambda variant: sign * known[variant]["value"]["mean"], reverse=True)
    if ranked[0] == first:
        return first, ranked[1], negative(known[ranked[1]]["difference"])
    return ranked[0], first, known[ranked[0]]["difference"]


def _is_known(kpi: Mapping[str, Any], is_first: bool) -> bool:
    return is_first or kpi["difference"]["ci_low"] is not None


def _inner(label: str) -> str:
    """A label within a sentence; words such as CVaR keep their capitals."""
    return label if label[:2].isupper() or label[1:2].isupper() or "VaR" in label[:4] else label[:1].lower() + label[1:]


def sweep_question(manifest: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> str:
    """What was varied, and how.

    Args:
        manifest: of the sweep.
        rows: of sweep.csv.
    """
    varied = " and ".join(f"{parameter_words(path)} ({_values(path, rows)})" for path in manifest["parameters"])
    base = setting(manifest)
    return _paragraph(
        f"What changes with {varied}?",
        f"Base case: {base}" if base else "",
        _plan(manifest),
        f"{counted(manifest['points'], 'point')} ({manifest['design']}), {_played(manifest)}.",
    )


def _values(path: str, rows: Sequence[Mapping[str, str]]) -> str:
    """The values of a parameter, or the least and the largest of many."""
    values = list(dict.fromkeys(row[path] for row in rows))
    if len(values) <= _MOST_TOLD:
        return ", ".join(map(cell_words, values))
    try:
        return " to ".join(number(end(map(float, values))) for end in (min, max))
    except ValueError:
        return _some(values, "value")


def parameter_words(path: str) -> str:
    """The path of a value in words: 'nodes.depot.target_stock' as "depot: target stock"."""
    return change_words(path).removesuffix(" = ")


def sweep_answer(manifest: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> str:
    """Where the main key figures are largest and smallest.

    Args:
        manifest: of the sweep.
        rows: of sweep.csv.
    """
    units = manifest.get("units") or {}
    money, goods, period = (str(units.get(name, name)) for name in ("money", "goods", "period"))
    terms = Terms(money, goods, period)
    found = []
    for name in ("profit_total", "fill_rate"):
        measure = MEASURES[name]
        points = [(row, float(row[f"{name}.mean"])) for row in rows if row.get(f"{name}.mean")]
        if len(points) < 2:
            continue
        unit = "" if measure.is_share else f" {measure.unit_words(terms)}"
        (least, low), (most, high) = (end(points, key=lambda point: point[1]) for end in (min, max))
        if low == high:
            found.append(f"{measure.words(terms)} is the same at all points.")
            continue
        ends = [f"{_at(row, manifest)} ({format_interval(sweep_entry(row, name))}{unit})" for row in (most, least)]
        found.append(f"{measure.words(terms)} is largest at {ends[0]} and smallest at {ends[1]}.")
    return " ".join(found)


def sweep_entry(row: Mapping[str, str], kpi: str) -> Entry:
    """A key figure of a row of sweep.csv, as an entry of summary.json."""
    cells = {part: row.get(f"{kpi}.{part}") for part in ("mean", "ci_low", "ci_high")}
    numbers = {part: float(cell) if cell else None for part, cell in cells.items()}
    return numbers | {"unit": SHARE if MEASURES[kpi].is_share else ""}


def _at(row: Mapping[str, str], manifest: Mapping[str, Any]) -> str:
    return ", ".join(f"{parameter_words(path)} {cell_words(row[path])}" for path in manifest["parameters"])


def cell_words(cell: str) -> str:
    """A cell of a table for reading."""
    try:
        return number(float(cell))
    except ValueError:
        return {"True": "yes", "False": "no"}.get(cell, cell)


def front_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What was sought, within which bounds."""
    objectives = " and ".join(map(_without_unit, summary["measures"].values()))
    return _paragraph(
        f"Which plans are best by {objectives}?",
        setting(manifest),
        f"Bounds: {summary['bounds']}." if summary.get("bounds") else "",
        f"Each design is played in {counted(manifest['replications'], 'replication')}, seed {manifest['seed']}; what "
        f"is told below holds on {manifest['held_out']} replications that the search has not seen.",
    )


def front_answer(summary: Mapping[str, Any]) -> str:
    """What the compromise changes against the base plan."""
    if summary["held_out"]["compromise"] is None:
        return "No design keeps all constraints on the held-out random numbers."
    changes = []
    for name, label in summary["measures"].items():
        relative, change = summary["relative_change"].get(name), summary["held_out"]["change"][name]
        shares = name in SEARCHED and SEARCHED[name].is_share
        size = points(change) if shares else NONE if relative is None else percent(relative, sign=True, digits=2)
        changes.append(f"{_without_unit(label)} by {size}")
    return f"Against the base plan, the compromise changes {' and '.join(changes)}."


def _without_unit(label: str) -> str:
    """A label within a sentence, without the unit that stands in brackets behind it."""
    return _inner(str(label).partition(" [")[0])


def recovery_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What failed, and what may be spent."""
    return _paragraph(
        f"Which of {summary['failed']} failed nodes ({summary['failed_by']}) should be restored first, with a budget "
        f"of {number(summary['budget'])} of load?",
        setting(manifest),
    )


def recovery_answer(summary: Mapping[str, Any]) -> str:
    """How many nodes work then, and without."""
    cascade = summary["cascade"]
    return (
        f"{summary['chosen']} restores {len(summary['restored'])} of {summary['failed']} failed nodes. The largest "
        f"functional part of the network then has {number(summary['rn'])} of {summary['nodes']:,} nodes, without "
        f"recovery {number(summary['rn_without_recovery'])}. {cascade['failed_in_it']} further nodes fail in the "
        f"cascade, without recovery {cascade['failed_in_it_without_recovery']}."
    )


def design_question(manifest: Mapping[str, Any]) -> str:
    """Which kind of design was asked for."""
    return _paragraph(f"What does the best {manifest['kind']} design cost?", setting(manifest))


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
            f"; no design is cheaper by more than {percent(gap, digits=2)}" if gap > _ROUNDING else "; none is cheaper"
        )
    return f"It costs {number(cost)} {money}{'' if 'cost' in summary else ' a day'}{proved}."


def stress_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What was tried, one outage at a time."""
    outage, period = summary["outage"], str(summary["units"]["period"])
    starts = ", ".join(f"{start:g}" for start in outage["starts"])
    health = outage.get("health") or 0.0
    left = f", {percent(health)} of what they can do left" if health else ""
    return _paragraph(
        f"Which outage hurts most? Each of {summary['stressors']:,}, one at a time, lasts "
        f"{lasting_words(outage['durations'], period)} from {period} {starts} on{left}.",
        setting(manifest, "Nothing else is disrupted"),
        f"{counted(summary['replications'], 'replication')} of each, seed {summary['seed']}, beside the same run "
        "without it.",
    )


def stress_answer(summary: Mapping[str, Any]) -> str:
    """The worst outage in words."""
    worst, units = summary["worst"][0], summary["units"]
    period = str(units["period"])
    if worst["impact"] <= 0.0:
        length = lasting_words(summary["outage"]["durations"], period)
        return f"None: no outage of {length} that was tried costs any profit."
    length = time_words(float(worst["duration"]), period)
    impact = {"mean": worst["impact"], "ci_low": worst["impact_low"], "ci_high": worst["impact_high"], "unit": ""}
    found = (
        f"That of {worst['stressor']} ({worst['kind']}): {length} without it cost "
        f"{mean_and_ends(impact, str(units['money']) + ' of profit on average')}."
    )
    if worst["lost_demand"]:
        found += f" {number(worst['lost_demand'])} {units['goods']} of final demand are lost."
    if worst["late_demand"]:
        found += f" Customers wait {number(worst['late_demand'])} {units['goods']} x {period} longer."
    if worst["time_to_survive"] == "inf":
        found += " Service never falls short."
    else:
        fell = float(worst["time_to_survive"])
        found += f" Service falls short {f'after {time_words(fell, period)}' if fell else 'at once'}"
        back = worst["time_to_recover"]
        found += "." if back is None else f" and is back after {time_words(float(back), period)}."
    return found
