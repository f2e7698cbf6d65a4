"""Measures of a user's own: functions of a run's columns, handed in from Python for one run, search or comparison."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np

from esc_sim.errors import InputError, place_of, raised
from esc_sim.fields.names import named
from esc_sim.measures.measure import Better, Floats, Mean, Measure, Periods
from esc_sim.measures.registry import KEY_FIGURES, SEARCHED

Of = Callable[[Periods], Any]


@dataclass(frozen=True, kw_only=True)
class OwnMeasure:
    """A function of a run's columns, with what else tables and searches want to know of it.

    Attributes:
        of: function of the columns (``periods["lost_demand"]`` is an array [R, T]) that gives one number per
            replication, [R]; nan where there is none.
        better: "larger" or "smaller", for what is to be an objective of a search.
        unit: with {money}, {goods}, {period} for the scenario's units; "share" is shown in percent.
        label: words for tables; default the name.

    Examples:
        >>> import esc_sim as esc
        >>> worst = esc.OwnMeasure(of=lambda periods: periods["lost_demand"].max(axis=1), better="smaller")
        >>> run = esc.simulate("scenarios/quickstart", replications=2, measures={"worst_day": worst})
        >>> list(run.scenario.measures)
        ['worst_day']
    """

    of: Of
    better: Better | None = None
    unit: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        """Look at the values.

        Raises:
            InputError: there is no function, or no such direction.
        """
        if not callable(self.of):
            raise InputError(
                f"OwnMeasure: of: {self.of!r} is no function of a run's columns: write def worst(periods), which "
                "returns one number per replication"
            )
        if self.better not in (None, *get_args(Better)):
            raise InputError(
                f"OwnMeasure: better: there is no {self.better!r}; take larger or smaller, or leave it out"
            )


GivenMeasure = Of | OwnMeasure | Measure
GivenMeasures = Mapping[str, GivenMeasure]
"""Measures by name: a function, a function with what else is to be said of it, or any measure of the library."""


@dataclass(frozen=True, kw_only=True)
class _Checked(Mean):
    """A mean whose function is a user's own: what it gives is looked at."""

    def by_replication(self, periods: Periods) -> Floats:
        """Value of each replication, [R].

        Raises:
            InputError: the function fails, or gives something else.
        """
        count = len(periods["cost"])
        try:
            found = np.asarray(self.of(periods))
        except Exception as error:
            raise raised(f"measure '{self.name}'", self.of, error) from error
        if found.dtype.kind not in "biuf":
            raise InputError(f"measure '{self.name}': {place_of(self.of)}: gave {found!r}, which are no numbers")
        if found.shape != (count,):
            what = f"an array of shape {found.shape}" if found.ndim else "one number"
            raise InputError(
                f"measure '{self.name}': {place_of(self.of)}: gave {what}, not one number for each of the {count} "
                "replications: average or add over periods, as in periods['cost'].mean(axis=1)"
            )
        if np.isinf(found).any():
            raise InputError(f"measure '{self.name}': {place_of(self.of)}: gave infinity; nan stands for no value")
        return found.astype(np.float64)


_TAKEN: Final = frozenset(KEY_FIGURES) | frozenset(SEARCHED)


def own_measures(given: GivenMeasures) -> dict[str, Measure]:
    """Measures by name, as a user of Python hands them in.

    Args:
        given: functions of a run's columns, :class:`OwnMeasure`, or measures of the library such as
            :class:`esc_sim.measures.tails.CostTail`, by name.

    Raises:
        InputError: a name is taken or cannot be used, or what is given is no measure.
    """
    found: dict[str, Measure] = {}
    for name, one in named("measures", given).items():
        if name in _TAKEN:
            raise InputError(f"measures: the name '{name}' is taken by a key figure of esc_sim; call yours otherwise")
        if isinstance(one, Measure):
            if one.name != name or one.searched_as != name:
                raise InputError(f"measures: '{name}' calls itself '{one.searched_as}': give both the same name")
            found[name] = one
            continue
        if not isinstance(one, OwnMeasure) and not callable(one):
            raise InputError(
                f"measures: {one!r} for '{name}' is no function of a run's columns: write def {name}(periods), "
                "which returns one number per replication"
            )
        own = one if isinstance(one, OwnMeasure) else OwnMeasure(of=one)
        try:
            found[name] = _Checked(
                name=name,
                label=own.label or name.replace("_", " ").capitalize(),
                unit=own.unit,
                better=own.better,
                definition=(inspect.getdoc(own.of) or "").partition("\n")[0] or place_of(own.of),
                of=own.of,
            )
        except ValueError as error:
            raise InputError(f"measures: {error}") from None
    return found


def code_of_measures(measures: Mapping[str, Measure]) -> dict[str, str]:
    """Hash of the source of each measure's function, by name: what a search that goes on must find again."""
    found = {}
    for name, measure in measures.items():
        function: Any = getattr(measure, "of", measure)
        try:
            text = inspect.getsource(function)
        except (OSError, TypeError):
            text = repr(measure)
        found[name] = hashlib.blake2b(f"{text}{measure.better}".encode(), digest_size=16).hexdigest()
    return found
