"""Checking a document: against the schema, its references, its meaning; and the variant it is set against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from esc_sim.errors import InputError
from esc_sim.scenario.checked import came_from, mark_checked
from esc_sim.scenario.document import Document
from esc_sim.scenario.dotted import split_change, steps_of
from esc_sim.scenario.located import scalar_of
from esc_sim.scenario.meaning import meaning_problems, oddities
from esc_sim.scenario.messages import Problem, in_order, problems_of
from esc_sim.scenario.overrides import apply_overrides
from esc_sim.scenario.references import reference_problems
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.variants import leave_out
from esc_sim.scenario.written_times import read_times


def _reference_problems(data: dict[str, Any]) -> list[Problem]:
    """As :func:`reference_problems`; arcs that are options must refer to what is there, but nothing may to them."""
    arcs = data.get("arcs")
    options = {
        number
        for number, arc in enumerate(arcs if isinstance(arcs, list) else ())
        if isinstance(arc, dict) and arc.get("option") is True
    }
    if not options:
        return reference_problems(data)
    rest = [None if number in options else arc for number, arc in enumerate(data["arcs"])]
    own = [p for p in reference_problems(data) if p.path[0] == "arcs" and p.path[1] in options]
    return [*reference_problems({**data, "arcs": rest}), *own]


def _holds(path: tuple[str | int, ...], problems: list[Problem]) -> bool:
    """Whether a part holds a value of which something has been said, so that no more can be said of the part."""
    return any(problem.path[: len(path)] == path for problem in problems)


def check_document(document: Document, problems: list[str], times: list[Problem]) -> tuple[Scenario, list[str]]:
    """The scenario of a document from which all that does not hold is left out, and what is odd about it.

    Args:
        document: that holds it.
        problems: what was wrong while it was read.
        times: what was wrong with its times.

    Raises:
        InputError: with every problem and its place.
    """
    reading_failed, found = bool(problems), times.copy()
    scenario = None
    try:
        scenario = Scenario.model_validate(document.data, strict=True)
    except ValidationError as error:
        refused = map(document.as_written, problems_of(error, Scenario, document.data, document))
        found += [problem for problem in refused if not (problem.about == "part" and _holds(problem.path, times))]
    except RecursionError:
        problems.append(f"{document.file}: nested too deep")
    if "version" not in document.data:  # Python alone may leave it out
        found.append(Problem(("version",), "'version' is missing", "missing"))
    if not reading_failed:
        # A row that could not be read would make every reference to it look wrong.
        found += _reference_problems(document.numbered)
    if scenario is not None:
        document.leave_out(("arcs",), [number for number, _ in scenario.options])
    if scenario is not None and scenario.nodes and not found and not reading_failed:
        # What is said rests on names that have been found: nothing is asked of a scenario that is half read.
        found += map(document.as_written, meaning_problems(scenario))
    if not document.data.get("nodes"):
        found = [problem for problem in found if problem.path[:1] != ("nodes",)]
        if not document.tables_failed:
            problems.append(f"{document.file}: no nodes: list them under 'nodes', or in a table nodes.csv beside it")
    unread = {(table.key,) for table in document.tables.values() if table.problems and not table.rows}
    # That nothing is in a table of which no row could be read is not said as well.
    seen = document.messages([problem for problem in found if tuple(problem.path) not in unread])
    if problems or seen or scenario is None:
        sources = [document.file, *(table.source for table in document.tables.values())]
        raise InputError(in_order([*problems, *seen], sources))
    mark_checked(scenario)
    return scenario, document.messages(map(document.as_written, oddities(scenario)))


def reference_of(scenario: Scenario, document: Document, stated: dict[str, Any]) -> Scenario | None:
    """The variant that the scenario's investments are set against, with all other changes made.

    Args:
        scenario: as read.
        document: that it was read from.
        stated: the document's data before the switches left anything out.

    Raises:
        InputError: the variant cannot be used, or is the one that is run.
    """
    section = scenario.appraisal
    if section is None or not section.investments:
        return None
    rest = [one for one in document.overrides if one.path[0] not in ("switches", "variant")]
    other = replace(document, data={**stated, "variant": section.against}, overrides=rest, numbered={}, kept={})
    wrong, _ = leave_out(other)
    found, _ = check_document(other, other.messages(wrong), [*map(other.as_written, read_times(other.data))])
    if found.switches == scenario.switches:
        text = (
            f"the variant '{section.against}' is what is run, so its investments would be set against themselves; "
            "name another variant, or give investments a `when` that this one switches off"
        )
        raise InputError(document.messages([Problem(("appraisal", "against"), text)]))
    found._folder, found._changes = scenario._folder, scenario._changes
    return found


def turned(scenario: Scenario, switches: Sequence[str]) -> Scenario:
    """The scenario with switches turned, all other changes made; without its section ``optimize``.

    Args:
        scenario: as read.
        switches: 'switches.NAME=value' texts.

    Raises:
        InputError: it has no such switch, cannot be used so, or was changed after it had been read.
    """
    if all(_stands(scenario, text) for text in switches):
        return scenario
    if scenario.stated is None:
        reason = "the scenario has been read, and what its switches left out is gone: give its path, or its dict"
        raise InputError([f"--set {text}: {reason}" for text in switches])
    document = scenario.stated
    data = {**document.data, "switches": dict(document.data.get("switches") or {})}
    data.pop("optimize", None)
    applied, problems = apply_overrides(data, switches, lambda *_: scenario)
    other = replace(document, data=data, overrides=[*document.overrides, *applied], numbered={}, kept={})
    wrong, _ = leave_out(other)
    problems += other.messages(wrong)
    found, _ = check_document(other, problems, [*map(other.as_written, read_times(other.data))])
    came_from(found, scenario)
    found._measures, found._changes = dict(scenario.measures), (*scenario.changes, *switches)
    found._notices = (*scenario.notices, *other.odd[len(document.odd) :])
    if found.run != scenario.run:
        found.__dict__["run"] = scenario.run
    mark_checked(found)
    return found


def _stands(scenario: Scenario, text: str) -> bool:
    """Whether a switch stands already as a 'switches.NAME=value' text says."""
    path, value = split_change(text) or ("", "")
    return scenario.switches.get(".".join(steps_of(path)[1:])) is scalar_of(value)
