"""What all plans have in common: kind, origin, and the structure of the network that they were made for."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PrivateAttr

from esc_sim.fields.parts import Identifier, Part, Result
from esc_sim.scenario.document import Document
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult

_HEADER = {"version", "name", "structure_hash", "origin", "failed", "last_cascade_seed"}
LATER = {
    "stock_price",
    "fixed_cost",
    "destruction",
    "holding_cost",
    "loss",
    "penalty",
    "promised_costs",
    "stocks",
    "base",
    "ready",
    "settings",
}
"""Keys that came later: plans that do not use them keep their hash."""


class Origin(Part):
    """Where a plan comes from."""

    scenario: str = Field(default="", description="name of the scenario that it was made for")
    scenario_hash: str = Field(default="", description="hash of that scenario, as in manifest.json")
    command: str = Field(default="", description="command that made it")
    objectives: dict[str, Result] = Field(default={}, description="what it promises, on held-out random numbers")


class Plan(Part):
    """A plan; each kind adds its decisions, says what is wrong with them, and applies them to an instance."""

    version: Literal[1] = Field(description="version of this format")
    kind: str = Field(description="what is decided")
    name: Identifier = Field(description="name for tables and figures")
    structure_hash: str | None = Field(
        default=None,
        description="hash of the nodes, products and arcs that it was made for; without it only names are checked",
    )
    origin: Origin = Field(default=Origin(), description="where it comes from")

    _document: Document | None = PrivateAttr(None)

    @property
    def needs_trace(self) -> bool:
        """Whether what it promises can be told only from what every node did in every period."""
        return False

    @property
    def changes(self) -> tuple[str, ...]:
        """Values of the scenario that the plan sets before it is carried out, as 'path=value' texts (``--set``)."""
        return ()

    @abstractmethod
    def problems(self, instance: Instance) -> Iterable[Problem]:
        """What does not fit the instance, each with its place in the plan."""

    @abstractmethod
    def applied(self, instance: Instance) -> Instance:
        """The instance with the plan carried out; :meth:`problems` has found none."""

    def promises(self, result: RunResult) -> list[Promise]:
        """What the plan promises, beside what a run of it gave; empty for plans that promise nothing."""
        return []

    @property
    def content_hash(self) -> str:
        """Hash of what the plan decides; name, origin, what failed and seeds of the search are left out."""
        text = json.dumps(without_later(self.decided_content()), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def decided_content(self) -> dict[str, Any]:
        """What the plan decides, as plain values."""
        return self.model_dump(mode="json", by_alias=True, exclude=_HEADER)

    def message(self, problem: Problem) -> str:
        """A problem with its place: file, line and column where the plan was read from a file."""
        if self._document is not None:
            return self._document.message(problem) or problem.text
        place = ".".join(str(step) for step in problem.path)
        return f"plan '{self.name}': {place + ': ' if place else ''}{problem.text}"


def without_later(value: Any) -> Any:
    """Plain values without the keys of ``LATER`` that say nothing."""
    if isinstance(value, list):
        return [without_later(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {key: without_later(part) for key, part in value.items() if key not in LATER or part not in (None, [])}
