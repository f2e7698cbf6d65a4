"""`fit`: laws proposed for all histories of a table or of a scenario, and starting policies if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from esc_sim.errors import InputError
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.fitting.histories import Histories, histories_of
from esc_sim.fitting.proposal import Fit, fit_series
from esc_sim.fitting.starting import starting_policies
from esc_sim.fitting.together import Together, as_written, together
from esc_sim.scenario.checked import checked
from esc_sim.scenario.demand import Correlation, Demand
from esc_sim.scenario.items import Item, items_of
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.storage.place import Fill

FIT_FORMAT: Final = "esc_sim fit"
KIND: Final = Kind(
    FIT_FORMAT,
    "Fit",
    {
        "fits": ("series",),
        "rejected": ("series", "family"),
        "parameters": ("series", "parameter"),
        "seasons": ("series", "phase"),
        "correlations": ("series",),
        "policies": ("node", "product"),
    },
    {},
)
_KEPT: Final = ("price", "shortage_cost", "leftovers")
"""Keys of a demand that say nothing of its amount."""


@dataclass(frozen=True, repr=False, eq=False)
class FitStudy(Study):
    """Laws proposed for histories.

    Attributes:
        histories: what was fitted.
        fits: a proposal for each history.
        correlated: how they move together; None where that cannot be told.
        scenario: the scenario with the proposed demands, correlations and policies; None for a table.
        fill_rate: that of the starting policies; None where none were wanted.
        lead_times: the histories are lead times.
        command: how it was started.
    """

    histories: Histories
    fits: tuple[Fit, ...]
    correlated: Together | None = None
    scenario: Scenario | None = None
    fill_rate: float | None = None
    lead_times: bool = False
    command: str = field(default="")

    def __getitem__(self, name: str) -> Fit:
        """The proposal for a history.

        Raises:
            InputError: there is no history of that name.
        """
        for fit in self.fits:
            if fit.name == name:
                return fit
        raise InputError(f"there is no history '{name}'; there are {', '.join(fit.name for fit in self.fits)}")

    @property
    def study_kind(self) -> Kind:
        """Tables fits, rejected, parameters, seasons, correlations and policies."""
        return KIND

    @property
    def subject(self) -> str:
        """Where the histories come from."""
        return self.histories.source

    def written_tables(self) -> Mapping[str, Cells]:
        """Proposals, rejected laws, parameters with intervals, seasons, correlations, policies."""
        from esc_sim.fitting.writing import fit_tables

        return fit_tables(self)

    def shown_table(self) -> pd.DataFrame:
        """A row for each history: the law in words, how many values, how well it fits."""
        from esc_sim.fitting.writing import shown

        return shown(self)

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Pages of histories with their laws, and the correlations."""
        from esc_sim.fitting.writing import fit_figures

        return fit_figures(self)

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        from esc_sim.fitting.writing import fit_files

        return fit_files(self)


def fit(
    source: Any,
    *,
    lead_times: bool = False,
    season_length: int | None = None,
    count: bool = False,
    policies: bool = False,
    fill_rate: float = 0.95,
    overrides: Overrides = (),
    command: str = "",
) -> FitStudy:
    """Propose a law for each history of a table or of a scenario, see :func:`esc_sim.fitting.fit_series`.

    Args:
        source: a CSV file, workbook or Parquet file with a column for each history and, if wanted, one of dates; a data
            frame of that kind; a mapping of names to values; or a scenario, whose series are fitted.
        lead_times: the histories are observed lead times, whose order says nothing.
        season_length: periods of a season; None: as the step of the dates has it, or 7, 12 and 52; 0: none.
        count: goods come in whole numbers.
        policies: give stocking points of the scenario that state none a starting policy.
        fill_rate: that is wanted of them.
        overrides: changes of the scenario, as by ``--set``.
        command: how it was started, for the manifest.

    Returns:
        Proposals, tables, figures and, for a scenario, the scenario with the proposed demands.

    Raises:
        InputError: the source cannot be read, there is no history in it, or an option does not go with it.

    Examples:
        >>> import esc_sim as esc
        >>> shop, kiosk = [12, 9, 14, 11, 10, 13, 8, 15, 12, 10, 9, 11], [0, 0, 3, 0, 0, 0, 2, 0, 0, 4, 0, 3]
        >>> found = esc.fit({"shop": shop, "kiosk": kiosk})
        >>> found["shop"].family, found["kiosk"].family
        ('poisson', 'intermittent, geometric')
    """
    histories = histories_of(source, overrides, "loose" if lead_times else "late")
    _check(histories, lead_times, policies)
    with_scenario = histories.scenario is not None
    length = histories.season_length if season_length is None else season_length
    # Demands of a table all go on where its rows end, also that of a column which ends before.
    ends = {name: histories.begins.get(name, 0) + len(values) for name, values in histories.values.items()}
    last = max(ends.values(), default=0)
    fits = tuple(
        fit_series(
            values, season_length=length, count=count, name=name, by_period=not lead_times,
            begins="with" if with_scenario else "after", ahead=0 if with_scenario else last - ends[name],
        )
        for name, values in histories.values.items()
    )  # fmt: skip
    correlated = None if lead_times else together(fits, histories.begins)
    scenario = histories.scenario
    if scenario is not None:
        scenario = with_fits(scenario, histories, fits, correlated)
        scenario = starting_policies(scenario, fill_rate) if policies else scenario
    return FitStudy(histories, fits, correlated, scenario, fill_rate if policies else None, lead_times, command)


def _check(histories: Histories, lead_times: bool, policies: bool) -> None:
    scenario = histories.scenario
    if scenario is None and policies:
        raise InputError("policies: they are computed for a scenario, not for a table of histories")
    if scenario is not None and lead_times:
        raise InputError("lead times: give a table of them, a column for each supplier or lane, not a scenario")
    if not histories.values and not policies:
        raise InputError(
            f"{histories.source}: no history: put past demand into series.csv and name its columns under "
            "demand.series, or ask for policies only"
        )


def with_fits(scenario: Scenario, histories: Histories, fits: tuple[Fit, ...], joint: Together | None) -> Scenario:
    """The scenario with the proposed demands where histories stood, and their correlations.

    Args:
        scenario: what the histories are of.
        histories: with the stocking points that use them.
        fits: a proposal for each history.
        joint: how histories move together.
    """
    items = items_of(scenario)
    nodes, stocks = list(scenario.nodes), list(scenario.stocks)
    for found in fits:
        for item in histories.uses.get(found.name, ()):
            path, data = items[item]
            kept = {key: getattr(data.demand, key) for key in _KEPT}
            made: Any = data.model_copy(update={"demand": Demand(**kept, **found.demand)})
            parts: list[Any] = nodes if path[0] == "nodes" else stocks
            parts[int(path[1])] = made
    joint_demand = _correlations(scenario, histories, joint)
    return checked(scenario.model_copy(update={"nodes": nodes, "stocks": stocks, "correlations": joint_demand}))


def _correlations(scenario: Scenario, histories: Histories, joint: Together | None) -> list[Correlation]:
    """Those that the scenario has, or one for each product whose demands move together."""
    if scenario.correlations or joint is None or not joint.seen:
        return list(scenario.correlations)
    users: dict[str, list[tuple[Item, int]]] = {}
    for place, name in enumerate(joint.names):
        for item in histories.uses.get(name, ()):
            users.setdefault(item[1], []).append((item, place))
    made = []
    for product, members in users.items():
        if len(members) < 2:
            continue
        places = [place for _, place in members]
        made.append(
            Correlation(
                name=f"fitted {product}",
                nodes=[item[0] for item, _ in members],
                product=product,
                matrix=as_written(joint.matrix[places][:, places]),
            )
        )
    return made
