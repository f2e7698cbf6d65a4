"""Reverse stress test: the smallest set of sites whose joint outage takes a key figure beyond a limit.

Sets are tried whole, in the order of their weight: an impact need not grow with the set (two sites that are out may
hurt less than one, whose buyers went on paying), so that leaving out supersets, or subsets, would prove nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any, Final

from esc_sim.engine.workers import default_workers, in_threads
from esc_sim.errors import InputError
from esc_sim.measures.measure import Measure
from esc_sim.measures.registry import MEASURES
from esc_sim.network.model import Network
from esc_sim.results.run import RunResult
from esc_sim.results.sampled import sample_of
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from esc_sim.stress.replay import as_disruption, patch_of
from esc_sim.stress.stressors import Stressor

MOST_SITES: Final = 3
"""Sites of the largest sets that are tried."""


@dataclass(frozen=True)
class Limit:
    """A limit of a key figure.

    Attributes:
        measure: the key figure.
        below: whether a value below the bound breaks it; else one above.
        bound: the number.
    """

    measure: Measure
    below: bool
    bound: float

    def __str__(self) -> str:
        return f"{self.measure.name}{'<' if self.below else '>'}{self.bound:g}"

    def is_broken_by(self, value: float) -> bool:
        """Whether a value is beyond the bound; no value is not."""
        return value < self.bound if self.below else value > self.bound

    def beyond(self, value: float) -> float:
        """How far a value is beyond the bound."""
        return self.bound - value if self.below else value - self.bound


@dataclass(frozen=True)
class Breaking:
    """What a reverse test has found.

    Attributes:
        limit: as it was given.
        undisturbed: the key figure without an outage, mean over replications.
        sites: names of the set that breaks the limit; none where no set that was tried does.
        weight: summed weight of the set.
        start: start date at which it is furthest beyond.
        value: the key figure then.
        change: a change for ``run --set`` that replays it, or "".
        tried: number of sets tried, each at all start dates.
        most: sites of the largest sets that would have been tried.
        proved: whether no other set is lighter: all lighter ones were tried, or larger sets must weigh more. Where no
            set breaks the limit: whether all sites were in the largest set.
    """

    limit: str
    undisturbed: float
    sites: tuple[str, ...]
    weight: float
    start: int
    value: float
    change: str
    tried: int
    most: int
    proved: bool

    def __str__(self) -> str:
        if not self.sites:
            rest = "" if self.proved else "; larger ones were not"
            sites = "1 site" if self.most == 1 else f"{self.most} sites"
            return f"{self.limit}: no outage of up to {sites} gets there (all {self.tried:,} sets tried{rest})"
        sites, how = " + ".join(self.sites), "proved" if self.proved else "not proved"
        return (
            f"{self.limit}: broken by {sites}, out from period {self.start} on: {self.value:.6g} "
            f"({self.undisturbed:.6g} without; {self.tried:,} sets tried; {how})"
        )


def limit_of(text: str) -> Limit:
    """The limit that a text such as "fill_rate<0.9" names.

    Raises:
        InputError: it names none.
    """
    match = re.fullmatch(r"\s*(\w+)\s*([<>])\s*([-+\w.]+)\s*", text)
    try:
        bound = float(match[3]) if match else float("nan")
    except ValueError:
        bound = float("nan")
    if match is None or bound != bound:
        raise InputError(f"--reverse {text}: write a key figure and a limit, such as 'fill_rate<0.9'")
    name = match[1]
    if name not in MEASURES:
        near = difflib.get_close_matches(name, MEASURES, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"key figures: {', '.join(MEASURES)}"
        raise InputError(f"--reverse {text}: there is no key figure '{name}'; {hint}")
    return Limit(MEASURES[name], match[2] == "<", bound)


@dataclass(frozen=True)
class Trial:
    """How sets are tried.

    Attributes:
        scenario: with its own disruptions.
        network: its network.
        limit: of which key figure.
        starts: start dates, each tried by itself.
        duration, health, stops: what an outage is.
        options: of the simulation: replications, seed, engine.
    """

    scenario: Scenario
    network: Network
    limit: Limit
    starts: tuple[int, ...]
    duration: float
    health: float
    stops: tuple[str, ...]
    options: Mapping[str, Any]

    def value(self, disruption: dict[str, Any] | None) -> float:
        """The key figure with one outage more, mean over replications, as ``run`` gives it."""
        scenario = self.scenario
        if disruption is not None:
            own = [*scenario.disruptions, Disruption.model_validate(disruption)]
            scenario = scenario.model_copy(update={"disruptions": own})
        run: RunResult = simulate(scenario, workers=1, **self.options)
        sample = sample_of(run)
        if not self.limit.measure.is_asked(sample):
            raise InputError(f"--reverse {self.limit}: the scenario has no such key figure")
        return float(self.limit.measure.interval(sample).mean)

    def entry(self, nodes: Sequence[int], start: int) -> dict[str, Any]:
        """An outage of some nodes, as an entry of ``disruptions``."""
        out = Stressor("", "pair", tuple(nodes))
        return as_disruption(out, self.network, start, self.duration, self.health, self.stops)

    def worst(self, nodes: tuple[int, ...]) -> tuple[float, int]:
        """The key figure that is furthest beyond the limit, and its start date."""
        values = [(self.value(self.entry(nodes, start)), start) for start in self.starts]
        return max(values, key=lambda found: self.limit.beyond(found[0]))


def least_outage(
    trial: Trial,
    sites: Sequence[int],
    *,
    weights: Mapping[str, float] | None = None,
    most: int = MOST_SITES,
    workers: int | None = None,
) -> Breaking:
    """The lightest set of sites that breaks the limit; among those of one weight, the one that is furthest beyond.

    Args:
        trial: how sets are tried.
        sites: nodes that may be out.
        weights: of nodes by name, such as -log of the chance of an outage; by default 1.
        most: sites of the largest sets.
        workers: sets tried side by side; never changes a number.

    Raises:
        InputError: the limit is broken without any outage, or a weight is no number above 0.
    """
    names, limit = trial.network.node_ids, trial.limit
    given = {} if weights is None else dict(weights)
    for name, weight in given.items():
        if name not in trial.network.node_index or not 0.0 < weight < float("inf"):
            raise InputError(f"weights: '{name}': {weight:g} is no weight above 0 of a node")
    undisturbed = trial.value(None)
    if limit.is_broken_by(undisturbed):
        raise InputError(f"--reverse {limit}: is broken without any outage ({undisturbed:.6g})")
    weight_of = {i: given.get(names[i], 1.0) for i in sites}
    sets = [nodes for size in range(1, most + 1) for nodes in combinations(sorted(sites), size)]
    total = {nodes: sum(weight_of[i] for i in nodes) for nodes in sets}
    sets.sort(key=lambda nodes: total[nodes])
    # A set of more sites weighs at least as much as the lightest ones together.
    larger = sum(sorted(weight_of.values())[: most + 1]) if most < len(sites) else float("inf")
    tried = 0
    for sum_of, group in groupby(sets, key=lambda nodes: total[nodes]):
        alike = list(group)
        found = list(in_threads(trial.worst, alike, workers or default_workers()))
        tried += len(alike)
        breaking = [(value, start, nodes) for (value, start), nodes in zip(found, alike, strict=True)
                    if limit.is_broken_by(value)]  # fmt: skip
        if breaking:
            value, start, nodes = max(breaking, key=lambda one: limit.beyond(one[0]))
            change = patch_of(trial.scenario, trial.entry(nodes, start))
            chosen, proved = tuple(names[i] for i in nodes), sum_of <= larger
            return Breaking(str(limit), undisturbed, chosen, sum_of, start, value, change, tried, most, proved)
    none = (str(limit), undisturbed, (), 0.0, trial.starts[0], undisturbed, "")
    return Breaking(*none, tried, min(most, len(sites)), most >= len(sites))
