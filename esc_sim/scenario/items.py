"""Items of a scenario: a product held at a node, stated by the node's own fields or by a line of ``stocks``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from esc_sim.scenario.dotted import quoted
from esc_sim.scenario.messages import Path
from esc_sim.scenario.schema import Node, Scenario, StockData

Item = tuple[str, str]
"""Node and product."""

_DEFAULTS: Final = {name: field.default for name, field in StockData.model_fields.items()}
_KEYS: Final = {field.alias or name: field.default for name, field in StockData.model_fields.items()}


def states_item(node: Mapping[str, Any]) -> bool:
    """Whether a node, as plain values, says anything of a stock of its own; what is as by default says nothing."""
    return any(node.get(key) is not None and node[key] != default for key, default in _KEYS.items())


def _has_own(node: Node) -> bool:
    """Whether a node's own fields are an item, though lines of ``stocks`` speak of it, too."""
    return node.product is not None or any(getattr(node, name) != value for name, value in _DEFAULTS.items())


def items_of(scenario: Scenario) -> dict[Item, tuple[Path, StockData]]:
    """Every (node, product) with the path of its data and the data, nodes first, then stocks.

    A node's own fields speak of its ``product``, by default the scenario's first. They are no item where the node says
    nothing of a stock and all that it holds stands in ``stocks``.
    """
    default = scenario.products[0].id
    lined = {line.node for line in scenario.stocks}
    items: dict[Item, tuple[Path, StockData]] = {
        (node.id, node.product or default): (("nodes", number), node)
        for number, node in enumerate(scenario.nodes)
        if node.id not in lined or _has_own(node)
    }
    for number, line in enumerate(scenario.stocks):
        items[line.node, line.product] = (("stocks", number), line)
    return items


def have_same(scenario: Scenario, like: Scenario | None, *sections: str) -> bool:
    """Whether two scenarios hold the very same objects.

    Args:
        scenario: the one.
        like: the other; None where there is none, and so nothing the same.
        sections: names of the sections that are compared.
    """
    return like is not None and all(getattr(scenario, name) is getattr(like, name) for name in sections)


def item_path(path: Path, item: Item) -> str:
    """How ``--set`` names the entry of an item.

    Args:
        path: of the entry, as :func:`items_of` gives it.
        item: node and product.
    """
    return f"nodes.{quoted(item[0])}" if path[0] == "nodes" else f"stocks.{quoted('/'.join(item))}"
