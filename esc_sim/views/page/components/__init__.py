"""The parts of the page that are drawn in the browser, each a Vue template beside this file.

Vue writes every text as text, so that nothing in a scenario can become markup. Arguments named ``event_x`` are called
when the template calls ``x``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Event = Callable[..., None] | None


@solara.component_vue("controls.vue", vuetify=False)
def Controls(  # noqa: N802 - components are named like classes
    content: dict[str, Any],
    event_toggle: Event = None,
    event_step: Event = None,
    event_finish: Event = None,
    event_reset: Event = None,
    event_change: Event = None,
) -> None:
    """Play, step, reset, speed, what is run, and its random numbers.

    Args:
        content: what the controls show.
        event_toggle: play or stop.
        event_step: one period further.
        event_finish: to the end of the run.
        event_reset: back to the start.
        event_change: a choice was made: name and value.
    """


@solara.component_vue("parameters.vue", vuetify=False)
def Parameters(  # noqa: N802
    groups: list[dict[str, Any]], values: dict[str, Any], period: str, event_change: Event = None
) -> None:
    """Sliders, switches and choices.

    Args:
        groups: parameters with their ranges, by part of the scenario.
        values: present value of each, by key.
        period: name of a period.
        event_change: a parameter was moved: key and value.
    """


@solara.component_vue("strip.vue", vuetify=False)
def Strip(figures: list[dict[str, Any]]) -> None:  # noqa: N802
    """Key figures."""


@solara.component_vue("legend.vue", vuetify=False)
def Legend(states: list[dict[str, str]], links: list[dict[str, str]], scales: str) -> None:  # noqa: N802
    """What the map's markers and lines mean.

    Args:
        states: name, colour and marker of each state of a node.
        links: name, colour and dashes of each kind of link.
        scales: what size and width stand for.
    """


@solara.component_vue("earth.vue", vuetify=False)
def Earth(layer: dict[str, str]) -> None:  # noqa: N802
    """Land, coasts and borders under a map.

    Args:
        layer: what :func:`esc_sim.views.page.earth_layer.earth_layer` gives.
    """


@solara.component_vue("key.vue", vuetify=False)
def Key(lines: list[dict[str, str]]) -> None:  # noqa: N802
    """What the colours and markers of lines mean."""


@solara.component_vue("choice.vue", vuetify=False)
def Choice(  # noqa: N802
    label: str, items: list[str], value: str, test: str, event_change: Event = None
) -> None:
    """A native list with its label.

    Args:
        label: words before it.
        items: what can be chosen.
        value: what is chosen.
        test: name of the list for tests.
        event_change: another item was chosen: the item.
    """


@solara.component_vue("nodes.vue", vuetify=False)
def Nodes(  # noqa: N802
    rows: list[dict[str, Any]],
    selected: str | None,
    missing: str,
    nearest: list[str],
    event_choose: Event = None,
    event_miss: Event = None,
) -> None:
    """The map as a table.

    Args:
        rows: one a node.
        selected: id of the chosen node.
        missing: words about a name that no member has.
        nearest: names that are much like it, to choose from.
        event_choose: a node was chosen: its id.
        event_miss: words that no row has were typed and entered.
    """


@solara.component_vue("book.vue", vuetify=False)
def BookCard(  # noqa: N802
    book: dict[str, Any] | None,
    names: list[str],
    missing: str,
    nearest: list[str],
    wrong: str,
    event_choose: Event = None,
    event_disrupt: Event = None,
    event_restore: Event = None,
) -> None:
    """Book of the chosen member.

    Args:
        book: what is known of the chosen member; None while none is chosen.
        names: ids of all members, to choose from.
        missing: words about a name that no member has.
        nearest: names that are much like it, to choose from.
        wrong: words about a duration that cannot be.
        event_choose: a member was chosen: its id.
        event_disrupt: close the member, or halve it: the share of its capacity that is left, and for how long.
        event_restore: restore it.
    """


@solara.component_vue("exposure.vue", vuetify=False)
def ExposureCard(  # noqa: N802
    exposure: dict[str, Any] | None,
    labels: list[str],
    chosen: str | None,
    words: str,
    event_choose: Event = None,
    event_knock: Event = None,
) -> None:
    """What a stress test says of an outage.

    Args:
        exposure: of the chosen outage; None while none is chosen.
        labels: of all outages, to choose from.
        chosen: id of the chosen member.
        words: how the test was done.
        event_choose: an outage was chosen: its label.
        event_knock: play its stored case.
    """


@solara.component_vue("help.vue", vuetify=False)
def Help(parts: list[dict[str, str]], docs: str) -> None:  # noqa: N802
    """What each part of the page shows.

    Args:
        parts: name and words of each part.
        docs: address of the documentation; "" where it is not built.
    """


@solara.component_vue("fold.vue", vuetify=False)
def Fold(name: str, opened: bool, event_turn: Event = None) -> None:  # noqa: N802
    """A button that opens and closes what stands below it.

    Args:
        name: of what it opens.
        opened: whether it is open.
        event_turn: it was pressed.
    """


@solara.component_vue("log.vue", vuetify=False)
def Log(entries: list[dict[str, Any]]) -> None:  # noqa: N802
    """Events, the latest first."""


@solara.component_vue("pulse.vue", vuetify=False)
def Pulse(  # noqa: N802
    frame: int, spoken: str, event_drawn: Event = None, event_press: Event = None, event_sized: Event = None
) -> None:
    """Tells when a frame has been drawn, and the window's width; keys P, S, R; words for screen readers.

    Args:
        frame: number of the frame.
        spoken: words for screen readers.
        event_drawn: the frame was drawn.
        event_press: a key was pressed.
        event_sized: the window has another width.
    """


@solara.component_vue("what_if.vue", vuetify=False)
def WhatIfCard(  # noqa: N802
    content: dict[str, Any],
    event_change: Event = None,
    event_take_back: Event = None,
    event_undo: Event = None,
    event_as_baseline: Event = None,
    event_save: Event = None,
    event_load: Event = None,
    event_forget: Event = None,
    event_compare: Event = None,
) -> None:
    """The baseline, my changes against it, and what has been saved.

    Args:
        content: what the card shows.
        event_change: another baseline was chosen: name and value.
        event_take_back: one change is taken back: its key.
        event_undo: all changes are taken back.
        event_as_baseline: what is run is the baseline from now on.
        event_save, event_load, event_forget: save my changes under a name, run or delete what was saved under it.
        event_compare: put all of them beside each other.
    """


@solara.component_vue("ways.vue", vuetify=False)
def Ways(  # noqa: N802
    names: list[str],
    rows: list[dict[str, Any]],
    command: str,
    file: str,
    file_name: str,
    left_out: str,
    seed: int,
    replication: int,
    event_close: Event = None,
) -> None:
    """Key figures of several variants.

    Args:
        names: of the variants, the baseline first.
        rows: key figures with a cell a variant.
        command: that compares them with confidence intervals; empty where there is none.
        file, file_name: address and name of a file of them.
        left_out: what the file does not hold.
        seed, replication: of the random numbers.
        event_close: close the table.
    """


@solara.component_vue("tiers.vue", vuetify=False)
def Tiers(runs: list[str], rows: list[dict[str, Any]]) -> None:  # noqa: N802
    """The bullwhip effect by tier.

    Args:
        runs: names of the runs, where there are two.
        rows: tiers with a cell a run.
    """


@solara.component_vue("charted.vue", vuetify=False)
def Charted(lines: list[dict[str, str]], event_add: Event = None, event_remove: Event = None) -> None:  # noqa: N802
    """Members that the charts show: their colours and markers.

    Args:
        lines: name, colour and marker of each.
        event_add, event_remove: show a member, or show it no more: its id.
    """


@solara.component_vue("told.vue", vuetify=False)
def Told(words: str, event_close: Event = None) -> None:  # noqa: N802
    """A message at the top, until it is closed."""
