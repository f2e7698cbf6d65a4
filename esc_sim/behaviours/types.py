"""Rows of all items, nodes and so on that behaviours are handed: lists of agents, records of compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from esc_sim.fields.farm import Link, Offer
    from esc_sim.fields.item import Goods, Item
    from esc_sim.fields.law import Customers
    from esc_sim.fields.node import Money, Node
    from esc_sim.fields.written import Service


class AllGoods(Protocol):
    """Goods of all items, by their numbers."""

    def __getitem__(self, index: int, /) -> Goods: ...

    def __len__(self) -> int: ...


class Items(Protocol):
    """Rows of items, by their numbers."""

    def __getitem__(self, index: int, /) -> Item: ...

    def __len__(self) -> int: ...


class AllCustomers(Protocol):
    """Customers of all items that have any."""

    def __getitem__(self, index: int, /) -> Customers: ...

    def __len__(self) -> int: ...


class AllMoney(Protocol):
    """Money of all nodes, by their numbers."""

    def __getitem__(self, index: int, /) -> Money: ...

    def __len__(self) -> int: ...


class Nodes(Protocol):
    """Rows of nodes, by their numbers."""

    def __getitem__(self, index: int, /) -> Node: ...

    def __len__(self) -> int: ...


class Services(Protocol):
    """Sums of the service of customers, by their numbers."""

    def __getitem__(self, index: int, /) -> Service: ...

    def __len__(self) -> int: ...


class Links(Protocol):
    """All links of fields and offers, by their numbers."""

    def __getitem__(self, index: int, /) -> Link: ...


class Offers(Protocol):
    """All offers of the nutrient market, by their numbers."""

    def __getitem__(self, index: int, /) -> Offer: ...
