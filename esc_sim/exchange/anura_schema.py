"""Tables and columns of Anura that are written, with the values that some of them must have.

Source: schema of the package ol-anura 2.8.21 (Anura 2.8); the tests hold these names against it.
"""

from __future__ import annotations

from typing import Final

INCLUDE: Final = "Include"
EXCLUDE: Final = "Exclude"
HORIZON: Final = "Model Horizon"
"""The period that is the whole run."""
BY_PREFERENCE: Final = "By Preference"
BY_RATIO: Final = "By Ratio (Auto Scale)"
TO_OPTIMIZE: Final = "To Optimize"
S_S, R_Q, T_S, NOTHING = "(s,S)", "(R,Q)", "(T,S)", "Do Nothing"
BY_DEMAND, BY_SCHEDULE = "Make By Demand", "Make By Schedule"
END_PRODUCT, BYPRODUCT, COMPONENT = "End Product", "Byproduct", "Component"
MINE: Final = "esc_sim"
"""The technology whose run options are ours."""


def columns(names: str) -> tuple[str, ...]:
    """Names of columns, given in one text."""
    return tuple(names.split())


_POLICY = "ProductName SourceName OptimizationPolicy OptimizationPolicyValue SimulationPolicy SimulationPolicyValue"
_ORDERS = "Status Quantity StartDate TimeBetweenOrders TimeBetweenOrdersUOM"
_PLACE = "Region Country Latitude Longitude"

TABLES: Final[dict[str, tuple[str, ...]]] = {
    name: columns(listed)
    for name, listed in {
        "ModelInfo": "ModelName ModelDescription DataModel DataModelVersion",
        "ModelSettings": "ModelStartDate ModelEndDate WarmupEndDate PrimaryQuantityUOM PrimaryTimeUOM "
        "InventoryCarryingCostPercentage",
        "ModelRunOptions": "Option Status Value Technology Description",
        "UnitsOfMeasure": "UnitOfMeasureName Type Symbol Ratio",
        "Periods": "PeriodName StartDate",
        "Products": "ProductName Status DisposalCost Notes",
        "Facilities": f"FacilityName Status FacilityStatus InitialState {_PLACE} ThroughputCapacity "
        "ThroughputCapacityPeriod ThroughputCapacityPeriodUOM AllowBackorders AllowPartialFillOrders Notes",
        "Customers": f"CustomerName Status {_PLACE} AllowBackorders AllowPartialFillOrders",
        "Groups": "GroupName GroupType MemberName Status",
        "InventoryPolicies": "FacilityName ProductName SimulationPolicy SimulationPolicyValue1 SimulationPolicyValue2 "
        "StockingSite Status ReviewPeriodFirstTime ReviewPeriod ReviewPeriodUOM UnitValue CarryingCostPercentage "
        "InitialInventory MaxDwellTime MaxDwellTimeUOM SurplusLevel",
        "ReplenishmentPolicies": f"FacilityName {_POLICY} Status UnitCost MinimumOrderQuantity LotSize",
        "CustomerFulfillmentPolicies": f"CustomerName {_POLICY} Status UnitCost",
        "TransportationModes": "ModeName BehaviorRule Status",
        "TransportationPolicies": "OriginName DestinationName ProductName ModeName OptimizationPolicy "
        "OptimizationPolicyValue SimulationPolicy SimulationPolicyValue Status UnitCost LaneCapacity "
        "LaneCapacityPeriod LaneCapacityPeriodUOM LaneModeCapacity LaneModeCapacityPeriod LaneModeCapacityPeriodUOM "
        "MaximumServiceTime MaximumServiceTimeUOM TransportTime TransportTimeUOM CO2EmissionRate LeadTime LeadTimeUOM",
        "BillsOfMaterials": "BOMName ProductName ProductType Quantity Status",
        "ProductionPolicies": "FacilityName ProductName Status SimulationPolicy UnitCost ProductionRate RateTimeUOM "
        "BOMName CO2EmissionRate",
        "ProductionOrderProfiles": f"OrderID FacilityName ProductName {_ORDERS}",
        "ReplenishmentOrderProfiles": f"OrderID FacilityName ProductName {_ORDERS}",
        "CustomerDemand": "CustomerName ProductName PeriodName Quantity Status DemandStatus UnitPrice PenaltyCost",
        "CustomerOrderProfiles": f"OrderID CustomerName ProductName {_ORDERS}",
    }.items()
}

VERSION: Final = "2.8"
