"""Draws the histories of the guide: weekly demand of five shops, and lead times of three suppliers.

python -m experiments.fitting.history
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
from scipy import special

HERE = Path(__file__).resolve().parent
WEEKS, ORDERS, SEED = 156, 90, 2026


def shops() -> list[list[object]]:
    """Rows of series.csv: mall and corner move together, the beach has a season, the workshop sells now and then."""
    rng = np.random.default_rng(SEED)
    common = rng.normal(size=WEEKS)
    mall, corner = (0.8 * common + 0.6 * rng.normal(size=WEEKS) for _ in range(2))
    season = 1.0 + 0.5 * np.sin(2.0 * np.pi * (np.arange(WEEKS) - 13) / 52)
    columns = (
        np.maximum(200.0 + 50.0 * mall, 0.0).round(1),
        (special.gammaincinv(4.0, special.ndtr(corner)) * 10.0).round(1),
        rng.poisson(6.0, WEEKS),
        (season * rng.gamma(9.0, 60.0 / 9.0, WEEKS)).round(1),
        np.where(rng.random(WEEKS) < 0.2, rng.gamma(6.0, 5.0, WEEKS), 0.0).round(1),
    )
    start = datetime.date(2023, 1, 2)
    dates = [(start + datetime.timedelta(weeks=week)).isoformat() for week in range(WEEKS)]
    rows = zip(dates, *(column.tolist() for column in columns), strict=True)
    return [["date", "mall", "corner", "kiosk", "beach", "workshop"], *map(list, rows)]


def lead_times() -> list[list[object]]:
    """Rows of lead_times.csv, in days."""
    rng = np.random.default_rng(SEED + 1)
    columns = (rng.lognormal(3.4, 0.25, ORDERS), rng.gamma(9.0, 1.0, ORDERS), rng.normal(4.0, 0.8, ORDERS))
    rows = zip(*(column.round(1).tolist() for column in columns), strict=True)
    return [["by sea", "by rail", "by road"], *map(list, rows)]


def main() -> None:
    """Write both tables."""
    for path, rows in ((HERE / "shops" / "series.csv", shops()), (HERE / "lead_times.csv", lead_times())):
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
