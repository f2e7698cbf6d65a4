"""What a unit of each product costs where no sheet says so: what is paid for its components."""

from __future__ import annotations

from esc_sim.importing.content import Content


def unit_costs(content: Content) -> dict[str, float]:
    """Money per unit, by product: as its sheet says, the lowest price of a supplier, or what its components cost."""
    found: dict[str, float] = {}
    open_: set[str] = set()

    def cost(product: str) -> float | None:
        if product in found or product in open_:
            return found.get(product)
        open_.add(product)
        stated = content.products.by_id[product].said.get("cost")
        offered = [o.price for o in content.offers if o.product == product and o.price is not None]
        value = stated if stated is not None else min(offered, default=None)
        if value is None:
            value = _of_components(product)
        open_.discard(product)
        if value is not None:
            found[product] = value
        return value

    def _of_components(product: str) -> float | None:
        parts = next((parts for (made, _), parts in content.components.items() if made == product), None)
        if not parts:
            return None
        costs = [(amount, cost(part)) for part, amount in parts.items()]
        return None if any(each is None for _, each in costs) else sum(amount * (each or 0.0) for amount, each in costs)

    for product in content.products.by_id:
        cost(product)
    return found
