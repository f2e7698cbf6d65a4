"""Levers against outages: what a network could have that it has not yet, and what that costs a year.

A lever is a change of the scenario, as ``--set`` would make it, or a shorter outage. Changes of amounts add up, so that
any set of levers is a change, too.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, model_validator

from esc_sim.errors import InputError
from esc_sim.fields.parts import Amount, ArcName, Identifier, Number, Part, PositiveDuration, arc_path
from esc_sim.scenario.document import Document
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.messages import Problem, in_order, problems_of, shown
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.schema import DataStatus, Scenario
from esc_sim.stress.durations import Durations
from esc_sim.stress.lever_places import Places, capacity_fields, stock_fields
from esc_sim.stress.stressors import Stressor

LEVERS_FILE: Final = "levers.yaml"
"""File beside scenario.yaml that declares the levers of a scenario."""
MAX_BYTES: Final = 1024 * 1024
Levers = bool | str | os.PathLike[str]
"""Whether the levers of a scenario are tried; or the path of a file that declares others than its own."""


@dataclass(frozen=True)
class Effect:
    """What a lever does.

    Attributes:
        added: what is added to amounts, by their path.
        taken: paths of the options that become part of the network.
        base: the amounts that are added to, by path.
        nodes, arcs: periods in which what is out there is back, by number.
    """

    added: Mapping[str, float] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    base: Mapping[str, float] = field(default_factory=dict)
    nodes: Mapping[int, float] = field(default_factory=dict)
    arcs: Mapping[int, float] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The change of the scenario, for ``--set``."""
        changes = [f"{path}={self.base[path] + amount!r}" for path, amount in self.added.items()]
        return [*changes, *(f"{path}.option=false" for path in self.taken)]


def together(effects: Sequence[Effect]) -> Effect:
    """What some levers do at once: amounts add up, the quickest recovery counts."""
    added: dict[str, float] = defaultdict(float)
    base: dict[str, float] = {}
    nodes: dict[int, float] = {}
    arcs: dict[int, float] = {}
    for effect in effects:
        base |= effect.base
        for path, amount in effect.added.items():
            added[path] += amount
        for mine, times in ((nodes, effect.nodes), (arcs, effect.arcs)):
            mine |= {number: min(time, mine.get(number, time)) for number, time in times.items()}
    return Effect(dict(added), tuple(path for effect in effects for path in effect.taken), base, nodes, arcs)


class Lever(Part):
    """What all levers say."""

    name: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="short name, unlike any other")
    kind: str = Field(description="what is done")
    yearly_cost: Amount = Field(description="money a year")
    group: Identifier | None = Field(default=None, description="at most one lever of a group is chosen")

    @abstractmethod
    def effect(self, places: Places, durations: Durations) -> Effect:
        """What it does.

        Args:
            places: where.
            durations: how long outages last.

        Raises:
            InputError: it names what is not there, or nothing is there that it could act on.
        """


class _Amount(Lever):
    """An amount of stock: in units, or as periods of what leaves the node."""

    product: Identifier | None = Field(default=None, description="product; default that of the node's own fields")
    periods: PositiveDuration | None = Field(
        default=None, description="stock for so many periods of what leaves the node"
    )
    units: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="or units of stock")

    @model_validator(mode="after")
    def _one_amount(self) -> _Amount:
        if (self.periods is None) == (self.units is None):
            raise ValueError("give either periods (of what leaves the node) or units")
        return self

    def amount(self, places: Places, node: str) -> float:
        """Units of stock."""
        item = places.item(node, self.product)[0]
        if self.units is not None:
            return self.units
        use = places.use.get(item, 0.0)
        if not use > 0.0:
            raise InputError(f"nothing leaves '{node}', so periods of it are no stock: give units")
        return float(f"{(self.periods or 0.0) * use:.6g}")


class StockLever(_Amount):
    """More safety stock at a node."""

    kind: Literal["stock"] = Field(description="what is done")
    node: Identifier = Field(description="where")

    def effect(self, places: Places, durations: Durations) -> Effect:
        """More at the start, and all levels that keep it up."""
        _, path, entry = places.item(self.node, self.product)
        fields = dict(stock_fields(path, entry))
        return Effect(dict.fromkeys(fields, self.amount(places, self.node)), base=fields)


class MoveStockLever(_Amount):
    """Stock held elsewhere."""

    kind: Literal["move_stock"] = Field(description="what is done")
    from_: Identifier = Field(alias="from", description="node that holds less")
    to: Identifier = Field(description="node that holds more")

    def effect(self, places: Places, durations: Durations) -> Effect:
        """As more stock at one node, and less at the other."""
        if self.from_ == self.to:
            raise InputError(f"stock moved from '{self.to}' to itself stays where it is")
        _, path, entry = places.item(self.from_, self.product)
        less = dict(stock_fields(path, entry))
        _, path, entry = places.item(self.to, self.product)
        more = dict(stock_fields(path, entry))
        units = self.amount(places, self.from_)
        return Effect(dict.fromkeys(less, -units) | dict.fromkeys(more, units), base=less | more)


class _SiteOrArc(Lever):
    node: Identifier | None = Field(default=None, description="a node")
    arc: ArcName | None = Field(default=None, description="or an arc: {buyer: shop, supplier: depot}")

    @model_validator(mode="after")
    def _one_place(self) -> _SiteOrArc:
        if (self.node is None) == (self.arc is None):
            raise ValueError("give either a node or an arc")
        return self


class CapacityLever(_SiteOrArc):
    """More capacity of a node or an arc."""

    kind: Literal["capacity"] = Field(description="what is done")
    share: Annotated[Number, Field(gt=0, le=100)] = Field(description="so much more: 0.2 is a fifth more")
    product: Identifier | None = Field(default=None, description="product of the node; default that of its own fields")

    def effect(self, places: Places, durations: Durations) -> Effect:
        """Raises what limits it."""
        if self.arc is not None:
            fields = {
                f"{places.arc_path(places.number_among_all(number), arc)}.cap": arc.cap
                for number, arc in places.arcs(self.arc).items()
                if arc.cap is not None
            }
            if not fields:
                raise InputError("the arc has no cap, so there is nothing to widen")
        else:
            _, path, entry = places.item(str(self.node), self.product)
            fields = dict(capacity_fields(path, entry))
        return Effect({path: self.share * value for path, value in fields.items()}, base=fields)


class RecoveryLever(_SiteOrArc):
    """A shorter time to recover."""

    kind: Literal["recovery"] = Field(description="what is done")
    periods: PositiveDuration = Field(description="periods after which what is out is back")

    def effect(self, places: Places, durations: Durations) -> Effect:
        """A shorter outage."""
        if self.arc is not None:
            arcs, nodes = dict.fromkeys(places.arcs(self.arc), self.periods), {}
        else:
            arcs, nodes = {}, {places.node(str(self.node)): self.periods}
        lasts = durations.of(Stressor(self.name, self.kind, tuple(nodes), tuple(arcs)))
        if self.periods >= lasts:
            raise InputError(f"back after {self.periods:g} periods is no sooner than the outage of {lasts:g} ends")
        return Effect(nodes=nodes, arcs=arcs)


class SecondSourceLever(Lever):
    """An option of the scenario's arcs that is taken."""

    kind: Literal["second_source"]
    number: int

    def effect(self, places: Places, durations: Durations) -> Effect:
        """One arc more."""
        arc = dict(places.scenario.options)[self.number]
        return Effect(taken=(places.arc_path(self.number, arc),))


KINDS: Final = ("stock", "move_stock", "capacity", "recovery")
"""Kinds of levers that a file declares."""


class LeversFile(Part):
    """Content of a file of levers."""

    data: DataStatus = Field(default=DataStatus(), description="where costs of levers and chances of outages come from")
    levers: list[
        Annotated[StockLever | MoveStockLever | CapacityLever | RecoveryLever, Field(discriminator="kind")]
    ] = Field(min_length=1, description="what could be done")


def read_levers(path: Path) -> LeversFile:
    """The levers that a file declares, and where their costs come from.

    Raises:
        InputError: with every problem and its place.
    """
    text = read_text(path, MAX_BYTES, path.name, "a file of levers is a short list")
    root, problems = read_yaml(text, path.name)
    if root is None or not isinstance(root.content, dict):
        raise InputError(f"{path.name}: no levers: write a list under 'levers'")
    data: dict[str, Any] = root.plain()
    document = Document(path.name, root, data)
    problems += document.messages(_kind_problems(data.get("levers")))
    if problems:
        raise InputError(in_order(problems, [path.name]))
    try:
        found = LeversFile.model_validate(data, strict=True)
    except ValidationError as error:
        problems += document.messages(problems_of(error, LeversFile, data))
    else:
        names = [lever.name for lever in found.levers]
        twice = [n for n, name in enumerate(names) if name in names[:n]]
        problems += document.messages(Problem(("levers", n, "name"), f"'{names[n]}' is given twice") for n in twice)
    if problems:
        raise InputError(in_order(problems, [path.name]))
    return found


def _kind_problems(levers: Any) -> Iterator[Problem]:
    """Levers whose kind is none, so that nobody knows what they should say."""
    for number, lever in enumerate(levers if isinstance(levers, list) else ()):
        if isinstance(lever, dict) and lever.get("kind") not in KINDS:
            given = f"unknown kind {shown(lever['kind'])}" if "kind" in lever else "'kind' is missing"
            yield Problem(("levers", number, "kind"), f"{given}; kinds: {', '.join(KINDS)}")


def levers_of(scenario: Scenario, levers: Levers) -> tuple[list[Lever], DataStatus]:
    """The levers of a scenario: its options, and those of a file; and where their costs come from.

    Args:
        scenario: the scenario.
        levers: True: the file levers.yaml beside it, if there is one; else the path of a file.

    Raises:
        InputError: there are none, or one is not fit.
    """
    found: list[Lever] = []
    for number, arc in scenario.options:
        name = arc_path(arc.buyer, arc.supplier, arc.product, arc.mode)
        if arc.yearly_cost is None:
            raise InputError(f"lever '{name}': an option without yearly_cost: say what it costs a year, in the arcs")
        found.append(SecondSourceLever(name=name, kind="second_source", yearly_cost=arc.yearly_cost, number=number))
    own = None if scenario.folder is None else scenario.folder / LEVERS_FILE
    file = None
    if not isinstance(levers, bool):
        file = read_levers(Path(levers))
    elif own is not None and own.is_file():
        file = read_levers(own)
    if file is not None:
        found += file.levers
    if not found:
        raise InputError(
            f"--levers: the scenario declares none: mark arcs with `option: true` and a yearly_cost, or write a file "
            f"{LEVERS_FILE} beside scenario.yaml"
        )
    names = [lever.name for lever in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"lever '{name}': the name is that of an option, too: take another")
    return found, scenario.data if file is None else file.data


def effects_of(levers: Sequence[Lever], places: Places, durations: Durations) -> dict[str, Effect]:
    """What each lever does, by its name.

    Args:
        levers: the levers.
        places: of the scenario.
        durations: how long outages last.

    Raises:
        InputError: with every lever that has nothing to act on.
    """
    found: dict[str, Effect] = {}
    wrong: list[str] = []
    less: dict[str, float] = defaultdict(float)
    for lever in levers:
        try:
            effect = found[lever.name] = lever.effect(places, durations)
        except InputError as error:
            wrong += [f"lever '{lever.name}': {problem}" for problem in error.problems]
            continue
        for path, amount in effect.added.items():
            less[path] += min(amount, 0.0)
            if effect.base[path] + less[path] < 0.0 and not path.rpartition(".order.")[1]:
                wrong.append(
                    f"lever '{lever.name}': {-less[path]:g} units are moved away (by all levers together), but {path} "
                    f"is {effect.base[path]:g}"
                )
    if wrong:
        raise InputError(wrong)
    return found
