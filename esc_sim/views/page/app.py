"""The page itself, as Solara's server loads it: header, controls, map, book, charts, log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara

from esc_sim.scenario.calendar import calendar_of
from esc_sim.views.page.components import (
    BookCard,
    Controls,
    ExposureCard,
    Fold,
    Help,
    Key,
    Log,
    Parameters,
    Pulse,
    Strip,
)
from esc_sim.views.page.content import (
    LETTERS,
    book_content,
    exposure_content,
    group_content,
    log_content,
    strip_content,
)
from esc_sim.views.page.help import help_content
from esc_sim.views.page.map_card import MapCard, box, choice
from esc_sim.views.page.nearest import member_of
from esc_sim.views.page.parameters import as_command
from esc_sim.views.page.show import Setting
from esc_sim.views.page.state import PageState
from esc_sim.views.page.state_charts import choices_of, key_content, lines_of, shown_groups, states_option
from esc_sim.views.page.time_charts import PANELS, charts_option, stock_option
from esc_sim.views.palette import data_status
from esc_sim.views.state_groups import Group

_CSS = Path(__file__).parent / "components" / "page.css"
_setting: list[Setting] = []


def set_setting(setting: Setting) -> None:
    """What the pages of this server show; called once, before it starts."""
    _setting[:] = [setting]


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
    asked = solara.use_router().search
    state = solara.use_memo(lambda: PageState(setting, member_of(asked or "")), [])
    solara.use_thread(state.play, dependencies=[state.playing.value], intrusive_cancel=False)
    title = setting.scenario.title or setting.scenario.name
    side = [_Controls(state), *_folded(state, "Parameters", lambda: [_Parameters(state), _Command(state)])]
    below = [
        *_folded(state, "Charts over time", lambda: [_Charts(state)]),
        *(_folded(state, "States", lambda: _states(state)) if shown_groups(state.show.runs) else []),
        *_folded(state, "Events", lambda: [_Log(state)]),
    ]
    if state.several.value:  # two maps need the whole width
        left = box("div", "esc-main", below)
        scene = [MapCard(state), box("div", "esc-scene", [left, _BookSide(state)])]
    else:
        left = box("div", "esc-main", [MapCard(state), *below])
        scene = [box("div", "esc-scene", [left, _BookSide(state)])]
    main = [_Strip(state), *scene]
    if state.error.value:
        main.insert(0, box("div", "esc-error", [state.error.value], role="alert"))
    return box(
        "div",
        "esc-page",
        [
            solara.Title(f"{title} - esc_sim"),
            solara.Style(_CSS.read_text(encoding="utf-8")),
            _Header(setting, title),
            box("div", "esc-body", [box("div", "esc-side", side), box("main", "esc-main", main)]),
            _Pulse(state),
        ],
    )


def _folded(state: PageState, name: str, parts: Callable[[], list[Any]]) -> list[Any]:
    """Parts of the page, drawn once the width is known; on a phone only once they have been opened."""
    if not state.columns.value:
        return []
    if not state.phone:
        return parts()
    opened = name in state.unfolded.value
    fold = Fold(name=name, opened=opened, event_turn=lambda *_: state.unfolded.set(state.unfolded.value ^ {name}))
    return [fold, *parts()] if opened else [fold]


@solara.component
def _Header(setting: Setting, title: str) -> Any:  # noqa: N802
    data = setting.scenario.data
    note = data.note or data_status(data.status)
    words = [box("span", "esc-badge", [f"{data.status} data"]), f" {note}"]
    return box(
        "header",
        "esc-header",
        [
            box("span", "esc-brand", ["esc_sim"]),
            box("h1", "", [title]),
            box("span", "esc-data", words),
            Help(parts=help_content(), docs=setting.docs),
        ],
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
        "reached": f"{state.reached.value:.2g}" if state.reached.value else "",
        "phone": state.phone,
        "variants": list(show.variants),
        "first": state.first.value,
        "second": state.second.value,
        "seed": str(state.seed.value),
        "replication": str(state.replication.value),
    }
    return Controls(
        content=content,
        event_toggle=state.toggle,
        event_step=state.step,
        event_reset=state.reset,
        event_change=state.change,
    )


@solara.component
def _Parameters(state: PageState) -> Any:  # noqa: N802
    groups = solara.use_memo(lambda: group_content(state.setting.parameters), [])
    return Parameters(
        groups=groups,
        values=dict(state.values.value),
        period=state.show.scenario.units.period,
        event_change=state.set_parameter,
        event_undo=state.undo,
    )


@solara.component
def _Command(state: PageState) -> Any:  # noqa: N802
    """How to run the same from the command line."""
    chosen = state.show.variants[state.first.value]
    found = state.setting.differing(chosen, state.values.value)
    source = [*state.setting.source, *chosen.words]
    if state.seed.value != state.setting.scenario.run.seed:
        source += ["--seed", str(state.seed.value)]
    command = as_command(source, found) or f"{len(found)} values differ from the scenario"
    parts = [box("h2", "", ["The same as a command"]), box("pre", "esc-command", [command])]
    return box("section", "esc-card", parts, **{"aria-label": "Command"})


@solara.component
def _Strip(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    return Strip(figures=strip_content(state.show))


@solara.component
def _BookSide(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show, name = state.show, state.selected.value
    names = solara.use_memo(lambda: show.node_names, [show.resets])
    with show.lock:
        content = None if name is None else book_content(show, name)
        stocks = [run.stock_of(name) for run in show.runs] if name is not None and content is not None else []
    card = BookCard(
        book=content,
        names=names,
        missing=state.missing.value,
        event_choose=state.choose,
        event_disrupt=state.disrupt,
        event_restore=state.restore,
    )
    parts = [*_exposure(state), card]
    if stocks:
        option = stock_option(stocks, [run.variant.name for run in show.runs], show.scenario.units.goods)
        chart = solara.FigureEcharts(option, responsive=True, attributes={"style": "height: 170px; width: 100%"})
        parts.append(box("div", "esc-card", [chart], **{"aria-label": "Stock of the chosen member over time"}))
    return box("div", "esc-side", parts)


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
def _Charts(state: PageState) -> Any:  # noqa: N802
    state.frame.get()
    show = state.show
    with show.lock:
        option = charts_option(show.runs, show.scenario.units, state.columns.value)
    height = 190 * -(-len(PANELS) // state.columns.value)
    chart = solara.FigureEcharts(option, responsive=True, attributes={"style": f"height: {height}px; width: 100%"})
    parts = [box("h2", "", ["Over time"]), *_runs_key(state)]
    parts += [chart, box("p", "esc-muted esc-small", [f"Shaded: {show.scenario.units.period}s with a disruption."])]
    return box("section", "esc-card", parts, **{"aria-label": "Charts over time", "data-test": "charts"})


def _runs_key(state: PageState) -> list[Any]:
    """Which of two runs is solid and which dashed."""
    runs = state.show.runs
    if len(runs) == 1:
        return []
    key = [
        box("span", "esc-legend-item", [box("b", f"esc-letter{' esc-letter-b' if n else ''}", [letter]), words])
        for n, (letter, run) in enumerate(zip(LETTERS, runs, strict=True))
        for words in [f"{run.variant.name} ({'dashed' if n else 'solid'})"]
    ]
    return [box("div", "esc-legend esc-gap", key)]


def _states(state: PageState) -> list[Any]:
    """A card with what features show of themselves, where the scenario has such features."""
    state.applied.get()  # another variant may have others
    groups = shown_groups(state.show.runs)
    if not groups:
        return []
    parts = [_States(state, group).key(f"{len(state.show.runs)} {group}") for group in groups]
    head = [box("h2", "", ["States over time"]), *_runs_key(state)]
    return [box("section", "esc-card", [*head, *parts], **{"aria-label": "States", "data-test": "states"})]


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
        choose = choice("show", list(choices), chosen or choices[0],
                         lambda v: state.entities.set({**state.entities.value, group.name: v}), "entity")  # fmt: skip
        parts.insert(0, box("div", "esc-tools", [choose]))
    return box("div", "esc-states", parts)


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
