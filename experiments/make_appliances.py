"""Makes the workbook of scenarios/appliances: ``python -m experiments.make_appliances [FOLDER]``.

A company's own workbook, as people who plan keep one: 3 plants, 5 depots, 20 shops, 6 appliances, 10 suppliers of
components, two modes on some lanes, a port and a railway that lanes share, 24 months of sales, prices in two
currencies. The company and all its numbers are invented; places are those of real cities. Shops in the north-west have
one depot alone. The same call gives the same cells; a test compares them with the committed workbook.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "appliances"
BOOK = "appliances.xlsx"
SEED = 7
Row = list[Any]

PLANTS: list[Row] = [  # name, country, latitude, longitude, units a month
    ["Brno Works", "CZ", 49.195, 16.607, 3300],
    ["Poznań Plant", "PL", 52.406, 16.925, 2900],
    ["Torino Works", "IT", 45.070, 7.687, 2900],
]
DEPOTS: list[Row] = [
    ["Duisburg Hub", "DE", 51.434, 6.762, None],
    ["Lyon Saint-Priest", "FR", 45.700, 4.950, None],
    ["Verona Interporto", "IT", 45.410, 10.950, None],
    ["Wien Inzersdorf", "AT", 48.140, 16.350, None],
    ["Łódź Hub", "PL", 51.760, 19.460, None],
]
SHOPS: list[Row] = [  # name, country, latitude, longitude, size, depots: the first is the nearer one
    ["Berlin Mitte", "DE", 52.520, 13.405, 1.9, ["Duisburg Hub"]],
    ["Hamburg Altona", "DE", 53.550, 9.935, 1.5, ["Duisburg Hub"]],
    ["Köln Ehrenfeld", "DE", 50.950, 6.920, 1.4, ["Duisburg Hub"]],
    ["Frankfurt Höchst", "DE", 50.100, 8.550, 1.2, ["Duisburg Hub"]],
    ["Amsterdam Noord", "NL", 52.400, 4.920, 1.3, ["Duisburg Hub"]],
    ["Bruxelles Midi", "BE", 50.836, 4.336, 1.1, ["Duisburg Hub"]],
    ["Paris Bercy", "FR", 48.840, 2.380, 2.0, ["Duisburg Hub"]],
    ["København Vest", "DK", 55.670, 12.500, 0.8, ["Duisburg Hub"]],
    ["Lyon Part-Dieu", "FR", 45.760, 4.860, 0.7, ["Lyon Saint-Priest", "Verona Interporto"]],
    ["Marseille Prado", "FR", 43.270, 5.390, 0.8, ["Lyon Saint-Priest", "Verona Interporto"]],
    ["Barcelona Sants", "ES", 41.380, 2.140, 0.9, ["Lyon Saint-Priest", "Verona Interporto"]],
    ["Madrid Chamartín", "ES", 40.470, -3.680, 0.9, ["Lyon Saint-Priest", "Verona Interporto"]],
    ["Milano Lambrate", "IT", 45.485, 9.245, 1.0, ["Verona Interporto", "Wien Inzersdorf"]],
    ["Roma Tiburtina", "IT", 41.910, 12.530, 0.9, ["Verona Interporto", "Wien Inzersdorf"]],
    ["Zürich Oerlikon", "CH", 47.410, 8.545, 0.6, ["Verona Interporto", "Wien Inzersdorf"]],
    ["München Ost", "DE", 48.127, 11.605, 0.9, ["Verona Interporto", "Wien Inzersdorf"]],
    ["Wien Mitte", "AT", 48.206, 16.385, 0.8, ["Wien Inzersdorf", "Łódź Hub"]],
    ["Budapest Kelenföld", "HU", 47.464, 19.020, 0.7, ["Wien Inzersdorf", "Łódź Hub"]],
    ["Praha Smíchov", "CZ", 50.070, 14.400, 0.6, ["Łódź Hub", "Wien Inzersdorf"]],
    ["Warszawa Wola", "PL", 52.235, 20.960, 0.9, ["Łódź Hub", "Wien Inzersdorf"]],
]
PRODUCTS: list[Row] = [  # SKU, name, retail price, cost, storage a month, made at, units a month, month of the peak
    ["WM-7", "Washing machine 7 kg", 549, 310, 3.6, "Brno Works", 62, None],
    ["TD-8", "Tumble dryer 8 kg", 629, 365, 3.6, "Brno Works", 38, 0],
    ["FR-300", "Fridge 300 l", 599, 345, 4.8, "Poznań Plant", 55, 6],
    ["FZ-200", "Freezer 200 l", 479, 280, 4.2, "Poznań Plant", 30, 6],
    ["OV-60", "Built-in oven 60 cm", 449, 255, 2.4, "Torino Works", 44, 11],
    ["DW-45", "Dishwasher 45 cm", 519, 298, 2.7, "Torino Works", 41, None],
]
COMPONENTS: dict[str, dict[str, int]] = {
    "WM-7": {"ST-01": 2, "MO-30": 1, "CB-11": 1, "PU-09": 1, "DG-05": 1},
    "TD-8": {"ST-01": 2, "MO-30": 1, "CB-11": 1, "HE-02": 1, "DG-05": 1},
    "FR-300": {"ST-01": 3, "CP-20": 1, "CB-11": 1, "IN-07": 4},
    "FZ-200": {"ST-01": 3, "CP-20": 1, "CB-11": 1, "IN-07": 5},
    "OV-60": {"ST-01": 2, "HE-02": 2, "CB-11": 1, "DG-05": 2},
    "DW-45": {"ST-01": 2, "PU-09": 1, "HE-02": 1, "CB-11": 1},
}
SUPPLIERS: list[Row] = [  # name, component, price, currency, country, latitude, longitude, plants, modes
    ["Stahl Linz", "ST-01", 18.0, "EUR", "AT", 48.306, 14.286, "BPT", ["road"]],
    ["Huta Katowice", "ST-01", 18.6, "EUR", "PL", 50.264, 19.023, "BP", ["rail"]],
    ["İzmir Kompresör", "CP-20", 41.0, "USD", "TR", 38.420, 27.140, "P", ["sea", "air"]],
    ["Istanbul Motor", "MO-30", 36.5, "USD", "TR", 41.010, 28.980, "B", ["sea", "air"]],
    ["Eindhoven Controls", "CB-11", 24.0, "EUR", "NL", 51.440, 5.480, "BPT", ["road"]],
    ["Dublin Electronics", "CB-11", 27.5, "USD", "IE", 53.350, -6.260, "BPT", ["air"]],
    ["Glas Teplice", "DG-05", 12.5, "EUR", "CZ", 50.640, 13.820, "BT", ["road"]],
    ["Brescia Elementi", "HE-02", 9.8, "EUR", "IT", 45.540, 10.220, "BT", ["road"]],
    ["Porto Bombas", "PU-09", 14.2, "EUR", "PT", 41.150, -8.610, "BT", ["road"]],
    ["Izolacja Łódź", "IN-07", 7.4, "EUR", "PL", 51.770, 19.450, "P", ["road"]],
]
OF_MODE = {"road": (650.0, 0.010, 1), "rail": (500.0, 0.006, 2), "sea": (260.0, 0.002, 6), "air": (3000.0, 0.045, 1)}
"""Kilometres a day, EUR per unit and kilometre, days of handling."""
PORT, RAILWAY = "Port of Koper", "Gotthard line"
YEARS = (2024, 2025)
SITES = {row[0] for row in (*PLANTS, *DEPOTS, *SHOPS)}
_EARTH_KM = 6371.0
_LIGHT = 0.15
"""Freight of a component, by that of an appliance."""


def sheets() -> dict[str, list[Row]]:
    """Rows of all sheets, the headings first, without titles and totals."""
    plants = [[name, "Plant", *rest] for name, *rest in PLANTS]
    depots = [[name, "Depot", *rest] for name, *rest in DEPOTS]
    shops = [[name, "Shop", country, lat, lon, None] for name, country, lat, lon, *_ in SHOPS]
    sold = ["Store", "SKU", *(datetime(year, month, 1) for year in YEARS for month in range(1, 13))]
    return {
        "Sites": [
            ["Site name", "Type", "Country", "Latitude", "Longitude", "Capacity (units/month)"],
            *plants, *depots, *shops,
        ],
        "Suppliers": [
            ["Supplier", "Component", "Unit price", "Currency", "Country", "Latitude", "Longitude"],
            *(row[:7] for row in SUPPLIERS),
        ],
        "SKUs": [
            ["SKU", "Description", "Retail price (EUR)", "Standard cost (EUR)", "Storage (EUR/unit/month)", "Made at"],
            *(row[:6] for row in PRODUCTS),
        ],
        "BOM": [
            ["Product", "Component", "Quantity"],
            *([sku, part, amount] for sku, parts in COMPONENTS.items() for part, amount in parts.items()),
        ],
        "Lanes": [
            ["From", "To", "Mode", "Via", "Min lead time (days)", "Usual lead time (days)", "Max lead time (days)",
             "Freight (EUR/unit)"],
            *_lanes(),
        ],
        "Shared capacities": [["Corridor", "Capacity (units/month)"], [PORT, 6000], [RAILWAY, 1500]],
        "Demand history": [sold, *_history()],
        "Inventory": [["Site", "Material", "On hand", "Order-up-to level"], *_component_stocks()],
        "Rates": [["Currency", "Rate (EUR)"], ["EUR", 1], ["USD", 0.92]],
    }  # fmt: skip


def _lanes() -> list[Row]:
    """From suppliers to plants, from plants to depots, from depots to shops."""
    place = {name: (lat, lon) for name, _, lat, lon, *_ in (*PLANTS, *DEPOTS, *SHOPS)}
    place |= {row[0]: (row[5], row[6]) for row in SUPPLIERS}
    found: list[Row] = []
    for supplier, *_, plants, modes in SUPPLIERS:
        for plant in (name for name, *_ in PLANTS if name[0] in plants):
            found += [_lane(supplier, plant, mode, PORT if mode == "sea" else None, place) for mode in modes]
    for plant, *_ in PLANTS:
        for depot, *_ in DEPOTS:
            found.append(_lane(plant, depot, "road", None, place))
            if (plant, depot) == ("Torino Works", "Duisburg Hub"):
                found.append(_lane(plant, depot, "rail", RAILWAY, place))
    return found + [_lane(depot, shop, "road", None, place) for shop, *_, depots in SHOPS for depot in depots]


def _lane(origin: str, target: str, mode: str, via: str | None, place: dict[str, tuple[float, float]]) -> Row:
    """A lane with lead times and freight by its great-circle distance, roads and rails a quarter longer."""
    (lat, lon), (to_lat, to_lon) = (np.radians(place[name]) for name in (origin, target))
    angle = np.sin(lat) * np.sin(to_lat) + np.cos(lat) * np.cos(to_lat) * np.cos(to_lon - lon)
    distance = _EARTH_KM * float(np.arccos(min(1.0, angle))) * (1.25 if mode in ("road", "rail") else 1.0)
    speed, cost, handling = OF_MODE[mode]
    usual = max(1, round(handling + distance / speed))
    low, high = max(1, round(0.7 * usual)), usual + max(1, round(0.6 * usual))
    weight = 1.0 if origin in SITES else _LIGHT
    return [origin, target, mode, via, low, usual, high, round(weight * (0.3 * handling + cost * distance), 2)]


def _history() -> list[Row]:
    """Sales by shop and SKU: size of the shop, growth of 0.4 % a month, a season with one peak, negative binomial."""
    random = np.random.default_rng(SEED)
    month = np.arange(12 * len(YEARS))
    rows: list[Row] = []
    for shop, *_, size, _ in SHOPS:
        for sku, *_, usual, peak in PRODUCTS:
            season = 1.0 if peak is None else 1.0 + 0.25 * np.cos(2.0 * np.pi * (month - peak) / 12.0)
            mean = size * usual * season * 1.004**month
            sold = random.negative_binomial(40, 40.0 / (40.0 + mean))
            rows.append([shop, sku, *sold.tolist()])
    return rows


def _component_stocks() -> list[Row]:
    """What plants keep of components: six weeks of their use, in full hundreds."""
    sold = {sku: 0 for sku, *_ in PRODUCTS}
    for _, sku, *months in _history():
        sold[sku] += sum(months)
    use: dict[tuple[str, str], float] = {}
    for sku, *_, plant, _, _ in PRODUCTS:
        for part, amount in COMPONENTS[sku].items():
            use[plant, part] = use.get((plant, part), 0.0) + amount * sold[sku] / (12 * len(YEARS))
    return [
        [plant, part, level, level] for (plant, part), units in use.items() for level in [100 * round(0.014 * units)]
    ]


def workbook() -> Workbook:
    """The workbook, with what people put around their tables."""
    book = Workbook()
    notes = book.worksheets[0]
    notes.title = "Read me"
    for line in (
        "Nordlicht Hausgeräte GmbH: supply chain master data",
        "Synthetic: the company and every number in this workbook are invented. Cities and their places are real.",
        "Demand history: units sold, by month. Lead times in days. Questions: supply planning.",
    ):
        notes.append([line])
    for name, rows in sheets().items():
        _fill(book.create_sheet(name), name, rows)
    return book


def _fill(sheet: Worksheet, name: str, rows: list[Row]) -> None:
    """A title, an empty row, the table, and a row of totals below what can be added up."""
    sheet.append([f"Nordlicht Hausgeräte GmbH: {name.lower() if name[1:].islower() else name}"])
    sheet.append([])
    for row in rows:
        sheet.append(row)
    if name == "Demand history":
        sheet.append(["Total", None, *(sum(column) for column in zip(*(row[2:] for row in rows[1:]), strict=True))])
        for cell in sheet[3][2:]:
            cell.number_format = "mmm yy"
    for cell in (*sheet[1], *sheet[3]):
        cell.font = Font(bold=True)
    for column in "AB":
        sheet.column_dimensions[column].width = 24


def main() -> None:
    """Write it."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    workbook().save(folder / BOOK)
    print(folder / BOOK)


if __name__ == "__main__":
    main()
