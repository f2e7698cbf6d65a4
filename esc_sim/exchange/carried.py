"""What was carried over between this program and another one, and what was not, with counts."""

from __future__ import annotations

from dataclasses import dataclass

from esc_sim.scenario.schema import Scenario

SHOWN = 20
"""Problems of a file that are listed; the message says how many more there are."""


@dataclass(frozen=True)
class Note:
    """What was left out, or assumed.

    Attributes:
        count: how many of them there are.
        what: what it is, such as "disruptions".
        why: why, or what stands in their place; may be empty.
    """

    count: int
    what: str
    why: str = ""

    def __str__(self) -> str:
        """As a line of a list."""
        return f"{self.what} ({self.count:,})" + (f": {self.why}" if self.why else "")


class Ledger:
    """Counts what is left out and what is assumed, in the order in which it is met."""

    def __init__(self) -> None:
        self._left_out: dict[tuple[str, str], int] = {}
        self._assumed: dict[tuple[str, str], int] = {}

    def leave_out(self, what: str, why: str = "", count: int = 1) -> None:
        """Count what is not carried over.

        Args:
            what: what it is, such as "disruptions".
            why: why, or what stands in its place.
            count: how many.
        """
        if count:
            self._left_out[what, why] = self._left_out.get((what, why), 0) + count

    def assume(self, what: str, why: str = "", count: int = 1) -> None:
        """Count what the other program does not say, and what is taken instead.

        Args:
            what: what it does not say.
            why: what is taken instead.
            count: how often.
        """
        if count:
            self._assumed[what, why] = self._assumed.get((what, why), 0) + count

    @property
    def left_out(self) -> tuple[Note, ...]:
        """What was not carried over."""
        return tuple(Note(count, *key) for key, count in self._left_out.items())

    @property
    def assumed(self) -> tuple[Note, ...]:
        """What was assumed."""
        return tuple(Note(count, *key) for key, count in self._assumed.items())


@dataclass(frozen=True)
class Imported:
    """A scenario made from the files of another program.

    Attributes:
        scenario: the scenario, checked.
        program: name of the other program, such as "Anura".
        left_out: what was not carried over.
        assumed: what the files do not say, and what was taken instead.
    """

    scenario: Scenario
    program: str
    left_out: tuple[Note, ...]
    assumed: tuple[Note, ...]


def listed(left_out: tuple[Note, ...], assumed: tuple[Note, ...] = ()) -> str:
    """The notes as text, a line each; says so where nothing was left out."""
    lines = ["not carried over:", *(f"  {note}" for note in left_out)] if left_out else ["nothing was left out"]
    if assumed:
        lines += ["assumed:", *(f"  {note}" for note in assumed)]
    return "\n".join(lines)
