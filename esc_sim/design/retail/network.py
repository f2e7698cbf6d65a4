"""The network that a retail plan is simulated in, from the design's tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esc_sim.design.networks import DesignNetwork, Fact
from esc_sim.design.retail.episode import episode_content
from esc_sim.design.retail.read import TABLES, read_instance
from esc_sim.design.tables import inside
from esc_sim.scenario.design_retail import RetailSection

_SECTIONS = ("nodes", "arcs", "disruptions", "joint_disruptions", "run", "rules")


def design_network(section: RetailSection, folder: Path) -> DesignNetwork:
    """Nodes, arcs, disruptions and settings of the run, and what must agree where the scenario has its own.

    Args:
        section: the scenario's section ``design.retail``.
        folder: the scenario's folder.

    Raises:
        InputError: tables that cannot be used.
    """
    place = inside(folder, section.tables, "design.retail.tables")
    content = episode_content(read_instance(place))
    files = tuple(place / name for name in TABLES if (place / name).exists())
    return DesignNetwork(
        content={key: content[key] for key in _SECTIONS}, facts=tuple(_facts(content, section.tables)), files=files
    )


def _facts(content: dict[str, Any], tables: str) -> Iterator[Fact]:
    """What a scenario with nodes, arcs and cases of its own must say as well."""
    for node in content["nodes"]:
        if "capacity" in node:
            yield Fact("nodes", (node["id"],), ("capacity",), node["capacity"], f"{tables}/disruption.csv")
    for arc in content["arcs"]:
        for key in ("price", "other_cost"):
            if key in arc:
                yield Fact("arcs", (arc["buyer"], arc["supplier"]), (key,), arc[key], f"the tables of {tables}")
    for case in content["joint_disruptions"][0]["cases"]:
        yield Fact("cases", (case["name"],), ("probability",), case["probability"], f"{tables}/scenarios.csv")
        for key, table in (("health", "disruption.csv"), ("demand", "demand.csv")):
            for name, value in case[key].items():
                yield Fact("cases", (case["name"],), (key, name), value, f"{tables}/{table}")
