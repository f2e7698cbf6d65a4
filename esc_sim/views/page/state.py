"""What one browser tab has chosen, as Solara's reactive values, and what its buttons do."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

import solara

from esc_sim.errors import EscSimError
from esc_sim.network.grouping import GroupBy, possible_groupings
from esc_sim.views.page.group_chart import GROUPED_FROM
from esc_sim.views.page.map_chart import Width
from esc_sim.views.page.map_plan import Places, possible_places
from esc_sim.views.page.nearest import unknown_member
from esc_sim.views.page.pace import Pace
from esc_sim.views.page.parameters import Value
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.variants import BASE

UNGROUPED: Final = "none"
"""Choice of groups: each member stands alone."""
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
        self.setting = setting
        self.show = Show(setting)
        network = self.show.runs[0].model.instance.network
        self.frame = solara.reactive(0)
        self.playing = solara.reactive(False)
        self.moving = solara.reactive(False)  # stays on after a pause until the periods at hand have been played
        self.speed = solara.reactive(5)
        self.reached = solara.reactive(0.0)  # periods per second, where that is less than the speed
        self.selected: solara.Reactive[str | None] = solara.reactive(None)
        self.outage = solara.reactive("")
        self.values: solara.Reactive[dict[str, Value]] = solara.reactive({})
        self.applied: solara.Reactive[tuple[Any, ...]] = solara.reactive(())
        self.first = solara.reactive(BASE)
        self.second = solara.reactive("")
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
        self.as_table = solara.reactive(False)
        self.columns = solara.reactive(0)  # until the browser has told its width
        self.unfolded: solara.Reactive[frozenset[str]] = solara.reactive(frozenset())
        self.entities: solara.Reactive[dict[str, str]] = solara.reactive({})
        self.several = solara.reactive(False)
        self.error = solara.reactive("")
        self.applied.value = self._choices()
        self._drawn = threading.Condition()
        self._turn = threading.Lock()
        self._seen = -1
        self.choose(member)
        self.error.value = self.missing.value  # of the address: said at the top

    def _choices(self) -> tuple[Any, ...]:
        """What takes effect at reset."""
        values = tuple(sorted(self.values.value.items()))
        return values, self.first.value, self.second.value, self.seed.value, self.replication.value

    @property
    def pending(self) -> int:
        """Number of choices that wait for a reset."""
        old, new = self.applied.value, self._choices()
        return len(set(old[0]) ^ set(new[0])) + sum(a != b for a, b in zip(old[1:], new[1:], strict=True))

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

    def _begin(self, periods: int) -> None:
        """Begin anew with what has been chosen, and play some periods."""
        self.playing.value = False
        names = [self.first.value, *([self.second.value] if self.second.value else [])]

        def begin() -> None:
            self.show.reset(self.values.value, self.seed.value, self.replication.value, names)
            self.applied.value = self._choices()
            self.several.value = len(names) > 1
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
            number = int(value) if str(value).isdecimal() else 0
            (self.seed if name == "seed" else self.replication).value = min(number, 2**63)
        elif name in ("first", "second") and (value in self.show.variants or value == ""):
            (self.first if name == "first" else self.second).value = value

    def set_parameter(self, choice: dict[str, Any]) -> None:
        """A choice of the parameters: {key, value}; the scenario's own value is no choice."""
        values = dict(self.values.value)
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
        self.values.value = values

    def undo(self, *_: Any) -> None:
        """Back to the scenario's values."""
        self.values.value = {}

    def choose_grouping(self, by: str) -> None:
        """Show the map by groups, all of them closed, or by members."""
        self.opened.value = frozenset()
        self.group_by.value = by

    def turn_group(self, name: str) -> None:
        """Open a closed group of the map, close an opened one."""
        self.opened.value = self.opened.value ^ {name}

    def choose(self, node: str | None) -> None:
        """Choose a node; an unknown one chooses none, and the page says so."""
        names = self.show.node_names
        self.selected.value = node if node in names else None
        self.missing.value = "" if not node or node in names else unknown_member(node, names)
        exposures = self.setting.exposures
        self.outage.value = "" if exposures is None else exposures.of_node.get(node or "", "")

    def choose_outage(self, label: str) -> None:
        """Choose an outage of the stress test, and the node that is out in it; an unknown one chooses none."""
        exposures = self.setting.exposures
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
            self.show.variants[variant.name] = variant
            self.first.value = variant.name

        if self._safely(offer):
            self.values.value = {}
            self.seed.value = exposures.seed
            self._begin(one.start)

    def disrupt(self, health: float) -> None:
        """Disrupt the chosen node by hand."""
        node = self.selected.value
        if node is not None:
            self._safely(lambda: self.show.disrupt(node, float(health)))

    def restore(self, *_: Any) -> None:
        """Restore the chosen node."""
        node = self.selected.value
        if node is not None:
            self._safely(lambda: self.show.restore(node))

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
