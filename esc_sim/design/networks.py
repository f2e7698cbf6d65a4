"""The network of a scenario whose nodes stand only in the tables of its design, and whether both agree where both are.

The reader of scenarios asks for it by name: a scenario is read without what designs, which stands above it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from esc_sim.errors import InputError
from esc_sim.scenario.design_retail import RetailSection
from esc_sim.scenario.design_sourcing import SourcingSection
from esc_sim.scenario.document import Document
from esc_sim.scenario.messages import Path as Keys
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.overrides import Overrides, apply_overrides, as_texts

NETWORKS: Final[dict[str, tuple[type[BaseModel], str]]] = {
    "sourcing": (SourcingSection, "esc_sim.design.sourcing.network"),
    "retail": (RetailSection, "esc_sim.design.retail.network"),
}
"""Kind of design whose tables hold a network: its section, and the module with ``design_network``."""
EXACT: Final = 1e-6
"""Relative difference up to which two numbers are the same one, written differently."""
SHOWN: Final = 5
"""Disagreements that are told one by one."""

_ANOTHER: Final = "the plan is simulated under another demand than the past that it is designed for"


@dataclass(frozen=True)
class Fact:
    """A number that the design's tables hold, and where a scenario says it, too.

    Attributes:
        where: "nodes", "arcs", or "cases" of a joint disruption.
        name: of the node or case, or buyer and supplier of the arc.
        key: of the number; a case's price is that of the goods, not the factor.
        value: the number.
        place: file and cell of the design's tables.
        within: relative distance up to which both agree; a larger one is a mistake if this is `EXACT`, else odd.
    """

    where: str
    name: tuple[str, ...]
    key: tuple[str, ...]
    value: float
    place: str
    within: float = EXACT


@dataclass(frozen=True)
class DesignNetwork:
    """What the tables of a design say of the network.

    Attributes:
        content: sections of a scenario, for those that it lacks.
        facts: what its own nodes, arcs and cases must agree with.
        warnings: what is odd about the section, of which the first are told.
        files: the tables.
    """

    content: Mapping[str, Any]
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def take_design(document: Document, folder: Path, overrides: Overrides, problems: list[str]) -> list[Path]:
    """Take in the network of the design's tables where the document has no nodes; compare it with its own elsewhere.

    Args:
        document: takes it in.
        folder: of the scenario.
        overrides: changes of values; those of the section ``design`` and of demand count.
        problems: gets what is wrong with tables that are needed, and what disagrees.

    Returns:
        The tables that were read for a network.
    """
    own = "nodes" in document.data
    for kind, section in _sections(document, overrides):
        if section is None:
            document.tables_failed = True
            continue
        make: Callable[[Any, Path], DesignNetwork] = import_module(NETWORKS[kind][1]).design_network
        try:
            found = make(section, folder)
        except InputError as error:
            if not own:  # else `design` says it
                problems += error.problems
                document.tables_failed = True
            continue
        document.odd += _first(list(found.warnings))
        if own:
            _compare(document, found.facts, problems)
        else:
            for key, value in found.content.items():
                document.data.setdefault(key, value)
        document.odd += _first(_changed_demand(document, found.facts, overrides))
        if not own:
            return list(found.files)
    return []


def _sections(document: Document, overrides: Overrides) -> Iterator[tuple[str, BaseModel | None]]:
    """Kinds that the document's section names, with their sections as changed; None for one that is not valid."""
    data = {"design": copy.deepcopy(document.data["design"])}
    mine = [text for text in as_texts(overrides) if text.startswith("design.")]
    apply_overrides(data, mine, _no_days)
    for kind, (model, _) in NETWORKS.items():
        given = data["design"].get(kind)
        if given is None or "when" in data["design"]:
            continue
        try:
            yield kind, model.model_validate(given, strict=True)
        except ValidationError:
            yield kind, None


def _no_days(*_: Any) -> Any:
    raise InputError("design: no amount of a design is written in days of demand")


def _compare(document: Document, facts: tuple[Fact, ...], problems: list[str]) -> None:
    """Say where the document's own nodes, arcs and cases differ from the design's tables."""
    entries = dict(_entries(document.data))
    wrong: list[str] = []
    odd: list[str] = []
    for fact in facts:
        found = _own_value(entries, fact)
        if found is None or math.isclose(found[1], fact.value, rel_tol=fact.within, abs_tol=1e-9):
            continue
        path, value = found
        text = f"{value:.12g}, but {fact.place} gives {fact.value:.12g}"
        message = document.message(Problem(path, text))
        if message is None:
            continue
        if fact.within == EXACT:
            wrong.append(f"{message}: the design and its simulation must agree")
        else:
            odd.append(f"{message}: {_ANOTHER}")
    problems += _first(wrong)
    document.odd += _first(odd)


def _changed_demand(document: Document, facts: tuple[Fact, ...], overrides: Overrides) -> list[str]:
    """Say which demands of nodes changes of values take far from the past."""
    mine = [text for text in as_texts(overrides) if text.startswith("nodes.") and ".demand" in text]
    if not mine:
        return []
    before = {"nodes": document.data.get("nodes")}
    after = copy.deepcopy(before)
    apply_overrides(after, mine, _no_days)
    old, new = dict(_entries(before)), dict(_entries(after))
    odd = []
    for fact in (fact for fact in facts if fact.within > EXACT):
        was, found = _own_value(old, fact), _own_value(new, fact)
        if found is None or found == was or math.isclose(found[1], fact.value, rel_tol=fact.within, abs_tol=1e-9):
            continue
        key = ".".join((fact.where, *fact.name, *fact.key))
        odd.append(f"{key}: {found[1]:.12g}, but {fact.place} gives {fact.value:.6g}: {_ANOTHER}")
    return odd


def _first(messages: list[str]) -> list[str]:
    more = len(messages) - SHOWN
    return messages[:SHOWN] + ([f"... and {more} more like these"] if more > 0 else [])


Entries = Mapping[tuple[str, ...], tuple[Keys, Mapping[str, Any]]]


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], tuple[Keys, Mapping[str, Any]]]]:
    """The document's nodes, arcs and cases by name, with their paths."""
    for key, names in (("nodes", ("id",)), ("arcs", ("buyer", "supplier"))):
        for number, entry in _listed(data.get(key)):
            if "when" not in entry:
                yield (key, *(str(entry.get(name)) for name in names)), ((key, number), entry)
    for number, law in _listed(data.get("joint_disruptions")):
        for case, entry in _listed(law.get("cases")):
            yield ("cases", str(entry.get("name"))), (("joint_disruptions", number, "cases", case), entry)


def _listed(entries: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield number, entry


def _own_value(entries: Entries, fact: Fact) -> tuple[Keys, float] | None:
    """Path and value of a fact in the document; None where it says nothing of it."""
    entry = entries.get((fact.where, *fact.name))
    if entry is None:
        return None
    path, value = entry[0], entry[1]
    for key in fact.key:
        value = value.get(key, {}) if isinstance(value, Mapping) else {}
    number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if fact.where == "cases" and fact.key[0] != "probability":
        number = 1.0 if number is None else number
        if fact.key[0] == "price":
            base = _price_of(entries, fact.key[1])
            number = None if base is None else number * base
    elif fact.where == "arcs" and fact.key == ("price",) and number is None:
        number = 0.0
    return None if number is None else ((*path, *fact.key), number)


def _price_of(entries: Entries, supplier: str) -> float | None:
    """What the arcs of a supplier cost, in the first of them."""
    for name, (_, entry) in entries.items():
        if name[0] == "arcs" and name[2] == supplier and isinstance(entry.get("price"), (int, float)):
            return float(entry["price"])
    return None
