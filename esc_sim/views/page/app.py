"""The page itself, as Solara's server loads it: header, controls, map, book, charts, log."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import solara

from esc_sim.scenario.calendar import calendar_of
from esc_sim.views.page.components import (
    BookCard,
    Charted,
    Controls,
    ExposureCard,
    Key,
    Legend,
    Log,
    Nodes,
    Parameters,
    Pulse,
    Strip,
    Tiers,
    Ways,
    WhatIfCard,
)
from esc_sim.views.page.content import (
    RUN_LETTERS,
    book_content,
    bullwhip_content,
    exposure_content,
    group_content,
    legend_content,
    log_content,
    node_rows,
    strip_content,
    ways_content,
    what_if_content,
)
from esc_sim.views.page.map_chart import WIDTHS, map_option
from esc_sim.views.page.map_plan import MapPlan, possible_places
from esc_sim.views.page.members_chart import members_key, members_option
from esc_sim.views.page.show import Setting
from esc_sim.views.page.state import PageState
from esc_sim.views.page.state_charts import choices_of, key_content, lines_of, shown_groups, states_option
from esc_sim.views.page.time_charts import charts_option, folded
from esc_sim.views.page.what_if import compare_command, plan_words, run_command, variants_file
from esc_sim.views.palette import data_status
from esc_sim.views.state_groups import Group

_CSS = Path(__file__).parent / "components" / "page.css"
_setting: list[Setting] = []


def set_setting(setting: Setting) -> None:
    """What the pages of this server show; called once, before it starts."""
    _setting[:] = [setting]


def _box(tag: str, css: str, children: list[Any], **attributes: str) -> Any:
    return solara.v.Html(tag=tag, class_=css, children=children, attributes=attributes)


@solara.component
def Layout(children: list[Any] | None = None) -> Any:  # noqa: N802 - components are named like classes
    """No frame of Solara's around the page."""
    return solara.v.Html(tag="div", children=children or [])


@solara.component
def Page() -> Any:  # noqa: N802
    """A tab with models of its own."""
    if not _setting:  # the server runs the page once by itself, before there is anything to show
        return solara.Text("esc_sim")
    return _Tab(_setting[0])


@solara.component
def _Tab(setting: Setting) -> Any:  # noqa: N802
    state = solara.use_memo(lambda: PageState(setting), [])
    solara.use_thread(state.play, dependencies=[state.playing.value], intrusive_cancel=False)
    state.applied.get()
    title = setting.scenario.title or setting.scenario.name
    side = [_Controls(state), _WhatIf(state), _Parameters(state), _Command(state)]
    over_time = [_Members(state), _Charts(state), *_states(state), _Log(state)]
    if len(state.show.runs) > 1 and state.both_maps.value:  # two maps need the whole width
        scene = [_MapCard(state), _box("div", "esc-scene", [_box("div", "esc-main", over_time), _BookSide(state)])]
    else:
        scene = [_box("div", "esc-scene", [_box("div", "esc-main", [_MapCard(state), *over_time]), _BookSide(state)])]
    main = [_Strip(state), *([_Compared(state)] if state.compared.value else []), *scene]
    if state.error.value:
        main.insert(0, _box("div", "esc-error", [state.error.value], role="alert"))
    return _box(
        "div",
        "esc-page",
        [
            solara.Title(f"{title} - esc_sim"),
            solara.Style(_CSS.read_text(encoding="utf-8")),
            _Header(setting, title),
            _box("div", "esc-body", [_box("div", "esc-side", side), _box("main", "esc-main", main)]),
            _Pulse(state),
        ],
    )


@solara.component
def _Header(setting: Setting, title: str) -> Any:  # noqa: N802
    data = setting.scenario.data
    note = data.note or data_status(data.status)
    words = [_box("span", "esc-badge", [f"{data.status} data"]), f" {note}"]
    return _box(
        "header",
        "esc-header",
        [_box("span", "esc-brand", ["esc_sim"]), _box("h1", "", [title]), _box("span", "esc-data", words)],
    )


@solara.component
def _Controls(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show = state.show
    dates = calendar_of(show.scenario)
    content = {
        "day": show.day,
        "horizon": show.horizon,
        "period": show.scenario.units.period,
        "date": "" if dates is None else dates.label(show.day),
        "playing": state.playing.value,
        "busy": state.busy,
        "finished": show.finished,
        "pending": state.pending,
        "speed": state.speed.value,
        "variants": list(state.setting.variants),
        "first": state.mine.value.variant,
        "seed": str(state.seed.value),
        "replication": str(state.replication.value),
    }
    return Controls(
        content=content,
        event_toggle=state.toggle,
        event_step=state.step,
        event_finish=state.finish,
        event_reset=state.reset,
        event_change=state.change,
    )


@solara.component
def _WhatIf(state: PageState) -> Any:  # noqa: N802
    """The frozen baseline, my changes against it, and what has been saved."""
    mine, baseline, saved = state.mine.value, state.baseline.value, state.saved.value
    content = what_if_content(state.setting, mine, baseline, saved) | {
        "baseline": state.name_of(baseline),
        "baselines": list(state.baselines),
        "several": len(state.ways) > 1,
    }
    return WhatIfCard(
        content=content,
        event_change=state.change,
        event_take_back=state.take_back,
        event_undo=state.undo,
        event_as_baseline=state.as_baseline,
        event_save=state.save,
        event_load=state.load,
        event_forget=state.forget,
        event_compare=state.compare,
    )


@solara.component
def _Compared(state: PageState) -> Any:  # noqa: N802
    """The baseline, my changes and what was saved, beside each other."""
    show, ways = state.show, state.compared.value
    content = solara.use_memo(lambda: ways_content(show, ways), [ways, show.seed, show.replication])
    planned = [name for name, way in ways.items() if plan_words(state.setting, way)]
    return Ways(
        **content,
        command=compare_command(state.setting, ways, show.seed),
        file=f"data:text/yaml;charset=utf-8,{quote(variants_file(state.setting, ways))}",
        file_name=f"{state.setting.scenario.name}_variants.yaml",
        left_out=f" (without {', '.join(planned)}, which has a plan)" if planned else "",
        event_close=lambda *_: state.compared.set({}),
    )


@solara.component
def _Parameters(state: PageState) -> Any:  # noqa: N802
    groups = solara.use_memo(lambda: group_content(state.setting.parameters), [])
    return Parameters(groups=groups, values=dict(state.mine.value.values), event_change=state.set_parameter)


@solara.component
def _Command(state: PageState) -> Any:  # noqa: N802
    """How to run the same from the command line."""
    command = run_command(state.setting, state.mine.value, state.seed.value) or "many values differ from the scenario"
    parts = [_box("h2", "", ["My changes as a command"]), _box("pre", "esc-command", [command])]
    return _box("section", "esc-card", parts, **{"aria-label": "Command"})


@solara.component
def _Strip(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    return Strip(figures=strip_content(state.show))


@solara.component
def _MapCard(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show = state.show
    if state.as_table.value:
        parts = [_tools(state), _Table(state)]
    else:
        several = len(show.runs) > 1 and state.both_maps.value
        places = range(2 if several else 1)
        maps = [_Map(state, place, several).key(f"map-{place}-{several}") for place in places]
        legend = legend_content(show.runs[0], show.scenario.units, state.width.value)
        parts = [_tools(state), _box("div", "esc-maps", maps), Legend(**legend)]
    return _box("section", "esc-card", parts, **{"aria-label": "Network"})


def _tools(state: PageState) -> Any:
    """What the map shows: view, layout, width, part of the network."""
    network = state.show.runs[0].model.instance.network
    places = possible_places(network)
    parts = [_choice("view", ["map", "table"], "table" if state.as_table.value else "map",
                     lambda v: state.as_table.set(v == "table"), "view")]  # fmt: skip
    if not state.as_table.value:
        if len(places) > 1:
            parts.append(_choice("laid out by", list(places), state.places.value, state.places.set, "places"))
        parts.append(_choice("width of links", list(WIDTHS), state.width.value, state.width.set, "width"))
        words = {"everything": 0, "the chosen member's partners": 1, "two steps around it": 2}
        current = next(word for word, steps in words.items() if steps == state.near.value)
        parts.append(_choice("show", list(words), current, lambda v: state.near.set(words[v]), "near"))
        if len(state.show.runs) > 1:
            of = {"my changes": False, "both": True}
            now = "both" if state.both_maps.value else "my changes"
            parts.append(_choice("map of", list(of), now, lambda v: state.both_maps.set(of[v]), "maps"))
    return _box("div", "esc-tools", parts)


def _choice(label: str, items: list[str], value: str, on_value: Any, test: str) -> Any:
    return _Choice(label=label, items=items, value=value, test=test, event_change=on_value)


@solara.component_vue("components/choice.vue", vuetify=False)
def _Choice(  # noqa: N802
    label: str, items: list[str], value: str, test: str, event_change: Any = None
) -> None:
    """A native list with its label."""


@solara.component
def _Map(state: PageState, place: int, several: bool) -> Any:  # noqa: N802
    state.frame.get()
    show = state.show
    run = show.runs[min(place, len(show.runs) - 1)]
    plan = solara.use_memo(lambda: MapPlan.of(run, state.places.value), [show.resets, state.places.value])
    units = show.scenario.units
    with show.lock:
        option = map_option(
            run,
            plan,
            goods=units.goods,
            period=units.period,
            width=state.width.value,
            selected=state.selected.value,
            near=state.near.value,
        )

    def clicked(event: dict[str, Any]) -> None:
        data = event.get("data")
        if event.get("dataType") == "node" and isinstance(data, dict):
            state.choose(plan.network.node_ids[int(data["node"])])

    height = 200 if plan.flat else 430 if several else 500
    chart = solara.FigureEcharts(
        option, on_click=clicked, responsive=True, attributes={"style": f"height: {height}px; width: 100%"}
    )
    parts = [chart]
    if several:
        css = "esc-letter" if place == 0 else "esc-letter esc-letter-b"
        head = [_box("span", css, [RUN_LETTERS[place]]), _box("span", "", [state.name_of(run.what_if)])]
        parts.insert(0, _box("div", "esc-map-title", head))
    words = f"Map of the network, {state.name_of(run.what_if)}. The same as a table: choose the view 'table' above."
    return _box("div", "", parts, role="group", **{"aria-label": words, "data-test": f"map-{place}"})


@solara.component
def _Table(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    with state.show.lock:
        rows = node_rows(state.show.runs[0])
    return Nodes(rows=rows, selected=state.selected.value, event_choose=state.choose)


@solara.component
def _BookSide(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show, name = state.show, state.selected.value
    names = solara.use_memo(lambda: show.node_names, [show.resets])
    with show.lock:
        content = None if name is None else book_content(show, name)
    card = BookCard(
        book=content,
        names=names,
        event_choose=state.choose,
        event_disrupt=state.disrupt,
        event_restore=state.restore,
    )
    parts = [*_exposure(state), card]
    return _box("div", "esc-side", parts)


def _exposure(state: PageState) -> list[Any]:
    """What the stress test says of the chosen outage, where one was given."""
    exposures = state.setting.exposures
    if exposures is None:
        return []
    card = ExposureCard(
        exposure=exposure_content(exposures, state.outage.value, state.show.scenario.units),
        labels=list(exposures.found),
        chosen=state.selected.value,
        words=exposures.words,
        event_choose=state.choose_outage,
        event_knock=state.knock_out,
    )
    return [card]


@solara.component
def _Members(state: PageState) -> Any:  # noqa: N802
    """Orders, stock, backlog and fill rate of some members, and the bullwhip by tier."""
    state.frame.get()
    show, names, columns = state.show, state.charted.value, min(2, state.columns.value)
    with show.lock:
        units = show.scenario.units
        option, zero = members_option(show.runs, names, units, columns, start_up=state.start_up.value)
        tiers = bullwhip_content(show)
    parts = [_box("h2", "", ["Members over time"]), *_runs_key(state)]
    parts.append(Charted(lines=members_key(names), event_add=state.chart, event_remove=state.uncharted))
    if option["grid"]:
        parts.append(_chart(option, columns).key("members-chart"))
    if zero:
        parts.append(_box("p", "esc-muted esc-small", [f"All zero: {', '.join(map(_lower, zero))}."]))
    if tiers is not None:
        parts.append(Tiers(**tiers))
    return _box("section", "esc-card", parts, **{"aria-label": "Members over time", "data-test": "members"})


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _chart(option: dict[str, Any], columns: int) -> Any:
    """Panels, ``columns`` in a row."""
    height = 190 * -(-len(option["grid"]) // columns)
    return solara.FigureEcharts(option, responsive=True, attributes={"style": f"height: {height}px; width: 100%"})


@solara.component
def _Charts(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show, columns = state.show, state.columns.value
    with show.lock:
        shown = {"unfolded": state.unfolded.value, "start_up": state.start_up.value}
        option = charts_option(show.runs, show.scenario.units, columns, **shown)
        zero = [_lower(panel.title) for panel in folded(show.runs)]
    parts = [_box("h2", "", ["The network over time"]), *_runs_key(state)]
    parts.append(_chart(option, columns).key("network-chart"))
    parts.append(_box("p", "esc-muted esc-small", [f"Shaded: {show.scenario.units.period}s with a disruption."]))
    whole = {"cut off where it flattens the rest": False, "shown whole": True}
    current = next(words for words, value in whole.items() if value == state.start_up.value)
    tools = [_choice("start-up", list(whole), current, lambda v: state.start_up.set(whole[v]), "start-up")]
    if zero:
        folds = {"folded away": False, "shown": True}
        now = next(words for words, value in folds.items() if value == state.unfolded.value)
        label = f"all zero: {', '.join(zero)}"
        tools.append(_choice(label, list(folds), now, lambda v: state.unfolded.set(folds[v]), "unfold"))
    parts.append(_box("div", "esc-tools", tools))
    return _box("section", "esc-card", parts, **{"aria-label": "Charts over time", "data-test": "charts"})


def _runs_key(state: PageState) -> list[Any]:
    """Which of two runs is solid and which dashed."""
    runs = state.show.runs
    if len(runs) == 1:
        return []
    key = [
        _box("span", "esc-legend-item", [_box("b", f"esc-letter{' esc-letter-b' if n else ''}", [letter]), words])
        for n, (letter, run) in enumerate(zip(RUN_LETTERS, runs, strict=True))
        for words in [f"{state.name_of(run.what_if)} ({'dashed' if n else 'solid'})"]
    ]
    return [_box("div", "esc-legend esc-gap", key)]


def _states(state: PageState) -> list[Any]:
    """A card with what features show of themselves, where the scenario has such features."""
    state.applied.get()  # another variant may have others
    groups = shown_groups(state.show.runs)
    if not groups:
        return []
    parts = [_States(state, group).key(f"{len(state.show.runs)} {group}") for group in groups]
    head = [_box("h2", "", ["States over time"]), *_runs_key(state)]
    return [_box("section", "esc-card", [*head, *parts], **{"aria-label": "States", "data-test": "states"})]


@solara.component
def _States(state: PageState, group: Group) -> Any:  # noqa: N802
    state.frame.get()
    show, chosen = state.show, state.entities.value.get(group.name, "")
    with show.lock:
        lines = lines_of(group, show.runs, chosen)
        option = states_option(group, lines, show.runs, state.columns.value)
    height = 190 * group.shape(state.columns.value)[0]
    chart = solara.FigureEcharts(option, responsive=True, attributes={"style": f"height: {height}px; width: 100%"})
    parts = [Key(lines=key_content(group, lines)), chart]
    if choices := choices_of(group):
        choose = _choice("show", list(choices), chosen or choices[0],
                         lambda v: state.entities.set({**state.entities.value, group.name: v}), "entity")  # fmt: skip
        parts.insert(0, _box("div", "esc-tools", [choose]))
    return _box("div", "esc-states", parts)


@solara.component
def _Log(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    with state.show.lock:
        return Log(entries=log_content(state.show))


@solara.component
def _Pulse(state: PageState) -> Any:  # noqa: N802
    """Last of all, so that it sees every other part of the frame drawn."""
    show = state.show
    frame = state.frame.value
    spoken = ""
    if not state.playing.value:
        figures = ", ".join(f"{f['label']} {f['text']} {f['unit']}" for f in strip_content(show)[:3])
        spoken = f"{show.scenario.units.period} {show.day}: {figures}"
    return Pulse(frame=frame, spoken=spoken, event_drawn=state.drawn, event_press=state.press, event_sized=state.sized)
