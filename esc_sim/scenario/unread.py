"""Changes of a scenario that a command does not read: they are taken out one by one, to see whether anything is lost.

A key can be without effect for many reasons: its section belongs to another command, an option says it already, its
part is left out by `when`, a plan or a switch overrules it. None of them is looked for by itself. Each command says
what it reads of a scenario (`reads.py` in the command's package), as a fingerprint; a change that leaves this as it is
was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError
from esc_sim.scenario.dotted import path_of, split_change, steps_of
from esc_sim.scenario.located import scalar_of
from esc_sim.scenario.overrides import Overrides, as_texts
from esc_sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from esc_sim.scenario.given import ScenarioLike

Reads = Callable[[Scenario], str]
"""Fingerprint of all that a command reads of a scenario."""
Load = Callable[[Overrides], Scenario]
"""Reads the scenario with changes."""

MOST_ARCS: Final = 50_000
"""Arcs up to which changes are looked at: reading a larger scenario again takes longer than it is worth."""
_LABELS: Final = (
    "name", "title", "description", "data", "units", "note", "status", "start", "x", "y", "latitude", "longitude",
)  # fmt: skip
"""Keys that are shown, and change no number."""


def scenario_read_by(
    command: str,
    scenario: ScenarioLike,
    overrides: Overrides,
    reads: Reads,
    load: Load | None = None,
    *,
    later: Sequence[str] = (),
) -> Scenario:
    """As :func:`esc_sim.scenario.given.given_scenario`; its notices say which changes the command does not read.

    Args:
        command: name of the command, for the notices.
        scenario: a scenario, the path of one, or its content as a dict.
        overrides: changes of values, as for ``--set``.
        reads: what the command reads.
        load: gives the scenario with changes; default: it is read each time.
        later: settings of a plan, which come after the changes.

    Raises:
        InputError: the scenario or a change cannot be used.
    """
    from esc_sim.scenario.given import given_scenario

    load = partial(given_scenario, scenario) if load is None else load
    found = load(overrides)
    if not overrides:
        return found
    told = overruled(overrides, later)
    others = unread(command, found, overrides, load, reads)
    return with_notices(found, [*told.values(), *(one for one in others if not one.startswith(tuple(told)))])


def overruled(overrides: Overrides, later: Sequence[str]) -> dict[str, str]:
    """A sentence for each change whose path a plan sets to another value, by how its notices begin.

    Args:
        overrides: the changes.
        later: settings of the plan, 'path=value' texts.
    """
    last = dict(filter(None, map(split_change, later)))
    found = {}
    for (label, path, _), text in zip(_one_less(overrides), as_texts(overrides), strict=True):
        value = (split_change(text) or ("", ""))[1]
        if path in last and scalar_of(last[path]) != scalar_of(value):
            found[f"{label}: "] = f"{label}: the plan overrules it: {path}={last[path]}"
    return found


def with_notices(scenario: Scenario, notices: list[str]) -> Scenario:
    """The scenario with further notices."""
    if not notices:
        return scenario
    found = scenario.model_copy()
    found._notices = (*scenario.notices, *notices)
    return found


def unread(command: str, scenario: Scenario, overrides: Overrides, load: Load, reads: Reads) -> list[str]:
    """A sentence for each change that the command does not read.

    Args:
        command: name of the command.
        scenario: with all changes.
        overrides: the changes.
        load: reads the scenario with some of them.
        reads: what the command reads.
    """
    return [
        f"{label}: {reason_unread(command, path, scenario, without)}"
        for label, path, without in unread_changes(scenario, overrides, load, reads)
    ]


def unread_changes(
    scenario: Scenario, overrides: Overrides, load: Load, reads: Reads
) -> Iterator[tuple[str, str, Scenario]]:
    """Label and path of each change that is not read, and the scenario without it; see :func:`unread`.

    Args:
        scenario: as read, with all changes.
        overrides: the changes.
        load: reads the scenario with some of them.
        reads: what the command reads, as a text that can be compared.
    """
    if len(scenario.arcs) > MOST_ARCS:
        return
    mine: str | None = None
    for label, path, rest in _one_less(overrides):
        if _is_label(path):
            continue
        try:
            without = load(rest)
            if _says_the_same(path, scenario, without):
                continue  # the value that it has anyway
            mine = reads(scenario) if mine is None else mine
            if reads(without) == mine:
                yield label, path, without
        except InputError:  # without the change the scenario cannot be used at all
            continue


def _says_the_same(path: str, one: Scenario, other: Scenario) -> bool:
    """Whether a change of a path says what held before: all is as it was, or the switches stand as they stood."""
    if path.split(".")[0] in ("variant", "switches"):
        return one.switches == other.switches
    return one == other and one.whole_hash == other.whole_hash


def reason_unread(command: str, path: str, scenario: Scenario, other: Scenario) -> str:
    """Why a value has no effect.

    Args:
        command: that does not read it.
        path: of the value.
        scenario, other: with two different values of it.
    """
    section = path.split(".")[0]
    if section in ("design", "optimize") and section != command:
        return f"`{command}` does not read it: the section '{section}' is for `esc-sim {section}`"
    if path in ("run.seed", "run.replications"):
        option = path.removeprefix("run.")
        return f"`{command}` does not read it: where it has an option --{option}, that, or its default, is what counts"
    if _is_label(path):
        return "is only shown, and changes no number"
    if scenario == other:
        return f"changes nothing that `{command}` reads: its part is left out by `when`, see the switches"
    return (
        f"changes nothing that `{command}` reads: its section is for something else, or the scenario's rules, "
        "another change or a plan overrule it"
    )


def _is_label(path: str) -> bool:
    """Whether a dotted path names what is only shown."""
    return any(step in _LABELS for step in steps_of(path))


def _one_less(overrides: Overrides) -> Iterator[tuple[str, str, Overrides]]:
    """Label and path of each change, and all the others."""
    if isinstance(overrides, Mapping):
        for path in overrides:
            yield f"override '{path}'", str(path), {key: value for key, value in overrides.items() if key != path}
        return
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    for number, text in enumerate(texts):
        yield f"--set {text}", path_of(text), [*texts[:number], *texts[number + 1 :]]
