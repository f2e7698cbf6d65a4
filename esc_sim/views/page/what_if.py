"""A way to run the scenario that the user has chosen: its variant, values of parameters, members closed by hand."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.scenario.variant_files import variants_text
from esc_sim.views.page.parameters import Parameter, Value, written
from esc_sim.views.page.variants import BASE

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario
    from esc_sim.views.page.show import Setting


MOST_WRITTEN: Final = 200
"""Values up to which a command is written out."""


@dataclass(frozen=True)
class Closure:
    """A member that is closed by hand, or has a share of its capacity left.

    Attributes:
        node: its id.
        start: first period of it.
        end: period in which it is open again; None: not within the run.
        health: share of its capacity that is left.
    """

    node: str
    start: int
    end: int | None = None
    health: float = 0.0

    def words(self, period: str) -> str:
        """As in "refinery_2 closed days 30 to 43"."""
        what = "closed" if self.health <= 0.0 else f"at {100 * self.health:g} %"
        if self.end is None:
            return f"{self.node} {what} from {period} {self.start} on"
        if self.end == self.start + 1:
            return f"{self.node} {what} on {period} {self.start}"
        return f"{self.node} {what} {period}s {self.start} to {self.end - 1}"

    def disruption(self, scenario: Scenario) -> dict[str, Any]:
        """The same as an entry of the ``disruptions`` of a scenario."""
        lasts = (scenario.run.periods if self.end is None else self.end) - self.start
        dates = [{"start": self.start, "duration": max(lasts, 1)}]
        spreads = self.health <= 0.0 and scenario.cascade is not None and scenario.cascade.by_hand
        more = {"cascade": True} if spreads else {}
        return {"name": f"{self.node}_by_hand", "nodes": [self.node], "health": self.health, "dates": dates} | more


@dataclass(frozen=True)
class WhatIf:
    """What is run. Two of them that are equal give the same numbers.

    Attributes:
        variant: name of the variant.
        values: of parameters, by key; the others keep the variant's own.
        closures: members closed by hand.
    """

    variant: str = BASE
    values: Mapping[str, Value] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True)
class Change:
    """Something in which one way to run differs from another.

    Attributes:
        key: what it is: "variant", the key of a parameter, or the words of a closure.
        words: words for it.
    """

    key: str
    words: str


def closed(closures: Iterable[Closure], node: str, now: int, health: float, end: int | None) -> tuple[Closure, ...]:
    """Closures with one more, which begins now; one of the same member that still lasts ends now.

    Args:
        closures: so far.
        node: id of the member.
        now: present period.
        health: share of its capacity that is left.
        end: period in which it is open again; None: not within the run.
    """
    return (*reopened(closures, node, now), Closure(node, now, end, health))


def reopened(closures: Iterable[Closure], node: str, now: int) -> tuple[Closure, ...]:
    """Closures without what a member still has to come: what lasts ends now.

    Args:
        closures: so far.
        node: id of the member.
        now: present period.
    """
    found = []
    for one in closures:
        if one.node == node and (one.end is None or one.end > now):
            if one.start >= now:
                continue
            one = replace(one, end=now)
        found.append(one)
    return tuple(found)


def changes_between(setting: Setting, mine: WhatIf, baseline: WhatIf) -> list[Change]:
    """In what one way to run the scenario differs from another, in words.

    Args:
        setting: what the page was started with.
        mine, baseline: the ways.
    """
    found = [] if mine.variant == baseline.variant else [Change("variant", mine.variant)]
    found += [
        Change(p.key, _words(p, own, other))
        for p in setting.parameters
        if (own := mine.values.get(p.key, p.value)) != (other := baseline.values.get(p.key, p.value))
    ]
    period = setting.scenario.units.period
    for one in mine.closures:
        if one not in baseline.closures:
            found.append(Change(one.words(period), one.words(period)))
    for one in baseline.closures:
        if one not in mine.closures:
            found.append(Change(one.words(period), f"not: {one.words(period)}"))
    return found


def without_change(setting: Setting, mine: WhatIf, baseline: WhatIf, key: str) -> WhatIf:
    """``mine`` with one of its differences from the baseline taken back.

    Args:
        setting: what the page was started with.
        mine, baseline: two ways to run the scenario.
        key: of the change.
    """
    if key == "variant":
        return replace(mine, variant=baseline.variant)
    if any(p.key == key for p in setting.parameters):
        values = {k: v for k, v in mine.values.items() if k != key}
        if key in baseline.values:
            values[key] = baseline.values[key]
        return replace(mine, values=values)
    period = setting.scenario.units.period
    kept = [one for one in mine.closures if one.words(period) != key]
    back = [one for one in baseline.closures if one.words(period) == key and one not in mine.closures]
    return replace(mine, closures=(*kept, *back))


def title_of(setting: Setting, what_if: WhatIf) -> str:
    """Its name by its changes against the scenario as written."""
    return "; ".join(change.words for change in changes_between(setting, what_if, WhatIf())) or BASE


def _words(parameter: Parameter, value: Value, other: Value) -> str:
    """A change of a parameter, as in "Role retailer: mean final demand x 1.5"."""
    group, label = parameter.group.removeprefix("Disruption "), parameter.label
    if parameter.kind == "switch":
        if label == "Happens":
            return f"{group} happens" if value else f"{group} does not happen"
        return f"{label}: {'yes' if value else 'no'}"
    if parameter.kind == "choice":
        return f"{label}: {str(value).replace('_', ' ')}"
    label = label[:1].lower() + label[1:]
    if parameter.unit == "%":
        own = parameter.value if other == parameter.value else None
        return f"{group}: {label} {_times(value)}" + ("" if own is not None else f" instead of {_times(other)}")
    return f"{group}: {label} {_amount(value, parameter.unit)} instead of {_amount(other, parameter.unit)}"


def _times(value: Value) -> str:
    return f"\N{MULTIPLICATION SIGN} {float(value) / 100.0:g}"


def _amount(value: Value, unit: str) -> str:
    if unit == "share":
        return f"{100.0 * float(value):.4g} %"
    return f"{float(value):.6g} {unit.removesuffix('s') if value == 1.0 else unit}".strip()


def changes_as_text(setting: Setting, what_if: WhatIf) -> list[str]:
    """What turns the scenario into this way to run it, as 'path=value' texts for ``--set``, without a plan."""
    variant = setting.variants[what_if.variant]
    scenario = variant.scenario or setting.scenario
    texts = [text for flag, text in pairwise(variant.words) if flag == "--set"]
    if what_if.closures:
        own = scenario if variant.disrupted else scenario.model_copy(update={key: [] for key in _DISRUPTIONS})
        texts.append(patch_of(own, *(one.disruption(scenario) for one in what_if.closures)))
    for target, value in setting.differing(variant, what_if.values):
        if variant.disrupted or target.path[0] not in _DISRUPTIONS:
            texts.append(f"{target.name}={written(value)}")
    return texts


def run_command(setting: Setting, what_if: WhatIf, seed: int) -> str:
    """The `esc-sim run` that simulates what the page shows.

    Args:
        setting: what the page was started with.
        what_if: the way to run it.
        seed: of the random numbers.

    Returns:
        The command; empty where more than ``MOST_WRITTEN`` values differ and a file of variants can hold them.
    """
    texts, plan = changes_as_text(setting, what_if), plan_words(setting, what_if)
    if len(texts) > MOST_WRITTEN and not plan:
        return ""
    words = ["esc-sim", "run", *setting.source, *plan]
    words += [word for text in texts for word in ("--set", text)]
    return shlex.join([*words, *_seed_words(setting, seed)])


def plan_words(setting: Setting, what_if: WhatIf) -> tuple[str, ...]:
    """Words of the command that carry out its plan; none without a plan."""
    words = setting.variants[what_if.variant].words
    return words if words[:1] == ("--plan",) else ()


def compare_command(setting: Setting, ways: Mapping[str, WhatIf], seed: int) -> str:
    """The `esc-sim compare` of some ways to run the scenario.

    Args:
        setting: what the page was started with.
        ways: by name, at least two.
        seed: of the random numbers.

    Returns:
        The command; empty where one of them has a plan, which `compare` does not carry out, or too many values.
    """
    texts = {name: _all_changes(setting, way) for name, way in ways.items()}
    if any(plan_words(setting, way) for way in ways.values()) or sum(map(len, texts.values())) > MOST_WRITTEN:
        return ""
    words = ["esc-sim", "compare", setting.source[0], *(word for word in setting.source if word == "--allow-code")]
    for name, own in texts.items():
        words += ["--variant", f"{name}: {'; '.join(own)}" if own else name]
    return shlex.join([*words, *_seed_words(setting, seed)])


def variants_file(setting: Setting, ways: Mapping[str, WhatIf]) -> str:
    """Content of a file for ``compare --variants`` and ``app --variants``; ways with a plan are left out."""
    kept = {name: _all_changes(setting, way) for name, way in ways.items() if not plan_words(setting, way)}
    source = shlex.quote(setting.source[0])
    return f"# esc-sim compare {source} --variants FILE\n" + variants_text(kept)


def file_address(setting: Setting, ways: Mapping[str, WhatIf]) -> str:
    """Address of that file, for the browser to save."""
    return f"data:text/yaml;charset=utf-8,{quote(variants_file(setting, ways))}"


def file_name(setting: Setting) -> str:
    """Name under which it is saved."""
    return f"{setting.scenario.name}_variants.yaml"


def _all_changes(setting: Setting, what_if: WhatIf) -> list[str]:
    """Its changes, and those with which the page was started."""
    return [text for flag, text in pairwise(setting.source) if flag == "--set"] + changes_as_text(setting, what_if)


def _seed_words(setting: Setting, seed: int) -> list[str]:
    return [] if seed == setting.scenario.run.seed else ["--seed", str(seed)]


_DISRUPTIONS: Final = ("disruptions", "joint_disruptions")
"""Sections of a scenario that the variant without disruptions leaves out."""
