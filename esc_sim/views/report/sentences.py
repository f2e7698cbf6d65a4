"""What was asked and what came out of it, in words: how every report begins; here of runs and comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from esc_sim.counted import counted
from esc_sim.measures.registry import MEASURES
from esc_sim.measures.terms import SHARE
from esc_sim.results.asked import change_words
from esc_sim.results.run import DISRUPTED, UNDISRUPTED
from esc_sim.written import mean_and_ends, percent

MOST_TOLD: Final = 4
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
        return paragraph(earned, _bullwhip(summary))
    change, is_dated = kpis["difference"], bool((manifest.get("asked") or {}).get("is_dated"))
    name, over = "profit_per_period", f"a {period}"
    if is_dated:
        name, over = "profit_total", f"over {counted(summary['periods'] - summary['warm_up'], period)}"
    effects = {f"{money} of profit {over}": change[name]}
    if _has(change, "fill_rate"):
        effects["points of fill rate"] = change["fill_rate"]
    return paragraph(_effects(effects), _back(kpis[DISRUPTED], period, is_dated), _tail(summary))


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


def _back(found: Mapping[str, Entry], period: str, is_dated: bool) -> str:
    """When service is back, and after a disruption at a given time when it falls short, as far as anybody knows."""
    if _has(found, "share_surviving") and found["share_surviving"]["mean"] == 1.0:
        return "Service never falls short."
    if not _has(found, "share_recovered") or not _has(found, "time_to_recover"):
        return ""
    share = found["share_recovered"]["mean"]
    often = "" if share == 1.0 else f", in {percent(share, digits=3)} of the cases"
    unit = f"{period}s"
    back = mean_and_ends(found["time_to_recover"], unit)
    if is_dated and _has(found, "time_to_survive"):
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
