"""A scenario as tables of Anura, with a list of what they have no place for."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from esc_sim.exchange import anura_schema as schema
from esc_sim.exchange.anura_schema import columns
from esc_sim.exchange.anura_units import DAY, days_of
from esc_sim.exchange.anura_write_demand import demand_rows
from esc_sim.exchange.anura_write_making import making_rows
from esc_sim.exchange.anura_write_policies import POLICIES, lane_rows, policy_row, sourcing_rows
from esc_sim.exchange.carried import Ledger
from esc_sim.fields.parts import stated
from esc_sim.scenario.calendar import Step, calendar_of, date_of, step_of, written
from esc_sim.scenario.items import items_of
from esc_sim.scenario.schema import Scenario, StockData

Items = Sequence[tuple[str, str, StockData]]
Tables = dict[str, list[dict[str, Any]]]

_START: Final = "2026-01-01"
_SYMBOLS: Final = {Step(seconds=86_400): "DAY", Step(seconds=604_800): "WK", Step(seconds=3_600): "HR"}
_MOST_PERIODS: Final = 10_000
"""Periods that are listed one by one; a longer run is one period."""


@dataclass(frozen=True)
class Time:
    """The periods of a run.

    Attributes:
        start: date of period 0.
        step: time from one period to the next.
        symbol: Anura's symbol of that step.
        periods: how many there are.
    """

    start: datetime.datetime
    step: Step
    symbol: str
    periods: int

    def date(self, period: int) -> str:
        """When a period begins."""
        return written(self.step.after(self.start, period))

    @property
    def listed(self) -> bool:
        """Whether periods can be listed one by one."""
        return self.periods <= _MOST_PERIODS


def anura_tables(scenario: Scenario, ledger: Ledger) -> Tables:
    """The tables of a scenario, those without rows left out.

    Args:
        scenario: what to write.
        ledger: counts what the tables have no place for.
    """
    time = _time_of(scenario, ledger)
    items = [(node, product, part) for (node, product), (_, part) in items_of(scenario).items()]
    tables: Tables = {name: [] for name in schema.TABLES}
    tables |= {
        "ModelInfo": [_named(scenario)],
        "ModelRunOptions": list(_options(scenario)),
        "UnitsOfMeasure": list(_units(time)),
        "Products": list(_products(scenario, items, ledger)),
        "Facilities": list(_facilities(scenario, items, time, ledger)),
        "Groups": list(_groups(scenario)),
        "InventoryPolicies": [policy_row(*item, time.symbol, time.date, days_of(time.step), ledger) for item in items],
        "ReplenishmentPolicies": list(sourcing_rows(scenario, {(n, p): part for n, p, part in items})),
        "TransportationPolicies": list(lane_rows(scenario, time.symbol, ledger)),
    }
    for rows in (demand_rows(scenario, items, time, ledger), making_rows(scenario, items, time, ledger)):
        for table, row in rows:
            tables[table].append(row)
    if any(row["PeriodName"] != schema.HORIZON for row in tables["CustomerDemand"]) or (
        time.symbol == "PERIOD" and time.listed
    ):
        tables["Periods"] = [{"PeriodName": f"P{n}", "StartDate": time.date(n)} for n in range(time.periods)]
    modes = dict.fromkeys(row["ModeName"] for row in tables["TransportationPolicies"] if row.get("ModeName"))
    tables["TransportationModes"] = [
        {"ModeName": mode, "BehaviorRule": "LTL", "Status": schema.INCLUDE} for mode in modes
    ]
    tables["ModelSettings"] = [_settings(scenario, time)]
    _count_rest(scenario, ledger)
    return {name: rows for name, rows in tables.items() if rows}


def _time_of(scenario: Scenario, ledger: Ledger) -> Time:
    calendar = calendar_of(scenario)
    if calendar is None:
        step = step_of(scenario.run.step or scenario.units.period)
        if step is None:
            step = Step(seconds=int(DAY))
            ledger.assume("length of a period", f"'{scenario.units.period}' is taken as a day")
        start = date_of(scenario.run.start or _START)
        assert start is not None
        if scenario.run.start is None:
            ledger.assume("start date", f"{_START}, as run.start is not given")
    else:
        start, step = calendar.start, calendar.step
    return Time(start, step, _SYMBOLS.get(step, "PERIOD"), scenario.run.periods)


def _settings(scenario: Scenario, time: Time) -> dict[str, Any]:
    """Dates at midnight are whole days, so that the last one is the day before the next period would begin."""
    end = time.step.after(time.start, time.periods)
    whole = end.time() == datetime.time()
    row = {
        "ModelStartDate": written(time.start),
        "ModelEndDate": written(end - datetime.timedelta(days=1) if whole else end),
        "PrimaryQuantityUOM": "EA",
        "PrimaryTimeUOM": time.symbol,
        "InventoryCarryingCostPercentage": 0,
    }
    if scenario.run.warm_up:
        row["WarmupEndDate"] = time.date(scenario.run.warm_up)
    return row


def _named(scenario: Scenario) -> dict[str, Any]:
    return {
        "ModelName": scenario.name,
        "ModelDescription": scenario.title or None,
        "DataModel": "ANURA",
        "DataModelVersion": schema.VERSION,
    }


def _options(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Plain values of how it is run, which other engines leave alone."""
    for section in ("run", "rules", "risk", "units", "data"):
        for key, value in stated(getattr(scenario, section)).items():
            if isinstance(value, (bool, int, float, str)):
                yield {
                    "Option": f"{section}.{key}",
                    "Status": schema.INCLUDE,
                    "Value": str(value).lower() if isinstance(value, bool) else value,
                    "Technology": schema.MINE,
                    "Description": "",
                }


def _units(time: Time) -> Iterator[dict[str, Any]]:
    length = days_of(time.step)
    yield {"UnitOfMeasureName": "Each", "Type": "Quantity", "Symbol": "EA", "Ratio": 1}
    known = {"DAY": ("Day", 1.0), "WK": ("Week", 7.0), "HR": ("Hour", 1.0 / 24.0)}
    for symbol, (name, days) in known.items():
        yield {"UnitOfMeasureName": name, "Type": "Time", "Symbol": symbol, "Ratio": days / length}
    if time.symbol not in known:
        yield {"UnitOfMeasureName": "Period", "Type": "Time", "Symbol": time.symbol, "Ratio": 1}


def _products(scenario: Scenario, items: Items, ledger: Ledger) -> Iterator[dict[str, Any]]:
    costs: dict[str, set[float]] = {}
    for _, kept, part in items:
        if part.disposal_cost:
            costs.setdefault(kept, set()).add(part.disposal_cost)
    for product in scenario.products:
        fees = costs.get(product.id, set())
        if len(fees) > 1:
            ledger.leave_out("disposal costs that differ by node", "Anura has one for a product", len(fees))
        yield {
            "ProductName": product.id,
            "Status": schema.INCLUDE,
            "DisposalCost": fees.pop() if len(fees) == 1 else None,
            "Notes": product.name or None,
        }


def _facilities(scenario: Scenario, items: Items, time: Time, ledger: Ledger) -> Iterator[dict[str, Any]]:
    kept: dict[str, list[float | None]] = {}
    for owner, _, part in items:
        kept.setdefault(owner, []).append(part.capacity)
    for node in scenario.nodes:
        limits = kept[node.id]
        limit = limits[0] if len(limits) == 1 else None
        if len(limits) > 1:
            lost = sum(one is not None for one in limits)
            ledger.leave_out("capacities", "Anura's limit is one for all products of a facility", lost)
        yield {
            "FacilityName": node.id,
            "Status": schema.INCLUDE,
            "FacilityStatus": "Open",
            "InitialState": "Existing",
            "Region": node.region,
            "Latitude": node.latitude,
            "Longitude": node.longitude,
            "ThroughputCapacity": limit,
            "ThroughputCapacityPeriod": None if limit is None else 1,
            "ThroughputCapacityPeriodUOM": None if limit is None else time.symbol,
            "AllowBackorders": scenario.rules.unmet_orders == "backorder",
            "AllowPartialFillOrders": scenario.rules.partial,
            "Notes": node.name or None,
        }


def _groups(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Roles and layers of the nodes."""
    for node in scenario.nodes:
        for group in (f"role {node.role}", *([f"layer {node.layer}"] if node.layer is not None else [])):
            yield {
                "GroupName": group,
                "GroupType": "Facilities",
                "MemberName": node.id,
                "Status": schema.INCLUDE,
            }


_CARRIED: Final[Mapping[str, frozenset[str]]] = {
    "nodes": frozenset(
        columns(
            "id name role layer region latitude longitude product initial_stock target_stock capacity holding_cost "
            "shelf_life disposal_cost emissions demand order production"
        )
    ),
    "stocks": frozenset(
        columns(
            "node product initial_stock target_stock capacity holding_cost shelf_life disposal_cost emissions demand "
            "order production"
        )
    ),
    "arcs": frozenset(
        columns("buyer supplier product mode price other_cost lead_time max_lead_time cap preference share emissions")
    ),
    "products": frozenset(["id", "name"]),
    "recipes": frozenset(columns("node id inputs outputs byproducts capacity cost emissions")),
}
"""Keys of the parts of a list that the tables take; every other key that a part states is counted as left out."""
_TAKEN: Final = frozenset(
    columns(
        "version name title distances description data units run rules risk series switches variant variants tables"
    )
)
_CARRIED_ORDER: Final = frozenset(
    columns("policy mean sd minimum order_multiple order_up_to reorder_point order_quantity every first")
)


def _count_rest(scenario: Scenario, ledger: Ledger) -> None:
    """Count what the scenario states beside what the tables take."""
    for key, value in stated(scenario).items():
        if key in _CARRIED:
            _count_keys(getattr(scenario, key), key, ledger)
        elif key not in _TAKEN:
            ledger.leave_out(key, "Anura has no table for them", len(value) if isinstance(value, list) else 1)
    ledger.leave_out("second sources (option: true)", "they are no part of the network", len(scenario.options))


def _count_keys(parts: Sequence[BaseModel], name: str, ledger: Ledger) -> None:
    for part in parts:
        for key, value in stated(part).items():
            if key not in _CARRIED[name]:
                ledger.leave_out(f"{name}: {key}", "Anura has no column for it")
            if key == "order" and part.order.policy in POLICIES:  # type: ignore[attr-defined]
                for extra in sorted(set(value) - _CARRIED_ORDER):
                    ledger.leave_out(f"orders: {extra}", "Anura has no column for it")
