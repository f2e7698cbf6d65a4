"""`esc-sim check`: read a scenario, list every mistake, say what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from esc_sim.cli.options import JsonOption, ScenarioArgument, SetOption
from esc_sim.cli.output import say
from esc_sim.counted import counted

if TYPE_CHECKING:
    from esc_sim.scenario.reader import ReadScenario
    from esc_sim.scenario.schema import Scenario


def check(scenario: ScenarioArgument, set_: SetOption = None, json_: JsonOption = False) -> None:
    """Check a scenario and say what is in it. All mistakes are listed, each with its place.

    \b
    Examples:
      esc-sim check scenarios/oil_gas
      esc-sim check my_chain --set run.periods=30 --json
    """
    from esc_sim.instance.fingerprint import fingerprint
    from esc_sim.scenario.reader import load_scenario, read_scenario
    from esc_sim.scenario.unread import unread

    read = read_scenario(scenario, set_ or ())
    _check_settings(read.scenario)
    summary = summary_of(read)
    left_out = unread("check", read.scenario, set_ or (), lambda rest: load_scenario(scenario, rest), fingerprint)
    summary["warnings"] += [f"warning: {text}" for text in left_out]
    if json_:
        import json

        say(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    say(text_of(summary))


def _check_settings(scenario: Scenario) -> None:
    """Refuse values that a search would try and the scenario cannot take."""
    if scenario.optimize is None or all(variable.path is None for variable in scenario.optimize.variables):
        return
    from esc_sim.optimize.space import check_settings, decision_space

    check_settings(decision_space(scenario))


def summary_of(read: ReadScenario) -> dict[str, Any]:
    """What `check` tells of a scenario, as plain values."""
    from esc_sim.scenario.distances import distance_words, placed_nodes

    scenario = read.scenario
    roles: dict[str, int] = {}
    for node in scenario.nodes:
        roles[node.role] = roles.get(node.role, 0) + 1
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "data": {"status": scenario.data.status, "note": scenario.data.note},
        "files": [file.name for file in read.files],
        "variant": scenario.variant,
        "variants": list(scenario.variants),
        "switches": scenario.switches,
        "periods": scenario.run.periods,
        "replications": scenario.run.replications,
        "period_unit": scenario.units.period,
        "nodes": len(scenario.nodes),
        "roles": roles,
        "coordinates": placed_nodes(scenario),
        "arcs": len(scenario.arcs),
        "products": [product.id for product in scenario.products],
        "markets": [market.id for market in scenario.markets],
        "disruptions": [d.name for d in scenario.disruptions] + [d.name for d in scenario.joint_disruptions],
        "distances": distance_words(scenario),
        "entries_changed": dict(scenario.entries_changed),
        "warnings": read.warnings,
    }


def text_of(summary: dict[str, Any]) -> str:
    """What `check` prints of a scenario."""
    roles = ", ".join(f"{count} {role}" for role, count in summary["roles"].items())
    length = f"{counted(summary['replications'], 'replication')} of {counted(summary['periods'], 'period')}"
    rows = [
        ("scenario", f"{summary['scenario']}: {summary['title']}" if summary["title"] else summary["scenario"]),
        ("files", ", ".join(summary["files"])),
        ("data", f"{summary['data']['status']}. {summary['data']['note']}".strip()),
        ("run", f"{length} (1 {summary['period_unit']})"),
        ("nodes", f"{summary['nodes']} ({roles})"),
        ("arcs", str(summary["arcs"])),
        ("products", ", ".join(summary["products"])),
        ("markets", ", ".join(summary["markets"]) or "not listed (made from products and layers)"),
        ("disruptions", ", ".join(summary["disruptions"]) or "none"),
    ]
    missing = summary["nodes"] - summary["coordinates"]
    if summary["coordinates"] and missing:
        around = f"{counted(missing, 'other')} placed around them on maps"
        rows.insert(5, ("places", f"coordinates of {counted(summary['coordinates'], 'node')}; {around}"))
    if summary["distances"]:
        rows.append(("distances", summary["distances"]))
    for text, count in summary["entries_changed"].items():
        rows.append(("changed", f"{text}: {count:,} {'entry' if count == 1 else 'entries'}"))
    if summary["variants"]:
        chosen = summary["variant"] or "none chosen"
        rows.insert(3, ("variant", f"{chosen} (there are: {', '.join(summary['variants'])})"))
    if summary["switches"]:
        stand = (f"{name} {'on' if on else 'off'}" for name, on in summary["switches"].items())
        rows.insert(4 if summary["variants"] else 3, ("switches", ", ".join(stand)))
    lines = [f"{name:<12} {value}" for name, value in rows]
    lines += summary["warnings"]
    count = len(summary["warnings"])
    lines.append(f"OK, {counted(count, 'warning')}" if count else "OK")
    return "\n".join(lines)
