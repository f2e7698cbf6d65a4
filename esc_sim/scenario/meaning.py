"""What a well-formed scenario says: what cannot mean anything is a problem, what is odd is a warning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from esc_sim.counted import counted
from esc_sim.disruptions.kind import ACTS_ON
from esc_sim.disruptions.registry import CASES
from esc_sim.scenario.appraisal import appraisal_problems
from esc_sim.scenario.cuts import cut_warnings
from esc_sim.scenario.decisions import decision_problems, reviews_continuously
from esc_sim.scenario.design_dispatch import dispatch_problems
from esc_sim.scenario.design_safety_stock import safety_stock_problems
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.distances import distance_oddities
from esc_sim.scenario.farming_checks import farming_problems
from esc_sim.scenario.histories import history_problems
from esc_sim.scenario.items import Item, have_same, items_of
from esc_sim.scenario.kept_back import kept_back_problems
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.places import placed
from esc_sim.scenario.power import power_problems
from esc_sim.scenario.recipes import items_made, items_used, making_problems
from esc_sim.scenario.references import reference_problems
from esc_sim.scenario.rolling import planned_nodes
from esc_sim.scenario.schema import Arc, Scenario, StockData
from esc_sim.scenario.series_ends import series_end_problems, start_problems, step_oddities
from esc_sim.scenario.sizes import size_problems
from esc_sim.scenario.written_times import labels_of

MOST_CUSTOMERS = 10_000
"""Customers of one source who may come in a period, on average."""


def check_scenario(scenario: Scenario) -> list[str]:
    """Problems of a scenario whose values are in order (its references and its meaning), each with its place."""
    if not scenario.nodes:
        return [f"scenario {scenario.name}: no nodes: a network needs at least one"]
    data = scenario.model_dump(by_alias=True)
    found = reference_problems(data) or list(meaning_problems(scenario))
    return [placed(problem, Scenario, data) for problem in found]


def _ends(scenario: Scenario) -> tuple[set[Item], set[Item]]:
    """Items that some arc lets buy, and those that some arc lets sell."""
    default = scenario.products[0].id
    buyers = {(arc.buyer, arc.product or default) for arc in scenario.arcs}
    sellers = {(arc.supplier, arc.product or default) for arc in scenario.arcs}
    return buyers, sellers


def meaning_problems(scenario: Scenario, *, searched: bool = True, like: Scenario | None = None) -> Iterator[Problem]:
    """What cannot mean anything.

    Args:
        scenario: whose values and references are in order.
        searched: look at its section ``optimize`` as well.
        like: one without problems: of parts that both hold, what depends on them alone is not looked at.
    """
    buyers, _ = _ends(scenario)
    unbound = list(history_problems(scenario, like))
    if unbound:  # their laws have no values that anything else could be said of
        yield from unbound
        return
    yield from size_problems(scenario, like)
    items, arcs_are_fine = items_of(scenario), have_same(scenario, like, "arcs", "products", "series")
    for (node, product), (path, item) in items.items():
        yield from _crowd_problems(path, item)
        if item.waste is not None and item.shelf_life is None:
            yield Problem((*path, "waste"), "nothing perishes without a shelf_life: add one, or leave waste out")
        if item.waste == product:
            yield Problem((*path, "waste"), f"'{product}' cannot become itself: name another product")
        if item.order is not None and (node, product) not in buyers:
            yield Problem((*path, "order"), f"'{node}' orders '{product}', but no arc brings it", "part")
    for number, arc in () if arcs_are_fine else enumerate(scenario.arcs):
        longest = arc.lead_time if isinstance(arc.lead_time, float) else arc.lead_time.upper
        if math.isinf(longest) and arc.max_lead_time is None:
            yield Problem(
                ("arcs", number, "lead_time"), "this law has no longest lead time: add max_lead_time to the arc", "part"
            )
        elif isinstance(arc.lead_time, float) and arc.max_lead_time is not None and longest > arc.max_lead_time:
            yield Problem(("arcs", number, "max_lead_time"), f"is below the lead time {longest:g}")
    yield from series_end_problems(scenario)
    yield from start_problems(scenario)
    if not arcs_are_fine:
        yield from _share_problems(scenario)
    for number, disruption in enumerate(scenario.disruptions):
        yield from _disruption_problems(scenario, number, disruption)
    yield from _joint_problems(scenario)
    yield from _cascade_problems(scenario)
    yield from making_problems(scenario, items)
    yield from farming_problems(scenario, items)
    yield from power_problems(scenario, items)
    yield from appraisal_problems(scenario)
    yield from dispatch_problems(scenario)
    yield from safety_stock_problems(scenario)
    if searched:
        yield from decision_problems(scenario)


def _share_problems(scenario: Scenario) -> Iterator[Problem]:
    """Lines on which some suppliers have a share of the orders and others have none."""
    lines: dict[tuple[str, str, str | None], list[int]] = {}
    default = scenario.products[0].id
    for number, arc in enumerate(scenario.arcs):
        lines.setdefault((arc.buyer, arc.product or default, arc.market), []).append(number)
    for (buyer, _, _), numbers in lines.items():
        shares = [scenario.arcs[number].share for number in numbers]
        given = [share for share in shares if share is not None]
        if given and len(given) < len(shares):
            number = numbers[shares.index(None)]
            text = f"other suppliers of '{buyer}' have a share of its orders: give this one a share, too (0: nothing)"
            yield Problem(("arcs", number), text, "part")
        elif given and not any(given):
            yield Problem(("arcs", numbers[0], "share"), f"all shares of the orders of '{buyer}' are 0")


def _cascade_problems(scenario: Scenario) -> Iterator[Problem]:
    """Cascades need the role that their measure of resilience is built on, and loads where they are to be stated."""
    if scenario.cascade is not None and scenario.cascade.load == "stated":
        for number, node in enumerate(scenario.nodes):
            if node.load is None:
                text = "cascade.load is 'stated', and this node states no load: give one to every node"
                yield Problem(("nodes", number, "load"), text, "part")
    if any(node.role == "supplier" for node in scenario.nodes):
        return
    text = "no node has the role 'supplier', and a cascade keeps what a supplier still feeds: give the role to some"
    if scenario.cascade is not None:
        yield Problem(("cascade",), text, "part")
    for number, disruption in enumerate(scenario.disruptions):
        if disruption.cascade:
            yield Problem(("disruptions", number, "cascade"), text)


def _crowd_problems(path: Path, item: StockData) -> Iterator[Problem]:
    """Customers who come so often that a period of them takes longer than a run should."""
    for number, source in enumerate(item.demand.arrivals if item.demand is not None else ()):
        between = source.between if isinstance(source.between, float) else mean_of(source.between)
        if between * MOST_CUSTOMERS < 1.0:
            text = f"more than {MOST_CUSTOMERS:,} customers a period: take shorter periods, or larger sizes"
            yield Problem((*path, "demand", "arrivals", number, "between"), text, "part")


def targets_of(scenario: Scenario, disruption: Disruption) -> set[str]:
    """Ids of the nodes that a disruption hits, by name, region or role."""
    return {
        node.id
        for node in scenario.nodes
        if node.id in disruption.nodes or node.region in disruption.regions or node.role in disruption.roles
    }


def _disruption_problems(scenario: Scenario, number: int, disruption: Disruption) -> Iterator[Problem]:
    path = ("disruptions", number)
    failures, repairs = disruption.time_between_failures, disruption.time_to_repair
    if failures is not None and repairs is not None and failures.upper == 0 and repairs.upper == 0:
        yield Problem((*path, "time_to_repair"), "failures and repairs both take no time", "part")
    if disruption.dates is not None and not disruption.dates:
        yield Problem((*path, "dates"), "no date is given")
    kind = disruption.kind
    if kind.acts_on and disruption.names_nodes and not targets_of(scenario, disruption) & _who(scenario, kind.acts_on):
        yield Problem((*path, kind.key), f"none of the nodes named {ACTS_ON[kind.acts_on]}")


def _who(scenario: Scenario, acts_on: str) -> set[str]:
    """Nodes that have customers or buyers."""
    if acts_on == "buyers":
        return {arc.supplier for arc in scenario.arcs}
    return {node for (node, _), (_, item) in items_of(scenario).items() if item.demand is not None}


def _joint_problems(scenario: Scenario) -> Iterator[Problem]:
    demanding = _who(scenario, "customers") if scenario.joint_disruptions else set()
    keys = [*(case.key for kind, case in CASES if kind.acts_on == "customers"), "demand_spread"]
    for number, joint in enumerate(scenario.joint_disruptions):
        for key in keys:
            cases = reversed(list(enumerate(joint.cases)))
            for name, place in {name: place for place, case in cases for name in getattr(case, key)}.items():
                if name not in demanding:
                    path = ("joint_disruptions", number, "cases", place, key, name)
                    yield Problem(path, f"'{name}' has no final demand")


def oddities(scenario: Scenario) -> Iterator[Problem]:
    """What is odd, yet can be run."""
    items = items_of(scenario)
    buyers, sellers = _ends(scenario)
    arising, needed = items_made(scenario), items_used(scenario)
    ids = [node.id for node in scenario.nodes]
    planned = {node for plan in scenario.rolling_plans for node in planned_nodes(plan, ids)}
    if not any(item.demand is not None for _, item in items.values()):
        yield Problem(("nodes",), "warning: no node has final demand")
    handled = {product for _, product in {*buyers, *sellers, *arising, *needed}}
    for (node, product), (path, item) in items.items():
        if path[0] == "stocks" and item.initial_stock and item.holding_cost and product not in handled:
            continue  # a building, a licence: nobody trades it, what it costs is its holding cost
        made = item.production is not None or (node, product) in arising
        sells = (node, product) in sellers or (node, product) in needed
        if scenario.power is not None and node == scenario.power.operator and not sells:
            continue  # it pays for power, and may hold what stands for other costs
        for text in _item_oddities(item, made, (node, product) in buyers, sells, node in planned):
            yield Problem(path, f"warning: {text}", "part")
    default = scenario.products[0].id
    for number, arc in enumerate(scenario.arcs):
        for end, node in (("buyer", arc.buyer), ("supplier", arc.supplier)):
            if (node, arc.product or default) not in items and (node, arc.product or default) not in arising:
                text = f"warning: '{node}' has no row for '{arc.product}' in stocks: it starts empty and orders nothing"
                yield Problem(("arcs", number, end), text)
    yield from step_oddities(scenario)
    yield from distance_oddities(scenario)
    yield from cut_warnings(scenario)
    yield from kept_back_problems(scenario)
    yield from _known_at_once(scenario)
    used = {arc.market for arc in scenario.arcs}
    for number, market in enumerate(scenario.markets):
        if market.id not in used:
            yield Problem(("markets", number), f"warning: no arc names market '{market.id}'")
    shared = {arc.lane for arc in scenario.arcs}
    for number, lane in enumerate(scenario.lanes):
        if lane.id not in shared:
            yield Problem(("lanes", number), f"warning: no arc names lane '{lane.id}'")
    for number, disruption in enumerate(scenario.disruptions):
        for text in _disruption_oddities(scenario, disruption):
            yield Problem(("disruptions", number), f"warning: '{disruption.name}' {text}")


def _known_at_once(scenario: Scenario) -> Iterator[Problem]:
    """Times until outages are known, where all buyers are answered at once and so know at once."""
    at_once = reviews_continuously(scenario)
    if not at_once or not all(at_once):
        return
    text = "warning: has no effect: all orders are placed at any time, answered at once, and so outages known at once"
    if "known_after" in scenario.rules.model_fields_set:
        yield Problem(("rules", "known_after"), text)
    for name in ("disruptions", "joint_disruptions"):
        for number, disruption in enumerate(getattr(scenario, name)):
            if disruption.known_after is not None:
                yield Problem((name, number, "known_after"), text)


def _item_oddities(item: StockData, made: bool, buys: bool, sells: bool, planned: bool) -> Iterable[str]:
    if buys and item.order is None and not planned:
        yield "has suppliers but no order: it buys nothing"
    if sells and not buys and not made and item.initial_stock <= item.safety_stock:
        yield "sells or uses, but neither buys nor produces nor holds stock"
    if not buys and not sells and not made and item.demand is None:
        yield "has neither arcs nor final demand: it stands alone"
    if item.target_stock is not None and item.safety_stock > item.target_stock:
        yield f"safety_stock {item.safety_stock:g} is above target_stock {item.target_stock:g}"


def _disruption_oddities(scenario: Scenario, disruption: Disruption) -> Iterable[str]:
    yield from disruption.kind.oddities(disruption)
    for date in disruption.dates or ():
        if date.start >= scenario.run.periods:
            when = labels_of(scenario)(int(date.start)) if date.start.is_integer() else ""
            known = f"{date.start:g}" if when in ("", f"{date.start:g}") else f"{date.start:g} ({when})"
            yield f"begins at {known}, after the run's end ({scenario.run.periods} periods)"
    untouched = sum(
        arc.cap is None and arc.lane not in _narrow(scenario) for arc in _arcs_lowered(scenario, disruption)
    )
    if untouched:
        yield (
            f"leaves {counted(untouched, 'arc')} as before: where buyers know at once, health lowers the cap of an arc "
            "and the capacity of its lane; give it one of them"
        )


def _narrow(scenario: Scenario) -> set[str | None]:
    """Lanes that have a capacity."""
    return {lane.id for lane in scenario.lanes if lane.capacity is not None}


def _arcs_lowered(scenario: Scenario, disruption: Disruption) -> list[Arc]:
    """Arcs that lose a part of their health, which all buyers know before they order."""
    known = scenario.rules.known_after if disruption.known_after is None else disruption.known_after
    if known != 0.0 or not 0.0 < disruption.health < 1.0 or any(reviews_continuously(scenario)):
        return []
    default = scenario.products[0].id
    return [
        arc
        for arc in scenario.arcs
        if arc.mode in disruption.modes
        or arc.lane in disruption.lanes
        or any(hit.means(arc.buyer, arc.supplier, arc.product or default, arc.mode) for hit in disruption.arcs)
    ]
