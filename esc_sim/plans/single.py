"""Networks of one product and one route between any two nodes, which the plans of designs are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esc_sim.network.model import Network


def arc_index(network: Network) -> dict[tuple[str, str], int]:
    """Arc by buyer and supplier, in such a network."""
    node = [network.node_ids[n] for n in network.item_node]
    ends = zip(network.arc_buyer.tolist(), network.arc_supplier.tolist(), strict=True)
    return {(node[buyer], node[supplier]): arc for arc, (buyer, supplier) in enumerate(ends)}


def unfit(network: Network, kind: str) -> str:
    """Why a plan of this kind cannot be for a network; "" where it can.

    Args:
        network: nodes, arcs and products.
        kind: kind of plan.
    """
    if len(network.products) != 1:
        return f"a {kind} plan is for one product; this network trades {len(network.products)}"
    if len(arc_index(network)) < network.arc_count:
        return f"a {kind} plan is for one route between two nodes; this network has several, told apart by their mode"
    return ""
