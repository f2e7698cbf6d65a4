"""What one browser tab has chosen, as Solara's reactive values, and what its buttons do."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any, Final

import solara

from esc_sim.errors import EscSimError
from esc_sim.network.grouping import GroupBy, possible_groupings
from esc_sim.views.page.group_chart import GROUPED_FROM
from esc_sim.views.page.map_chart import Width
from esc_sim.views.page.map_plan import Places, possible_places
from esc_sim.views.page.members_chart import MOST_MEMBERS, first_members
from esc_sim.views.page.nearest import member_named, nearest_names, unknown_member
from esc_sim.views.page.pace import Pace
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.typed import LARGEST, whole_number
from esc_sim.views.page.variants import BASE
from esc_sim.views.page.what_if import WhatIf, closed, reopened, title_of, without_change

UNGROUPED: Final = "none"
"""Choice of groups: each member stands alone."""
_OWN_NAMES: Final = ("baseline", "my changes")
"""Names in the table of variants that nothing else can have."""
_PATIENCE = 5.0
"""Seconds to wait for the browser to have drawn a frame before the next one is sent."""


class PageState:
    """One tab: its show, its choices, and the frame that its parts draw."""

    def __init__(self, setting: Setting, member: str = "") -> None:
        """Begin.

        Args:
            setting: what the page was started with.
            member: name of the member that is chosen first.
        """
        self.show = Show(setting)
        self.setting = self.show.setting
        network = self.show.runs[0].model.instance.network
        self.frame = solara.reactive(0)
        self.playing = solara.reactive(False)
        self.moving = solara.reactive(False)  # stays on after a pause until the periods at hand have been played
        self.speed = solara.reactive(5)
        self.reached = solara.reactive(0.0)  # periods per second, where that is less than the speed
        self.selected: solara.Reactive[str | None] = solara.reactive(None)
        self.outage = solara.reactive("")
        self.mine = solara.reactive(WhatIf())
        self.baseline = solara.reactive(WhatIf())
        self.saved: solara.Reactive[dict[str, WhatIf]] = solara.reactive({})
        self.compared: solara.Reactive[dict[str, WhatIf]] = solara.reactive({})
        self.applied: solara.Reactive[tuple[Any, ...]] = solara.reactive(())
        self.seed = solara.reactive(setting.scenario.run.seed)
        self.replication = solara.reactive(0)
        self.places: solara.Reactive[Places] = solara.reactive(possible_places(network)[0])
        self.width: solara.Reactive[Width] = solara.reactive("flow")
        self.near = solara.reactive(0)
        groupings = possible_groupings(network) if network.node_count >= GROUPED_FROM else []
        self.group_by: solara.Reactive[GroupBy | str] = solara.reactive(next(iter(groupings), UNGROUPED))
        self.opened: solara.Reactive[frozenset[str]] = solara.reactive(frozenset())
        self.colour_by = solara.reactive("state")
        self.missing = solara.reactive("")
        self.nearest: solara.Reactive[list[str]] = solara.reactive([])
        self.as_table = solara.reactive(False)
        self.columns = solara.reactive(0)  # until the browser has told its width
        self.unfolded: solara.Reactive[frozenset[str]] = solara.reactive(frozenset())
        self.entities: solara.Reactive[dict[str, str]] = solara.reactive({})
        self.both_maps = solara.reactive(False)
        self.charted = solara.reactive(first_members(self.show.runs[0].model))
        self.zero_shown = solara.reactive(False)
        self.start_up = solara.reactive(False)
        self.error = solara.reactive("")
        self.notes: solara.Reactive[dict[str, str]] = solara.reactive({})  # what is said beside a field, by part
        self.applied.value = self._choices()
        self._drawn = threading.Condition()
        self._turn = threading.Lock()
        self._seen = -1
        self.choose(member)
        # A name in the address that no member has: said at the top.
        self.error.value = " ".join(filter(None, [self.missing.value, self.nearest_words]))
        self.missing.value = ""

    def _choices(self) -> tuple[WhatIf, WhatIf, int, int]:
        """What takes effect at reset."""
        return self.mine.value, self.baseline.value, self.seed.value, self.replication.value

    @property
    def pending(self) -> int:
        """Number of choices that wait for a reset."""
        old, new = self.applied.value, self._choices()
        before, after = old[0], new[0]
        return (
            len(set(before.values.items()) ^ set(after.values.items()))
            + (before.variant != after.variant)
            + len(set(before.closures) ^ set(after.closures))
            + sum(a != b for a, b in zip(old[1:], new[1:], strict=True))
        )

    def note(self, part: str, words: str = "") -> None:
        """Say something beside a field of a part of the page; nothing without words."""
        self.notes.value = {**self.notes.value, part: words}

    def redraw(self) -> None:
        """Draw what has changed in the show."""
        self.frame.value += 1

    def step(self, *_: Any) -> None:
        """One period."""
        if not self.busy:
            self._safely(lambda: self.show.step())

    @property
    def busy(self) -> bool:
        """The show goes on by itself."""
        return self.playing.value or self.moving.value

    def toggle(self, *_: Any) -> None:
        """Play or pause."""
        self.playing.value = not self.playing.value and not self.show.finished

    def reset(self, *_: Any) -> None:
        """Begin anew with what has been chosen."""
        self._begin(0)

    def finish(self, *_: Any) -> None:
        """Play to the end of the run at once; begin with what has been chosen where it waits for a reset."""
        if self.pending:
            self._begin(self.setting.scenario.run.periods)
        elif not self.busy:
            self._safely(lambda: self.show.step(self.show.horizon))

    def _begin(self, periods: int) -> None:
        """Begin anew with what has been chosen, and play some periods."""
        self.playing.value = False

        def begin() -> None:
            self.show.reset(*self._choices())
            self.applied.value = self._choices()
            self.show.step(periods)

        self._safely(begin)

    def _safely(self, action: Any) -> bool:
        """Do something to the show and draw it; an error is shown and ends the playing. Says whether it was done."""
        try:
            action()
            self.error.value = ""
        except (EscSimError, ValueError, ArithmeticError) as error:
            self.playing.value = False
            self.error.value = str(error)
        self.redraw()
        return not self.error.value

    def press(self, key: str) -> None:
        """A key of the keyboard."""
        {"p": self.toggle, "s": self.step, "r": self.reset}.get(key, lambda: None)()

    @property
    def several(self) -> bool:
        """Whether the maps of both runs are shown."""
        return len(self.show.runs) > 1 and self.both_maps.value

    @property
    def phone(self) -> bool:
        """Whether the window is narrow: one column, with everything but map, playing and key figures folded."""
        return self.columns.value == 1

    def sized(self, width: float) -> None:
        """Width of the window: how many charts stand side by side."""
        self.columns.value = 1 if width < 560 else 2 if width < 1000 else 3

    def change(self, choice: dict[str, Any]) -> None:
        """A choice of the controls: {name, value}."""
        name, value = choice["name"], choice["value"]
        if name == "speed":
            self.speed.value = max(1, int(value))
        elif name in ("seed", "replication"):
            field = self.seed if name == "seed" else self.replication
            number = whole_number(value)
            if number is None or number < 0:
                self.note(name, f"The {name} is a whole number from 0 to {LARGEST:,}: it stays {field.value}.")
            else:
                self.note(name)
                field.value = number
        elif name == "first" and value in self.setting.variants:
            self.mine.value = replace(self.mine.value, variant=value)
        elif name == "baseline" and value in self.baselines:
            self.baseline.value = self.baselines[value]

    def set_parameter(self, choice: dict[str, Any]) -> None:
        """A choice of the parameters: {key, value}; the scenario's own value is no choice."""
        values = dict(self.mine.value.values)
        own = {p.key: p.value for p in self.setting.parameters}
        key, value = choice["key"], choice["value"]
        if key not in own:
            return
        if isinstance(own[key], float):
            value = float(value)
        if value == own[key]:
            values.pop(key, None)
        else:
            values[key] = value
        self.mine.value = replace(self.mine.value, values=values)

    def undo(self, *_: Any) -> None:
        """Back to the baseline: no changes."""
        self.mine.value = self.baseline.value

    def take_back(self, key: str) -> None:
        """Take one change against the baseline back."""
        self.mine.value = without_change(self.setting, self.mine.value, self.baseline.value, key)

    @property
    def baselines(self) -> dict[str, WhatIf]:
        """What the baseline can be, by name: variants, what has been saved, and what it is now."""
        ways = {name: WhatIf(name) for name in self.setting.variants} | self.saved.value
        if self.baseline.value not in ways.values():
            ways[title_of(self.setting, self.baseline.value)] = self.baseline.value
        return ways

    def name_of(self, what_if: WhatIf) -> str:
        """Its name in the list of baselines; else its changes against the scenario as written."""
        found = (name for name, way in self.baselines.items() if way == what_if)
        return next(found, title_of(self.setting, what_if))

    def as_baseline(self, *_: Any) -> None:
        """From now on, what is run now is what other changes are compared with."""
        self.baseline.value = self.mine.value

    def save(self, name: str) -> None:
        """Save what is run under a name that nothing else has; one that has been saved before is replaced.

        The separators of `compare --variant` cannot be part of it.
        """
        name = " ".join(str(name).replace(":", " ").replace(";", " ").split())[:60]
        name = name or title_of(self.setting, self.mine.value).replace(":", "").replace(";", ",")[:60]
        if name.casefold() in {other.casefold() for other in (*_OWN_NAMES, *self.setting.variants)}:
            self.note("save", f"'{name}' is the name of something else here: choose another.")
            return
        replaced = self.saved.value.get(name)
        self.saved.value = {**self.saved.value, name: self.mine.value}
        self.note("save", "" if replaced in (None, self.mine.value) else f"'{name}' was replaced.")
        if name in self.compared.value:
            self.compare()

    def load(self, name: str) -> None:
        """Run what was saved under a name."""
        if name in self.saved.value:
            self.mine.value = self.saved.value[name]

    def forget(self, name: str) -> None:
        """Delete what was saved under a name."""
        self.saved.value = {key: way for key, way in self.saved.value.items() if key != name}
        if name in self.compared.value:
            self.compare()

    def compare(self, *_: Any) -> None:
        """Put the baseline, what is run and all that was saved beside each other."""
        self.compared.value = self.ways
        self.redraw()

    @property
    def ways(self) -> dict[str, WhatIf]:
        """The baseline, my changes and what has been saved, each once."""
        mine, baseline, saved = self.mine.value, self.baseline.value, self.saved.value
        unsaved = {} if mine == baseline or mine in saved.values() else {_OWN_NAMES[1]: mine}
        return {_OWN_NAMES[0]: baseline} | unsaved | {name: way for name, way in saved.items() if way != baseline}

    def choose_grouping(self, by: str) -> None:
        """Show the map by groups, all of them closed, or by members."""
        self.opened.value = frozenset()
        self.group_by.value = by

    def turn_group(self, name: str) -> None:
        """Open a closed group of the map, close an opened one."""
        self.opened.value = self.opened.value ^ {name}

    def choose(self, node: str | None) -> None:
        """Choose a node; an unknown one chooses none, and the page says so."""
        names, wanted = self.show.node_names, (node or "").strip()
        node = member_named(wanted, names)
        self.missing.value = unknown_member(wanted, names) if wanted and node is None else ""
        self.nearest.value = nearest_names(wanted, names) if wanted and node is None else []
        self.selected.value = node  # last: the book never stands beside what was said of a wrong name
        if self.selected.value is not None:
            self.chart(self.selected.value)
        exposures = self.setting.exposures
        self.outage.value = "" if exposures is None else exposures.of_node.get(node or "", "")

    @property
    def nearest_words(self) -> str:
        """The names nearest to one that no member has, in words."""
        return f"The nearest names are {', '.join(self.nearest.value)}." if self.nearest.value else ""

    def chart(self, node: str) -> None:
        """Show a member in the charts over time; of too many, the one that was there first goes."""
        if node in self.show.node_names and node not in self.charted.value:
            self.charted.value = (*self.charted.value, node)[-MOST_MEMBERS:]

    def uncharted(self, node: str) -> None:
        """Show a member no more in the charts over time."""
        self.charted.value = tuple(name for name in self.charted.value if name != node)

    def choose_outage(self, label: str) -> None:
        """Choose an outage of the stress test, and the node that is out in it; an unknown one chooses none."""
        exposures = self.setting.exposures
        label = label if exposures is None else member_named(label, exposures.found) or label
        one = None if exposures is None else exposures.found.get(label)
        if one is not None and one.kind == "node":
            self.choose(one.name)
        self.outage.value = "" if one is None else label

    def knock_out(self, *_: Any) -> None:
        """Play the stored case of the chosen outage, with the scenario's values, up to where it begins."""
        exposures = self.setting.exposures
        if exposures is None or self.outage.value not in exposures.found:
            return
        one = exposures.found[self.outage.value]

        def offer() -> None:
            variant = one.variant(self.setting.scenario, self.setting.variants[BASE].allow_code)
            self.setting.variants[variant.name] = variant
            self.mine.value = WhatIf(variant.name)

        if self._safely(offer):
            self.seed.value = exposures.seed
            self._begin(one.start)

    def disrupt(self, choice: dict[str, Any]) -> None:
        """Close the chosen member by hand, in my changes: {health, lasts}; without ``lasts`` until it is opened."""
        node, health = self.selected.value, float(choice["health"])
        wanted = str(choice.get("lasts") or "").strip()
        lasts, most = whole_number(wanted), self.show.horizon
        wrong = bool(wanted) and (lasts is None or not 1 <= lasts <= most)
        period = self.show.scenario.units.period
        words = f"Nothing was done. Give a whole number of {period}s, 1 to {most}, or none: until it is restored."
        self.note("lasts", words if wrong else "")
        if node is not None and not wrong:
            now = self.show.day
            end = None if lasts is None else now + lasts
            self._by_hand(
                lambda: self.show.disrupt(node, health, lasts), lambda all_: closed(all_, node, now, health, end)
            )

    def restore(self, *_: Any) -> None:
        """Open the chosen member again."""
        node = self.selected.value
        if node is not None:
            now = self.show.day
            self._by_hand(lambda: self.show.restore(node), lambda all_: reopened(all_, node, now))

    def _by_hand(self, action: Any, closures_after: Any) -> None:
        """What is done by hand takes effect at once, and is one of my changes."""

        def act() -> None:
            action()
            mine, baseline = self.show.runs[0].what_if, self.show.runs[-1].what_if
            self.applied.value = mine, baseline, *self.applied.value[2:]
            self.mine.value = replace(self.mine.value, closures=closures_after(self.mine.value.closures))

        self._safely(act)

    def drawn(self, frame: int) -> None:
        """The browser has drawn a frame."""
        with self._drawn:
            self._seen = max(self._seen, int(frame))
            self._drawn.notify_all()

    def play(self, cancel: threading.Event) -> None:
        """Step and draw until paused, finished or cancelled; never ahead of what the browser has drawn."""
        if not self.playing.value:
            return
        with self._turn:  # whoever played before may still be at its last period
            self.moving.value = True
            try:
                self._play(cancel)
            finally:
                self.moving.value = False
                self.reached.value = 0.0

    def _play(self, cancel: threading.Event) -> None:
        resets, pace = self.show.resets, Pace(time.monotonic())
        while self.playing.value and not cancel.is_set():
            periods = pace.due(self.speed.value, time.monotonic())
            self.reached.value = pace.short(self.speed.value)
            self._safely(lambda n=periods: self.show.step(n, resets))
            pace.played(periods, time.monotonic())
            if self.show.finished:
                self.playing.value = False
                return
            with self._drawn:
                self._drawn.wait_for(lambda: self._seen >= self.frame.value or cancel.is_set(), _PATIENCE)
            cancel.wait(pace.rest(self.speed.value, time.monotonic()))
