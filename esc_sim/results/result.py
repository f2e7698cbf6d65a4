"""A run as users meet it, fresh or read back from its folder: frames, figures, tables, a dataset."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import esc_sim
from esc_sim.counted import counted
from esc_sim.findings.finding import Finding
from esc_sim.results.dates import summary_calendar
from esc_sim.results.engines import EnginePart
from esc_sim.results.period_table import Booleans, Floats, column
from esc_sim.results.roomy import by_pieces, in_memory, let_go, lies_in_file, roomy

if TYPE_CHECKING:
    import pandas as pd
    import xarray

    from esc_sim.findings.plots import Draw
    from esc_sim.network.model import Network
    from esc_sim.results.observed import Observed
    from esc_sim.scenario.calendar import Calendar
    from esc_sim.scenario.schema import DataStatus, Units

RUN_FORMAT: Final = "esc_sim run"


@dataclass(frozen=True)
class About:
    """What tables and figures need to know of the scenario that was run.

    Attributes:
        title: of the scenario.
        label: name of the run as configured, "disrupted" or "undisrupted".
        units: names of the units.
        data: where the numbers come from.
        safety_stock, target_stock: float64[I], units; nan = none.
        side_ends: int64[., 2], pairs of nodes (giver, taker) between which goods go without an order.
        link_ends: int64[L, 2], pairs of nodes (supplier, buyer) with a link that a cascade has made and that may trade.
        link_shipped: float64[L], mean units a period that went over it.
        struck_nodes: int64[.], nodes disrupted otherwise than in what they can ship: demand, lead times, production,
            power.
        struck_arcs: int64[.], arcs disrupted.
        summary: content of summary.json.
    """

    title: str
    label: str
    units: Units
    data: DataStatus
    safety_stock: Floats
    target_stock: Floats
    side_ends: NDArray[np.int64]
    link_ends: NDArray[np.int64]
    link_shipped: Floats
    struck_nodes: NDArray[np.int64]
    struck_arcs: NDArray[np.int64]
    summary: dict[str, Any]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Result(Finding):
    """Outcome of R replications of T periods; N nodes, I items, A arcs, K period columns.

    ``esc_sim.simulate`` and ``esc_sim.load_result`` return one; frames, figures and tables of the two are the same.

    Attributes:
        network: nodes, arcs, products and markets.
        engine: asked for: "agents", "compiled", or "auto", which takes what is ready; "agents" where only they can.
        seed: seed of all random numbers.
        values: float64[R, T, K], the run as configured.
        twin: float64[R, T, K], the undisrupted twin on the same random numbers; None when the scenario has no
            disruption.
        arc_shipped: float64[A], mean shipped per period over periods and replications, arcs in the scenario's order.
        item_stock: float64[T, I], mean stock at the end of each period.
        item_health: float64[T, N], mean share of capacity that each node can ship.
        twin_arc_shipped, twin_item_stock: the same of the twin, or None.
        disruption_active: bool[R, T], whether any disruption is in force at the review; None when not recorded.
        plan, plan_hash: name of the plan that was carried out and hash of what it decides, or None.
        command: how the run was started.
        notices: what the user should know about how it was run.
        batch: replications that were stratified together (1 = independent replications); intervals rest on batches.
        tally: float64[R, I, len(TALLY_COLUMNS)], sums after the warm-up; no items where no order policy asks for them.
        customers: int64[C], the items with final demand.
        service: float64[R, C, len(SERVICE_COLUMNS)], sums after the warm-up; None when not recorded.
        twin_service: the same of the twin, or None.
        flows: float64[R, I, len(FLOW_COLUMNS)], sums over all periods; no items where they are not kept.
        observed: names and units of the X numbers that features show of themselves in every period.
        observations: float64[R, T, X] of them; None when not recorded.
        engines: which engine played which replications.

    Examples:
        A short run, what it is, and its tables:

        >>> import esc_sim as esc
        >>> result = esc.simulate("scenarios/quickstart", replications=2, seed=1, overrides={"run.periods": 60})
        >>> result.heading
        'Two shops, a warehouse, two factories: 2 replications of 60 days, seed 1'
        >>> result.title, result.label, result.replications, result.period_count, result.calendar
        ('Two shops, a warehouse, two factories', 'disrupted', 2, 60, None)
        >>> result.units.money, result.data.status, result.about.units.period
        ('EUR', 'synthetic', 'day')
        >>> result.kpis.loc["fill_rate", "label"], float(result.kpis.loc["fill_rate", "mean"])
        ('Fill rate', 1.0)
        >>> result.frame.equals(result.kpis), result.summary["kpis"]["disrupted"]["fill_rate"]["mean"]
        (True, 1.0)
        >>> list(result.tables_by_name())
        ['kpis', 'periods', 'nodes', 'arcs', 'demand_by_customer']
        >>> list(result.periods.index.names), list(result.nodes.index.names)
        (['run', 'replication', 'period'], ['run', 'period', 'node', 'product'])
        >>> list(result.arcs.index.names), len(result.products)
        (['run', 'buyer', 'supplier', 'product'], 0)
        >>> demand = result.demand_by_customer  # most late or lost demand first
        >>> demand.index.names, bool((demand["lost"] >= 0).all())
        (FrozenList(['customer', 'product']), True)
        >>> result.column("cost").shape, result.twin_column("cost").shape, result.activity().shape
        ((2, 60), (2, 60), (2, 60))
        >>> result.to_xarray()["cost"].dims
        ('run', 'replication', 'period')

        Figures, and tables for papers:

        >>> dir(result.plot)
        ['cost_histogram', 'network_map']
        >>> result.plot.network_map(title="Who delivers to whom", footer=False).get_suptitle().strip()
        'Who delivers to whom'
        >>> result.shown_table().columns.tolist()
        ['key figure', 'normal', 'disrupted', 'difference', 'unit']
        >>> print(result.to_markdown().splitlines()[0])
        | key figure | normal | disrupted | difference | unit |
        >>> print(result.to_latex().splitlines()[0], result.to_csv("arcs").splitlines()[0])
        \\begin{tabular}{lrrrl} run,buyer,supplier,product,shipped

        Its folder:

        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     saved = result.save(Path(folder) / "run")
        ...     again = esc.load_result(saved)
        ...     page = again.report(Path(folder) / "run.html")
        ...     figures = result.draw(Path(folder) / "figures", ["pdf"], ["network_map"], title=False)
        ...     print(again.kpis.equals(result.kpis), page.name, figures[0].name)
        True run.html network_map.pdf

        What a kind of results says for itself, for those who add one:

        >>> result.format_name, list(result.figures_by_name())[0], sorted(result.files_drawn())[0]
        ('esc_sim run', 'cost_histogram', 'cost_histogram.pdf')
        >>> callable(result.folder_files())
        True
    """

    network: Network
    engine: str
    seed: int
    values: Floats
    twin: Floats | None
    arc_shipped: Floats
    item_stock: Floats
    item_health: Floats
    twin_arc_shipped: Floats | None = None
    twin_item_stock: Floats | None = None
    disruption_active: Booleans | None = None
    plan: str | None = None
    plan_hash: str | None = None
    command: str = ""
    notices: list[str] = field(default_factory=list)
    batch: int = 1
    tally: Floats | None = None
    customers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    service: Floats | None = None
    twin_service: Floats | None = None
    flows: Floats | None = None
    observed: Sequence[Observed] = ()
    observations: Floats | None = None
    engines: tuple[EnginePart, ...] = ()

    @property
    @abstractmethod
    def about(self) -> About:
        """What tables and figures need to know of the scenario."""

    @property
    def format_name(self) -> str:
        """What its manifest calls it."""
        return RUN_FORMAT

    @property
    def heading(self) -> str:
        """What was run, how often and how long."""
        length = f"{counted(self.replications, 'replication')} of {counted(self.period_count, self.units.period)}"
        plan = f", plan {self.plan}" if self.plan else ""
        return f"{self.title}{plan}: {length}, seed {self.seed}"

    def tables_by_name(self) -> Mapping[str, pd.DataFrame]:
        """Key figures, periods, nodes, arcs, demand by customer, and products where there are several."""
        tables = {"kpis": self.kpis, "periods": self.periods, "nodes": self.nodes, "arcs": self.arcs}
        if "demand" in self.summary:
            tables["demand_by_customer"] = self.demand_by_customer
        return tables | ({"products": self.products} if "products" in self.summary else {})

    def shown_table(self) -> pd.DataFrame:
        """The key figures as the command `run` prints them: mean and half width of the 95 % interval."""
        from esc_sim.results.table import kpi_texts

        return kpi_texts(self.summary)

    def figures_by_name(self) -> Mapping[str, Draw]:
        """The figures that the run has something to show in."""
        found: Mapping[str, Draw] = esc_sim.from_above("run_figures")(self)
        return found

    def files_drawn(self) -> Collection[str]:
        """Names of the files that figures of a run may have."""
        names: Collection[str] = esc_sim.from_above("run_figure_files")()
        return names

    @property
    def replications(self) -> int:
        """Replications that were finished; fewer than the scenario asks for after an interruption."""
        return int(self.values.shape[0])

    @property
    def period_count(self) -> int:
        """Review periods per replication."""
        return int(self.values.shape[1])

    @property
    def label(self) -> str:
        """Name of the run as configured: "disrupted", or "undisrupted" for a scenario without disruptions."""
        return self.about.label

    @property
    def title(self) -> str:
        """Title of the scenario."""
        return self.about.title

    @property
    def units(self) -> Units:
        """Names of the units."""
        return self.about.units

    @property
    def data(self) -> DataStatus:
        """Where the numbers come from."""
        return self.about.data

    @property
    def summary(self) -> dict[str, Any]:
        """Content of summary.json: every key figure with its interval."""
        return self.about.summary

    @property
    def calendar(self) -> Calendar | None:
        """Dates of the periods; None where the scenario gives none."""
        return summary_calendar(self.summary)

    def activity(self) -> Booleans | None:
        """Whether a disruption is in force, bool[R, T], where it is known."""
        return self.disruption_active

    def column(self, name: str) -> Floats:
        """One of PERIOD_COLUMNS of the run as configured, [R, T]."""
        return column(self.values, name)

    def twin_column(self, name: str) -> Floats | None:
        """One of PERIOD_COLUMNS of the undisrupted twin, [R, T], or None without a twin."""
        return None if self.twin is None else column(self.twin, name)

    @cached_property
    def node_stock(self) -> Floats:
        """float64[T, N], stock of a node summed over its products, mean over replications."""
        if not lies_in_file(self.item_stock):
            total = np.zeros((self.network.node_count, len(self.item_stock)))
            np.add.at(total, self.network.item_node, self.item_stock.T)
            return total.T
        whole = roomy((len(self.item_stock), self.network.node_count))
        for rows in by_pieces(self.item_stock):
            part = np.zeros((self.network.node_count, rows.stop - rows.start))
            np.add.at(part, self.network.item_node, in_memory(self.item_stock[rows]).T)
            whole[rows] = part.T
            let_go(whole)
        return whole

    @property
    def kpis(self) -> pd.DataFrame:
        """Key figures: index ``kpi``; columns label, unit, mean, ci_low, ci_high, n of the run as configured.

        With disruptions, also those of the undisrupted twin (twin_mean, ...) and of the paired difference to it
        (difference_mean, ...). What cannot be estimated is nan.
        """
        from esc_sim.results.frames import kpi_frame

        return kpi_frame(self.summary, self.label)

    @property
    def periods(self) -> pd.DataFrame:
        """Totals of the network: index run, replication, period; columns as in periods.parquet."""
        from esc_sim.results.frames import PERIODS, frame_of
        from esc_sim.results.writing import period_tables

        return frame_of(period_tables(self), PERIODS)

    @property
    def nodes(self) -> pd.DataFrame:
        """Mean stock and health: index run, period, node, product; columns as in items.parquet."""
        from esc_sim.results.frames import NODES, frame_of
        from esc_sim.results.writing import item_tables

        return frame_of(item_tables(self), NODES)

    @property
    def arcs(self) -> pd.DataFrame:
        """Mean amount shipped a period: index run, buyer, supplier, product; columns as in arcs.parquet.

        Where routes have modes, ``mode`` is the last level of the index.
        """
        from esc_sim.results.frames import ARCS, frame_of
        from esc_sim.results.writing import arc_tables

        return frame_of(arc_tables(self), (*ARCS, "mode") if self.network.arc_modes else ARCS)

    @property
    def demand_by_customer(self) -> pd.DataFrame:
        """What customers asked for and got in time, late or not: index customer, product, most late or lost first.

        Columns as in demand_by_customer.csv; no rows where nobody asks for anything.
        """
        from esc_sim.results.customer_demand import customer_demand

        return customer_demand(self).frame()

    @property
    def products(self) -> pd.DataFrame:
        """Balance of each product over the run: index product; columns as in products.csv; no rows where not kept."""
        from esc_sim.results.frames import product_frame

        return product_frame(self.summary)

    def to_xarray(self) -> xarray.Dataset:
        """The run as a labelled dataset: dimensions run, replication, period, item, node and arc; units as attributes.

        Raises:
            InputError: the package xarray is not installed.
        """
        from esc_sim.results.dataset import dataset_of

        return dataset_of(self)
