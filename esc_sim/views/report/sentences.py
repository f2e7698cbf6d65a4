"""What was asked and what came out of it, in words: how every report begins; here of runs and comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.registry import MEASURES
from esc_sim.measures.terms import SHARE
from esc_sim.results.asked import change_words
from esc_sim.results.links import links_line
from esc_sim.results.run import DISRUPTED, UNDISRUPTED
from esc_sim.written import mean_and_ends, percent, time_and_ends

MOST_TOLD: Final = 4
_ROUNDING: Final = 1e-9
"""Changes below this share of what is earned and spent are left by the rounding of sums."""
_OF_DISRUPTIONS: Final = ("disruptions", "joint_disruptions", "variant", "rules.known_after")
"""Changes of what :func:`setting` tells."""

Entry = Mapping[str, Any]


def setting(manifest: Mapping[str, Any], undisturbed: str = "") -> str:
    """Disruptions, what buyers know of them, and what was changed, as far as a manifest says so.

    Args:
        manifest: of the results.
        undisturbed: what to say where nothing is disrupted.
    """
    asked = manifest.get("asked") or {}
    disruptions, changes, known = asked.get("disruptions", []), asked.get("changes", []), asked.get("known_after", "")
    told = [some(disruptions, "disruption") if disruptions else undisturbed if asked else ""]
    told += [f"{known[:1].upper()}{known[1:]}"] if known else []
    changes = [change for change in changes if not change.startswith("disruptions=")]  # they are told already
    told += [f"Changed against the scenario: {some(list(map(change_words, changes)), 'change')}"] if changes else []
    return paragraph(*(f"{sentence}." for sentence in told if sentence))


def paragraph(*sentences: str) -> str:
    """Sentences, as far as there are any."""
    return " ".join(sentence for sentence in sentences if sentence)


def some(texts: Sequence[str], noun: str) -> str:
    """The first few of texts, and how many there are beside them."""
    more = len(texts) - MOST_TOLD
    return "; ".join(texts[:MOST_TOLD]) + (f"; and {counted(more, noun)} more" if more > 0 else "")


def run_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Who is disrupted, what was changed, how often and how long it was played."""
    disrupted = "difference" in summary["kpis"]
    asks = "What do disruptions cost?" if disrupted else "What does the network earn and serve?"
    length = (
        f"{counted(summary['replications'], 'replication')} of "
        f"{counted(summary['periods'], str(summary['units']['period']))}, seed {summary['seed']}"
    )
    beside = ", each beside the same run without disruptions" if disrupted else ""
    return paragraph(asks, setting(manifest, "Nothing is disrupted"), plan_words(manifest), f"{length}{beside}.")


def plan_words(manifest: Mapping[str, Any]) -> str:
    """Which plan was carried out, where there was one."""
    return f"Plan: {manifest['plan']}." if manifest.get("plan") else ""


def run_answer(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """What disruptions cost in profit and service, with intervals, and when service is back."""
    kpis, units = summary["kpis"], summary["units"]
    money, period = str(units["money"]), str(units["period"])
    if "difference" not in kpis:
        found = kpis[UNDISRUPTED]
        served = f", with a fill rate of {mean_and_ends(found['fill_rate'])}" if _has(found, "fill_rate") else ""
        earned = f"It earns {mean_and_ends(found['profit_per_period'], f'{money} a {period}')}{served}."
        return paragraph(earned, _bullwhip(summary), links_line(summary))
    change, is_dated = kpis["difference"], bool((manifest.get("asked") or {}).get("is_dated"))
    name, over = "profit_per_period", f"a {period}"
    if is_dated:
        name, over = "profit_total", f"over {counted(summary['periods'] - summary['warm_up'], period)}"
    profit, cost = (_beyond_rounding(figure, summary) for figure in (name, "cost_per_period"))
    if not profit["mean"] and not cost["mean"] and not _struck(summary):
        return "No disruption strikes within the run, which goes as the run without them."
    effects = {f"{money} of profit {over}": profit}
    if _has(change, "fill_rate"):
        effects["points of fill rate"] = change["fill_rate"]
    spent = "" if profit["mean"] or not cost["mean"] else _spent(cost, f"{money} a {period}")
    lost = "" if spent and not any(entry["mean"] for entry in effects.values()) else _effects(effects)
    return paragraph(spent, lost, _service(summary), _tail(summary), links_line(summary))


def _beyond_rounding(name: str, summary: Mapping[str, Any]) -> Entry:
    """The change of an amount of money; 0 where it is but the rounding of what is earned and spent."""
    change, base = summary["kpis"]["difference"][name], summary["kpis"][UNDISRUPTED]
    size = max(abs(base[figure]["mean"] or 0.0) for figure in (name, "cost_per_period"))
    return change if abs(change["mean"]) > _ROUNDING * size else {**change, "mean": 0.0, "ci_low": 0.0, "ci_high": 0.0}


def _spent(cost: Entry, unit: str) -> str:
    """What is spent more where profit stays the same, as where members do not sell."""
    if not is_clear(cost):
        return f"Profit stays the same; cost differs by {mean_and_ends(cost, unit)}, which may be chance."
    verb, change = ("rises", cost) if cost["mean"] > 0.0 else ("falls", negative(cost))
    return f"Profit stays the same; cost {verb} by {mean_and_ends(change, unit)}."


def _bullwhip(summary: Mapping[str, Any]) -> str:
    """The tier whose orders swing most, where they swing more than final demand."""
    found = {tier: one["bullwhip_total"]["mean"] for tier, one in summary.get("tiers", {}).items()}
    known = {tier: ratio for tier, ratio in found.items() if ratio is not None and ratio > 1.0}
    if not known:
        return ""
    tier = max(known, key=lambda name: known[name])
    ratio = mean_and_ends({**summary["tiers"][tier]["bullwhip_total"], "unit": ""}, "times")
    return (
        f"The variance of orders of {summary.get('tier_labels', {}).get(tier, tier)} is {ratio} that of final demand."
    )


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


def _struck(summary: Mapping[str, Any]) -> int:
    """In how many replications a disruption strikes, or where that was not recorded, service falls short."""
    return int(summary["kpis"][DISRUPTED]["share_surviving"]["n"])


def _service(summary: Mapping[str, Any]) -> str:
    """How often disruptions strike and service falls short, when, and when it is back; as far as anybody knows."""
    found, replications, struck = summary["kpis"][DISRUPTED], summary["replications"], _struck(summary)
    if not struck:
        return ""
    rare = f"Disruptions strike in {struck} of {counted(replications, 'replication')}."
    # where strikes were not recorded, an episode starts where service falls short
    kept = round(found["share_surviving"]["mean"] * struck) if summary["resilience"]["events_recorded"] else 0
    fell = _fell(summary, struck, kept) if kept < struck else "Service never falls short within the run."
    return paragraph(rare if struck < replications else "", fell)


def _fell(summary: Mapping[str, Any], struck: int, kept: int) -> str:
    """When service falls short and is back.

    Args:
        summary: of a run in which it falls short.
        struck: replications in which a disruption strikes.
        kept: of these, those in which service never falls short; their time to recover is 0.
    """
    found, period, replications = summary["kpis"][DISRUPTED], str(summary["units"]["period"]), summary["replications"]
    often = "Service" if struck - kept == replications else f"In {struck - kept} of {replications} replications service"
    episodes, time = found["share_recovered"]["n"], found["time_to_recover"]
    recovered = round(found["share_recovered"]["mean"] * episodes)
    after = ""
    if episodes > struck and recovered:
        back = (
            f"On average it is back {time_and_ends(time, period)} after a disruption began, 0 where it never fell short"
        )
        lasting = f"; in {episodes - recovered} of {episodes} cases it is not back before the run ends"
        return f"{often} falls short. {back}{lasting if recovered < episodes else ''}."
    if _has(found, "time_to_survive"):
        survived = found["time_to_survive"]
        after = f" after {time_and_ends(survived, period)}" if survived["mean"] else " at once"
    if recovered in (0, kept):
        return f"{often} falls short{after} and is not back before the run ends."
    if kept:  # each of them counts as 0 in the mean, and its interval is theirs too
        time = {**time, "mean": time["mean"] * recovered / (recovered - kept), "ci_low": None, "ci_high": None}
    part = f", in {recovered - kept} of {struck - kept} replications" if recovered < struck else ""
    return f"{often} falls short{after} and is back {time_and_ends(time, period)} after the disruption began{part}."


def _tail(summary: Mapping[str, Any]) -> str:
    """What is lost in the worst replications, where there are enough of them."""
    found, losses = summary["kpis"][DISRUPTED], summary["risk"]["losses"]
    if not _has(found, "profit_lost_cvar") or losses["is_largest"]:
        return ""
    entry = found["profit_lost_cvar"]
    worst = percent(1.0 - summary["risk"]["level"])
    return f"In the worst {worst} of replications it costs {mean_and_ends(entry, entry['unit'])} of profit."


def comparison_question(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """The variants by their changes, and the setting of the first, which others may have changed."""
    variants, first = summary["variants"], summary["first"]
    named = [named_variant(name, summary) for name in variants]
    base = setting(manifest)
    alike = all(
        variant["scenario"] == variants[first]["scenario"]
        and not any(change.startswith(_OF_DISRUPTIONS) for change in variant["changes"])
        for variant in variants.values()
    )
    told = f"In '{first}', {base}" if base and not alike else base
    return paragraph(f"Which variant is best: {'; '.join(named)}?", told, f"{played(manifest)}.")


def played(manifest: Mapping[str, Any]) -> str:
    """How often variants or points were played."""
    replications = counted(manifest["replications"], "replication")
    return f"{replications} each, seed {manifest['seed']}, on the same random numbers"


def named_variant(name: str, summary: Mapping[str, Any]) -> str:
    """A variant with its changes: 'more' (depot: target stock = 500)."""
    variant = summary["variants"][name]
    told = ", ".join(map(change_words, variant["changes"]))
    return f"'{name}' ({told})" if told else f"'{name}'"


def comparison_answer(summary: Mapping[str, Any]) -> str:
    """Which variant is best by profit, service and tail of losses, by how much, and what each of the others does."""
    names = ("profit_per_period", "fill_rate", "profit_lost_cvar")
    found = [(name, *one) for name in names if (one := _best(name, summary)) is not None]
    clear = [(name, best, other, change) for name, best, other, change in found if is_clear(change)]
    said: list[str] = []
    for name, best, other, change in clear:
        label = _label(name, summary)
        unit, sign = "points" if change["unit"] == SHARE else change["unit"], change["mean"] > 0.0
        more = f"{unit} {'more' if sign else 'less'} than '{other}'"
        size = mean_and_ends(change if sign else negative(change), more)
        if not said:
            said.append(f"Best by {label} is {named_variant(best, summary)}: {size}.")
        else:
            which = "too" if best == clear[0][1] else f"it is '{best}'"
            said.append(f"By {label} {which}: {size}.")
    told = {best for _, best, *_ in clear} | {other for *_, other, _ in clear}
    doubtful: dict[tuple[str, str], list[str]] = {}
    for name, best, other, change in found:
        if {best, other} <= told and not is_clear(change) and change["mean"]:
            doubtful.setdefault((best, other), []).append(_label(name, summary))
    said += [f"By {' and '.join(labels)}, '{a}' and '{b}' cannot be told apart." for (a, b), labels in doubtful.items()]
    rest = [name for name in summary["variants"] if name not in told | {summary["first"]}]
    return paragraph(*said, *(_against_first(name, summary, names) for name in rest[:MOST_TOLD]))


def _label(name: str, summary: Mapping[str, Any]) -> str:
    return in_sentence(str(summary["kpis"][name]["label"]).strip())


def _against_first(variant: str, summary: Mapping[str, Any], names: Sequence[str]) -> str:
    """What a variant changes against the first by some key figures; what may be chance, and what is the same."""
    changed: list[str] = []
    chance: list[str] = []
    for name in names:
        known = summary["kpis"].get(name, {}).get("variants", {})
        change = known.get(variant, {}).get("difference")
        if change is None or change["mean"] is None or change["ci_low"] is None:
            continue
        label = _label(name, summary)
        if is_clear(change):
            unit, sign = "points" if change["unit"] == SHARE else change["unit"], change["mean"] > 0.0
            size = mean_and_ends(change if sign else negative(change), f"{unit} {'more' if sign else 'less'}")
            changed.append(f"{label} is {size}")
        elif any(change[end] for end in ("mean", "ci_low", "ci_high")):
            chance.append(label)
    first = summary["first"]
    if not changed and not chance:
        return f"'{variant}' differs in none of this from '{first}'."
    cannot = f"by {' and '.join(chance)}, it cannot be told apart from '{first}'" if chance else ""
    if not changed:
        return f"'{variant}' cannot be told apart from '{first}' by {' and '.join(chance)}."
    return f"'{variant}' against '{first}': {'; '.join([*changed, *([cannot] if cannot else [])])}."


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


def in_sentence(label: str) -> str:
    """A label within a sentence; words such as CVaR keep their capitals."""
    return label if label[:2].isupper() or label[1:2].isupper() or "VaR" in label[:4] else label[:1].lower() + label[1:]
