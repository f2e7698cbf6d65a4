"""Plain data for the parts of the page: what each part says, ready to be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.measures.tiers import MEASURES as TIER_MEASURES
from esc_sim.results.knowledge import time_words
from esc_sim.results.tiers import tier_labels, tiers_of
from esc_sim.scenario.calendar import calendar_of
from esc_sim.scenario.schema import Units
from esc_sim.views.page.book import BidLine, Book, book_of
from esc_sim.views.page.exposure import Exposures
from esc_sim.views.page.key_figures import KeyFigure, key_figures, shown
from esc_sim.views.page.map_chart import LINK_WORDS, Width
from esc_sim.views.page.parameters import Parameter
from esc_sim.views.page.show import Setting, Show, ShownRun
from esc_sim.views.page.states import CASCADED, STATES, State, node_states
from esc_sim.views.page.what_if import WhatIf, changes_between, title_of

RUN_LETTERS = ("Mine", "Baseline")
"""Short names of the runs, where there are two."""
_LOG_LINES = 60
_BY_HAND = ("disrupted by hand", "restored by hand")
_BULLWHIP = [measure for name in ("bullwhip", "bullwhip_total") for measure in TIER_MEASURES if measure.name == name]


def strip_content(show: Show) -> list[dict[str, Any]]:
    """Key figures of my changes, and where there is one, of the baseline, with the difference from it."""
    columns = [key_figures(run, show.scenario) for run in show.runs]
    content = []
    for figures in zip(*columns, strict=True):
        mine, baseline = figures[0], figures[1] if len(figures) > 1 else None
        content.append(
            {
                "label": mine.label,
                "text": mine.text,
                "unit": mine.unit,
                "baseline": None if baseline is None else baseline.text,
                "difference": None if baseline is None else baseline.difference(mine),
            }
        )
    return content


def ways_content(show: Show, ways: Mapping[str, WhatIf]) -> dict[str, Any]:
    """Key figures of several ways to run the scenario at the end of the run, and differences from the first.

    Args:
        show: whose random numbers they have.
        ways: by name, the baseline first.
    """
    columns = []
    for way in ways.values():
        run = show.begun(way, show.seed, show.replication)
        for _ in range(run.scenario.run.periods):
            run.step()
        figures = key_figures(run, show.setting.scenario)
        ratios = {tier: whole for tier, (_, whole) in _ratios(run).items()}
        figures += [KeyFigure(f"Bullwhip, {tier}", whole, "") for tier, whole in ratios.items()]
        columns.append({figure.label: figure for figure in figures})
    rows = []
    for label in dict.fromkeys(label for column in columns for label in column):
        first = columns[0].get(label, KeyFigure(label, math.nan, ""))
        cells = [{"text": first.text, "difference": ""}]
        for column in columns[1:]:
            figure = column.get(label, KeyFigure(label, math.nan, ""))
            cells.append({"text": figure.text, "difference": first.difference(figure)})
        rows.append({"label": label, "unit": first.unit, "cells": cells})
    return {"names": list(ways), "rows": rows}


def _ratios(run: ShownRun) -> dict[str, tuple[float, float]]:
    """Variance of orders of each tier that orders, over what it is asked for and over final demand, so far."""
    tally, network = run.model.recorder.tally, run.model.instance.network
    if not len(tally):
        return {}
    words, found = tier_labels(network), {}
    for tier, values in tiers_of(tally[None], network, run.scenario, max(1, run.counted)).items():
        step, whole = (float(measure.of(values)[0]) for measure in _BULLWHIP)
        if math.isfinite(whole):
            found[words[tier]] = step, whole
    return found


def bullwhip_content(show: Show) -> dict[str, Any] | None:
    """Variance of orders by tier, of the periods so far without the warm-up; None where none is known."""
    ratios = [_ratios(run) for run in show.runs]
    tiers = dict.fromkeys(tier for of_run in ratios for tier in of_run)
    if not tiers:
        return None
    # Bars are on a logarithmic scale, on which each step of the chain adds the same.
    largest = math.log1p(max(1.0, *(whole for of_run in ratios for _, whole in of_run.values())))
    rows = []
    for tier in tiers:
        pairs = [of_run.get(tier, (math.nan, math.nan)) for of_run in ratios]
        cells = [
            {
                "step": shown(step),
                "whole": shown(whole),
                "bar": "0" if math.isnan(whole) else f"{100 * math.log1p(whole) / largest:.0f}%",
            }
            for step, whole in pairs
        ]
        rows.append({"tier": tier, "cells": cells})
    return {"runs": list(RUN_LETTERS) if len(show.runs) > 1 else [], "rows": rows}


def what_if_content(setting: Setting, mine: WhatIf, baseline: WhatIf, saved: Mapping[str, WhatIf]) -> dict[str, Any]:
    """My changes against the baseline and what has been saved, in words.

    Args:
        setting: what the page was started with.
        mine, baseline: what is run, and what it is compared with.
        saved: ways to run the scenario by name.
    """
    changes = changes_between(setting, mine, baseline)
    return {
        "changes": [{"key": change.key, "words": change.words} for change in changes],
        "saved": [{"name": name, "words": title_of(setting, way)} for name, way in saved.items()],
    }


def group_content(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """Parameters by group; those of disruptions stand open while they are few."""
    groups = [(name, list(members)) for name, members in groupby(parameters, key=lambda p: p.group)]
    disruptions = sum(name.startswith("Disruption") for name, _ in groups)
    return [
        {
            "name": name,
            "open": name.startswith("Disruption") and disruptions <= 2,
            "parameters": [
                {
                    "key": p.key, "label": p.label, "kind": p.kind, "value": p.value, "low": p.low, "high": p.high,
                    "step": p.step, "unit": p.unit, "choices": list(p.choices),
                }
                for p in members
            ],
        }
        for name, members in groups
    ]  # fmt: skip


def legend_content(run: ShownRun, units: Units, width: Width) -> dict[str, Any]:
    """States, kinds of links, and what size and width stand for.

    Args:
        run: the run that is shown.
        units: names of the units.
        width: what the width of a link stands for.
    """
    shown_states = [s for s in STATES if s is not CASCADED or run.model.instance.spreading is not None]
    links = [words for kind, words in LINK_WORDS.items() if kind != "given" or len(run.side_links)]
    flow = f"{units.goods} sent per {units.period}" if width == "flow" else f"{units.goods} on the road"
    hollow = "; hollow: place not known, near its partners" if run.model.instance.network.place_unknown.any() else ""
    return {
        "states": [{"name": s.name, "colour": s.colour, "path": s.path} for s in shown_states],
        "links": [{"name": words, "colour": colour, "dashes": dash} for words, colour, dash in links],
        "scales": f"area: stock against the member's own target or start; width: {flow}{hollow}",
    }


def node_rows(run: ShownRun) -> list[dict[str, Any]]:
    """The map as a table."""
    model, books = run.model, run.model.books
    rows = []
    for node, (agent, state) in enumerate(zip(model.members, node_states(model), strict=True)):
        items = model.items_of_node[node]
        rows.append(
            {
                "node": node,
                "name": agent.node_id,
                "role": agent.role,
                "state": state.name,
                "colour": state.colour,
                "path": state.path,
                "stock": shown(agent.on_hand),
                "transit": shown(sum(books.items[i].in_transit for i in items)),
                "shipped": shown(sum(books.items[i].shipped for i in items)),
            }
        )
    return rows


def book_content(show: Show, name: str) -> dict[str, Any] | None:
    """Book of a node: its tables, one column a run, and the bids of each run; None where no run has the node."""
    units, runs = show.scenario.units, show.runs
    having = [run for run in runs if run.node(name) is not None]
    if not having:
        return None
    books = [book_of(run, name, units.goods, units.money) for run in runs]
    first = having[0]
    model, node = first.model, first.model.instance.network.node_index[name]
    data = first.scenario.nodes[node]
    named = [data.name] if data.name and data.name != data.id else []
    about = ", ".join([*named, data.role, *([data.region] if data.region else [])])
    letters = list(RUN_LETTERS[: len(runs)]) if len(runs) > 1 else [""]
    more = [
        _table(f"Recipes of the last {units.period}", [book.recipes for book in books]),
        _table(f"Passed on without an order in the last {units.period}", [book.given for book in books]),
        _table(f"States after the last {units.period}", [book.states for book in books]),
    ]
    tables = [table for book, letter in zip(books, letters, strict=True) for table in _bid_tables(book, letter, model)]
    return {
        "name": name,
        "about": f"{about}:",
        "state": _look(node_states(model)[node]),
        "by_hand": runs[0].node(name) in runs[0].model.hazards.nodes_by_hand,
        "period": units.period,
        "letters": letters,
        "tables": [
            _table(f"Orders of the last {units.period}", [book.orders for book in books]),
            _table("Stock", [book.stock for book in books]),
            _table(f"Money of the last {units.period}", [book.money for book in books]),
            *(table for table in more if table["rows"]),
        ],
        "bids": [table for table in tables if len(runs) == 1 or table["rows"]],
    }


def _look(state: State) -> dict[str, str]:
    return {"name": state.name, "colour": state.colour, "path": state.path}


def _table(name: str, columns: list[Any]) -> dict[str, Any]:
    """Lines of one run, or of two beside each other; a line that only one has stays empty in the other."""
    labels = list(dict.fromkeys(line.label for lines in columns for line in lines))
    found = [{line.label: line for line in lines} for lines in columns]
    rows = []
    for label in labels:
        units = [lines[label].unit for lines in found if label in lines]
        values = [shown(lines[label].value) if label in lines else "" for lines in found]
        rows.append({"label": label, "values": values, "unit": units[0]})
    return {"name": name, "rows": rows}


def _bid_tables(book: Book, letter: str, model: Any) -> list[dict[str, Any]]:
    several = len(model.instance.network.products) > 1
    mark = f", {letter}" if letter else ""
    tables = []
    for name, partner, bids in (
        (f"Bids made{mark}", "supplier", book.bids_made),
        (f"Bids received{mark}", "buyer", book.bids_received),
    ):
        tables.append({"name": name, "partner": partner, "rows": [_bid(bid, several) for bid in bids]})
    return tables


def _bid(bid: BidLine, several: bool) -> dict[str, str]:
    partner = f"{bid.partner} ({bid.product})" if several else bid.partner
    answer = bid.answer
    if bid.accepted > 0 and bid.shipped < bid.accepted:
        answer = f"{answer}, {shown(bid.shipped)} shipped"
    return {
        "partner": partner,
        "wanted": shown(bid.wanted),
        "accepted": shown(bid.accepted),
        "price": shown(bid.price),
        "answer": answer,
    }


def exposure_content(exposures: Exposures, label: str, units: Units) -> dict[str, Any] | None:
    """What the page says of an outage; None where there is none of that label.

    Args:
        exposures: of a stress test.
        label: of the outage.
        units: names of the units.
    """
    one = exposures.found.get(label)
    if one is None:
        return None
    between = "" if math.isnan(one.low) else f"{shown(one.low)} to {shown(one.high)}"
    survive = "never short" if math.isinf(one.survive) else time_words(one.survive, units.period)
    recover = "not within the run" if math.isnan(one.recover) else time_words(one.recover, units.period)
    rows = [
        ("Profit lost", f"{shown(one.impact)} {units.money}"),
        ("95 % interval", between),
        ("Time to survive", survive),
        ("Time to recover", recover),
        ("Exposure index", "" if math.isnan(one.index) else f"{one.index:.2f}"),
        ("Rank", f"{one.rank} of {len(exposures.found)}"),
    ]
    return {
        "label": label,
        "name": one.name,
        "rows": [{"label": name, "value": value} for name, value in rows if value],
        "case": f"Out from {units.period} {one.start} on, for {time_words(one.duration, units.period)}.",
    }


def log_content(show: Show) -> list[dict[str, Any]]:
    """Latest events, the newest first, then what was done by hand before; what both runs share is told once."""
    several, dates = len(show.runs) > 1, calendar_of(show.scenario)
    told: dict[tuple[float, str], list[str]] = {}
    by_hand = set()
    left_out = False
    for letter, run in zip(RUN_LETTERS, show.runs, strict=False):
        events, early = run.model.events, max(0, len(run.model.events) - 5 * _LOG_LINES)
        kept = [event for event in events[:early] if event[2] in _BY_HAND]
        left_out |= len(kept) < early
        for day, component, what, level in _joined(kept + events[early:]):
            change = f" to {100 * level:g} %" if what.startswith("disrupted") and level > 0 else ""
            key = day, f"{component}: {what}{change}"
            told.setdefault(key, []).append(letter)
            by_hand |= {key} if what in _BY_HAND else set()
    newest = [told_at for _, told_at in sorted(enumerate(told.items()), key=lambda e: (e[1][0][0], e[0]), reverse=True)]
    earlier = [line for line in newest[_LOG_LINES:] if line[0] in by_hand]
    lines = [
        {
            "day": f"{show.scenario.units.period} {int(day)}" + ("" if dates is None else f", {dates.label(int(day))}"),
            "text": text,
            "letter": letters[0] if several and len(letters) == 1 else "",
        }
        for (day, text), letters in newest[:_LOG_LINES] + earlier
    ]
    if left_out or _LOG_LINES + len(earlier) < len(newest):
        words = "earlier lines are left out" + (", but for what was done by hand:" if earlier else "")
        lines.insert(_LOG_LINES, {"day": "", "text": words, "letter": ""})
    return lines


def _joined(events: list[tuple[float, str, str, float]]) -> list[tuple[float, str, str, float]]:
    """Events with what befalls several activities of one node at once told in one line."""
    activities: dict[tuple[float, str, str, float], list[str]] = {}
    for day, component, what, level in events:
        node, bracket, activity = component.removesuffix(")").rpartition(" (")
        own = bracket and activity in ACTIVITIES
        activities.setdefault((day, node if own else component, what, level), []).extend([activity] if own else [])
    return [
        (day, f"{node} ({', '.join(found)})" if 0 < len(found) < len(ACTIVITIES) else node, what, level)
        for (day, node, what, level), found in activities.items()
    ]
