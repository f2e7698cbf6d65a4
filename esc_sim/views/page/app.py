"""The page itself, as Solara's server loads it: header, controls, map, book, charts, log."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import solara

from esc_sim.scenario.calendar import calendar_of
from esc_sim.views.page.components import (
    BookCard,
    Charted,
    Controls,
    ExposureCard,
    Fold,
    Help,
    Key,
    Log,
    Parameters,
    Pulse,
    Strip,
    Tiers,
    Told,
    Ways,
    WhatIfCard,
)
from esc_sim.views.page.content import (
    RUN_LETTERS,
    book_content,
    bullwhip_content,
    exposure_content,
    group_content,
    log_content,
    strip_content,
    ways_content,
    what_if_content,
)
from esc_sim.views.page.help import help_content
from esc_sim.views.page.map_card import MapCard, box, choice
from esc_sim.views.page.members_chart import members_key, members_option
from esc_sim.views.page.nearest import member_of
from esc_sim.views.page.show import Setting
from esc_sim.views.page.state import PageState
from esc_sim.views.page.state_charts import choices_of, key_content, lines_of, shown_groups, states_option
from esc_sim.views.page.time_charts import charts_option, folded
from esc_sim.views.page.what_if import WhatIf, compare_command, file_address, file_name, plan_words, run_command
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
    state.applied.get()
    title = setting.scenario.title or setting.scenario.name
    side = [
        _Controls(state),
        *_folded(state, "What if", lambda: [_WhatIf(state)]),
        *_folded(state, "Parameters", lambda: [_Parameters(state), _Command(state)]),
    ]
    below = [
        *_folded(state, "Members over time", lambda: [_Members(state)]),
        *_folded(state, "Charts over time", lambda: [_Charts(state)]),
        *(_folded(state, "States", lambda: _states(state)) if shown_groups(state.show.runs) else []),
        *_folded(state, "Events", lambda: [_Log(state)]),
    ]
    if state.several:  # two maps need the whole width
        left = box("div", "esc-main", below)
        scene = [MapCard(state), box("div", "esc-scene", [left, _BookSide(state)])]
    else:
        left = box("div", "esc-main", [MapCard(state), *below])
        scene = [box("div", "esc-scene", [left, _BookSide(state)])]
    main = [_Strip(state), *([_Compared(state)] if state.compared.value else []), *scene]
    if state.error.value:
        main.insert(0, Told(words=state.error.value, event_close=lambda *_: state.error.set("")))
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
        "variants": list(state.setting.variants),
        "first": state.mine.value.variant,
        "seed": str(state.seed.value),
        "replication": str(state.replication.value),
        "notes": [words for part in ("seed", "replication") if (words := state.notes.value.get(part))],
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
        "note": state.notes.value.get("save", ""),
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
    state.applied.get()  # the seed may be another
    show, ways = state.show, state.compared.value
    content = solara.use_memo(lambda: ways_content(show, ways), [ways, show.seed, show.replication])
    planned = [name for name, way in ways.items() if plan_words(state.setting, way)]
    return Ways(
        **content,
        command=compare_command(state.setting, ways, show.seed),
        file=file_address(state.setting, ways),
        file_name=file_name(state.setting),
        left_out=f" (without {', '.join(planned)}, which has a plan)" if planned else "",
        seed=show.seed,
        replication=show.replication,
        event_close=lambda *_: state.compared.set({}),
    )


@solara.component
def _Parameters(state: PageState) -> Any:  # noqa: N802
    groups = solara.use_memo(lambda: group_content(state.setting.parameters), [])
    period = state.show.scenario.units.period
    values = dict(state.mine.value.values)
    return Parameters(groups=groups, values=values, period=period, event_change=state.set_parameter)


@solara.component
def _Command(state: PageState) -> Any:  # noqa: N802
    """How to run the same from the command line."""
    setting, mine = state.setting, state.mine.value
    command = run_command(setting, mine, state.seed.value)
    parts = [box("h2", "", ["My changes as a command"])]
    if not command:
        command = f"esc-sim compare {shlex.quote(setting.source[0])} --variants {file_name(setting)}"
        address = file_address(setting, {"baseline": WhatIf(), "my changes": mine})
        file = {"href": address, "download": file_name(setting), "data-test": "my-file"}
        link = box("a", "esc-link", ["save them as a file"], **file)
        parts.append(box("p", "esc-small", ["Too many values for one line: ", link, ", for"]))
    parts.append(box("pre", "esc-command", [command], tabindex="0"))
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
    card = BookCard(
        book=content,
        names=names,
        missing=state.missing.value,
        nearest=state.nearest.value,
        wrong=state.notes.value.get("lasts", ""),
        event_choose=state.choose,
        event_disrupt=state.disrupt,
        event_restore=state.restore,
    )
    parts = [*_exposure(state), card]
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
def _Members(state: PageState) -> Any:  # noqa: N802
    """Orders, stock, backlog and fill rate of some members, and the bullwhip by tier."""
    state.frame.get()
    show, names, columns = state.show, state.charted.value, min(2, state.columns.value)
    with show.lock:
        units = show.scenario.units
        option, zero = members_option(show.runs, names, units, columns, start_up=state.start_up.value)
        tiers = bullwhip_content(show)
    parts = [box("h2", "", ["Members over time"]), *_runs_key(state)]
    parts.append(Charted(lines=members_key(names), event_add=state.choose, event_remove=state.uncharted))
    if option["grid"]:
        parts.append(_chart(option, columns).key("members-chart"))
    if zero:
        parts.append(box("p", "esc-muted esc-small", [f"All zero: {', '.join(map(_lower, zero))}."]))
    if tiers is not None:
        parts.append(Tiers(**tiers))
    return box("section", "esc-card", parts, **{"aria-label": "Members over time", "data-test": "members"})


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
        shown = {"unfolded": state.zero_shown.value, "start_up": state.start_up.value}
        option = charts_option(show.runs, show.scenario.units, columns, **shown)
        zero = [_lower(panel.title) for panel in folded(show.runs)]
    parts = [box("h2", "", ["The network over time"]), *_runs_key(state)]
    parts.append(_chart(option, columns).key("network-chart"))
    parts.append(box("p", "esc-muted esc-small", [f"Shaded: {show.scenario.units.period}s with a disruption."]))
    whole = {"cut off where it flattens the rest": False, "shown whole": True}
    current = next(words for words, value in whole.items() if value == state.start_up.value)
    tools = [choice("start-up", list(whole), current, lambda v: state.start_up.set(whole[v]), "start-up")]
    if zero:
        folds = {"folded away": False, "shown": True}
        now = next(words for words, value in folds.items() if value == state.zero_shown.value)
        label = f"all zero: {', '.join(zero)}"
        tools.append(choice(label, list(folds), now, lambda v: state.zero_shown.set(folds[v]), "unfold"))
    parts.append(box("div", "esc-tools", tools))
    return box("section", "esc-card", parts, **{"aria-label": "Charts over time", "data-test": "charts"})


def _runs_key(state: PageState) -> list[Any]:
    """Which of two runs is solid and which dashed."""
    runs = state.show.runs
    if len(runs) == 1:
        return []
    key = [
        box("span", "esc-legend-item", [box("b", f"esc-letter{' esc-letter-b' if n else ''}", [letter]), words])
        for n, (letter, run) in enumerate(zip(RUN_LETTERS, runs, strict=True))
        for words in [f"{state.name_of(run.what_if)} ({'dashed' if n else 'solid'})"]
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
        figures = ", ".join(
            f"{f['label']} {f['text']} {f['unit']}"
            + (f", {f['difference']} against the baseline" if f["difference"] else "")
            for f in strip_content(show)[:3]
        )
        spoken = f"{show.scenario.units.period} {show.day}: {figures}"
    return Pulse(frame=frame, spoken=spoken, event_drawn=state.drawn, event_press=state.press, event_sized=state.sized)
