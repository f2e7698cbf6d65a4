"""What an import understood, assumed and left out, and what it cannot use."""

from __future__ import annotations

from dataclasses import dataclass, field

from esc_sim.errors import InputError

_SHOWN = 30
"""Problems of a kind that are listed; of the rest there is a count."""


@dataclass
class Found:
    """Notes that are taken on the way.

    Attributes:
        understood: what was read as it stands.
        assumed: what no cell says.
        left_out: what was not read, with its place.
        laws: what was found in each history of demand.
        problems: what keeps the import from going on.
    """

    understood: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    laws: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def stop_if_wrong(self) -> None:
        """Raises InputError: with all problems so far, where there are any."""
        listed = list(dict.fromkeys(self.problems))
        if len(listed) > _SHOWN:
            listed = [*listed[:_SHOWN], f"... and {len(listed) - _SHOWN} more"]
        if listed:
            raise InputError(listed)
