"""A scenario put together in Python: from its parts, from tables in memory, from a graph."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import PrivateAttr

from esc_sim.errors import InputError
from esc_sim.fields.parts import Part

if TYPE_CHECKING:
    import networkx as nx

    from esc_sim.scenario.schema import Scenario

Source = str | os.PathLike[str] | Mapping[str, Any]
"""A workbook, a folder of files, a file, or data frames by the names of their tables."""


class Buildable(Part):
    """What a scenario can do with itself; its fields are those of :class:`esc_sim.scenario.schema.Scenario`."""

    _entries_changed: dict[str, int] = PrivateAttr({})
    _stated: tuple[dict[str, Any], Any] | None = PrivateAttr(None)  # what was read, and its document

    @property
    def stated(self) -> Any:
        """The document that it was read from, with what its switches left out; None where it is no longer as it was."""
        if self._stated is None:
            return None
        read, document = self._stated
        kept = all(name in ("run", "optimize") or getattr(self, name) == value for name, value in read.items())
        return document if kept else None

    @property
    def entries_changed(self) -> Mapping[str, int]:
        """How many entries were reached by each change that names several with ``*``.

        Examples:
            >>> import esc_sim as esc
            >>> esc.load_scenario("scenarios/quickstart", ["nodes.shop_*.holding_cost=+20%"]).entries_changed
            {'nodes.shop_*.holding_cost=+20%': 2}
        """
        return self._entries_changed

    def add(self, *parts: Part) -> Scenario:
        """A new scenario with further parts; this one stays as it is.

        Args:
            parts: nodes, arcs, products, stock lines, disruptions, recipes or whatever else a scenario lists. The first
                product added takes the place of the default one.

        Raises:
            InputError: something is no such part.

        Examples:
            >>> import esc_sim as esc
            >>> empty = esc.Scenario(name="mine")
            >>> mine = empty.add(esc.Node(id="shop"), esc.Node(id="factory"), esc.Arc(buyer="shop", supplier="factory"))
            >>> len(empty.nodes), len(mine.nodes), mine.arcs[0].supplier
            (0, 2, 'factory')
        """
        from esc_sim.scenario.checked import with_parts

        return with_parts(cast("Scenario", self), parts)

    @classmethod
    def from_tables(
        cls,
        book: Source | None = None,
        /,
        *,
        nodes: Any = None,
        arcs: Any = None,
        lanes: Any = None,
        stocks: Any = None,
        products: Any = None,
        recipes: Any = None,
        takers: Any = None,
        fields: Any = None,
        amendments: Any = None,
        series: Any = None,
        competitors: Any = None,
        name: str = "",
        **values: Any,
    ) -> Scenario:
        """A checked scenario from data frames, with the columns of nodes.csv, arcs.csv and so on; or from a workbook.

        Frames are those of pandas, polars, Arrow and whatever else can hand its columns to Arrow. Cells are read as
        those of the files: an empty one, NaN or None, says nothing. Named levels of a pandas index are columns.

        Args:
            book: in place of all tables, what ``esc-sim import`` reads: the path of a workbook or a folder, or data
                frames (or paths) with usual names of sheets and columns, by their names.
            nodes, arcs, lanes, stocks, products, recipes, takers, fields, amendments, series, competitors: tables.
            name: short name of the scenario; default "network", or the name of the book.
            values: all else that a scenario says, by key: ``disruptions=[...]``, ``run=esc.Run(...)``. With a book:
                ``mapping``, ``currency``, ``rates``, ``step``, as the command has them.

        Raises:
            InputError: with every problem found; a place is the name of a node or an arc, or a cell of the book.

        Examples:
            >>> import esc_sim as esc, pandas as pd
            >>> nodes = pd.DataFrame({"id": ["shop", "factory"], "demand.mean": [40, None]})
            >>> arcs = pd.DataFrame({"buyer": ["shop"], "supplier": ["factory"], "price": [60]})
            >>> esc.Scenario.from_tables(nodes=nodes, arcs=arcs, name="two").nodes[0].demand.mean
            40.0
            >>> lanes = pd.DataFrame({"From": ["Mill"], "To": ["Corner shop"], "Lead time (days)": [2]})
            >>> esc.Scenario.from_tables({"Lanes": lanes}).arcs[0].buyer
            'corner_shop'
        """
        import esc_sim
        from esc_sim.scenario.given import from_tables

        frames = {
            "nodes": nodes, "arcs": arcs, "lanes": lanes, "stocks": stocks, "products": products, "recipes": recipes,
            "takers": takers, "fields": fields, "amendments": amendments, "series": series,
            "competitors": competitors,
        }  # fmt: skip
        given = [key for key, frame in frames.items() if frame is not None]
        if book is not None and given:
            raise InputError(f"from_tables: a book holds all tables: leave {', '.join(given)} out")
        if book is not None:
            return cast("Scenario", esc_sim.from_above("scenario_from")(book, name=name, **values))
        if nodes is None:
            raise InputError("from_tables: give nodes, or a book")
        return from_tables(frames, {"name": name or "network", **values})

    @classmethod
    def from_networkx(cls, graph: nx.DiGraph[Any], *, name: str = "", **values: Any) -> Scenario:
        """A checked scenario from a directed graph of networkx; edges lead from supplier to buyer.

        Args:
            graph: attributes of nodes and edges are their fields, with dots (``{"demand.mean": 40}``) or as dicts in
                dicts. In a MultiDiGraph parallel edges are arcs of several products or modes.
            name: short name of the scenario; default the graph's, or "network".
            values: all else that a scenario says, by key.

        Raises:
            InputError: with every problem found; a place is the name of a node or an arc.

        Examples:
            >>> import esc_sim as esc, networkx as nx
            >>> graph = nx.DiGraph([("factory", "shop", {"price": 60, "lead_time": 2})])
            >>> graph.nodes["shop"]["demand.mean"] = 40
            >>> scenario = esc.Scenario.from_networkx(graph, name="two")
            >>> scenario.arcs[0].buyer, scenario.arcs[0].lead_time
            ('shop', 2.0)
        """
        from esc_sim.scenario.given import from_networkx

        return from_networkx(graph, {"name": name or str(getattr(graph, "name", "")) or "network", **values})

    def check(self) -> None:
        """Check the whole: references, limits, meaning. Whatever runs a scenario does so first.

        Raises:
            InputError: with every problem found; a place is the name of a node or an arc.

        Examples:
            >>> import esc_sim as esc
            >>> arc = esc.Arc(buyer="shop", supplier="factry")
            >>> esc.Scenario(name="mine", nodes=[esc.Node(id="shop"), esc.Node(id="factory")], arcs=[arc]).check()
            Traceback (most recent call last):
            esc_sim.errors.InputError: arc factry -> shop: supplier: there is no node 'factry'; did you mean 'factory'?
        """
        from esc_sim.scenario.checked import checked

        checked(cast("Scenario", self))

    def to_yaml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The scenario as the text of a scenario.yaml; what is as by default is left out.

        Args:
            path: a .yaml file to write it to as well.

        Returns:
            The text; read back it is the same scenario, but for switches: what they left out is gone.

        Raises:
            InputError: the file cannot be written, or tables beside it would be read with it.

        Examples:
            >>> import esc_sim as esc
            >>> print(esc.Scenario(name="mine", nodes=[esc.Node(id="shop", initial_stock=5)]).to_yaml(), end="")
            version: 1
            name: mine
            nodes:
            - id: shop
              initial_stock: 5.0
        """
        from esc_sim.scenario.writing import yaml_of

        return yaml_of(cast("Scenario", self), path)
