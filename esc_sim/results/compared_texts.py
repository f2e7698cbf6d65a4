"""The summary of a comparison as texts: what `compare` prints, and what its report shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from esc_sim.measures.registry import KEY_FIGURES
from esc_sim.written import format_interval

if TYPE_CHECKING:
    import pandas as pd

_MOST_SHORT: Final = 5


def comparison_texts(summary: Mapping[str, Any]) -> pd.DataFrame:
    """Key figures of the first variant, and differences of the others, as texts.

    Args:
        summary: content of summary.json.
    """
    import pandas as pd

    first, rows = summary["first"], []
    others = [name for name in summary["variants"] if name != first]
    for name, kpi in summary["kpis"].items():
        found = kpi["variants"]
        if says_nothing(kpi):
            continue
        unit = str(found[first]["value"]["unit"])
        cells = [format_interval(found[first]["value"])]
        cells += [format_interval(found[other]["difference"], sign=True) for other in others]
        before = "  " if name in KEY_FIGURES and KEY_FIGURES[name].is_part else ""
        rows.append([f"{before}{kpi['label']}", *cells, "" if unit == "share" else unit])
    return pd.DataFrame(rows, columns=["key figure", first, *(f"{name}, difference" for name in others), "unit"])


def says_nothing(kpi: Mapping[str, Any]) -> bool:
    """Whether a key figure of a summary is 0, or has no value, in every variant."""
    return not any(one["value"]["mean"] for one in kpi["variants"].values())


def late_texts(summary: Mapping[str, Any]) -> pd.DataFrame | None:
    """Demand that is late or lost, customers whose changes most first; None where all is served on time.

    Args:
        summary: content of summary.json.
    """
    import pandas as pd

    worst, first = summary.get("demand", [])[:_MOST_SHORT], summary["first"]
    if not worst:
        return None
    others = [name for name in summary["variants"] if name != first]
    several = len({entry["product"] for entry in worst}) > 1
    rows = []
    for entry in worst:
        found = entry["variants"]
        cells = [format_interval(found.get(first, {}).get("value"))]
        cells += [format_interval(found.get(name, {}).get("difference"), sign=True) for name in others]
        rows.append([f"{entry['node']}, {entry['product']}" if several else entry["node"], *cells])
    return pd.DataFrame(rows, columns=["customer", first, *(f"{name}, difference" for name in others)])


def late_title(summary: Mapping[str, Any]) -> str:
    """Title of :func:`late_texts`: which customers stand there, and how many there are."""
    shown, customers = min(len(summary.get("demand", [])), _MOST_SHORT), summary.get("customers", 0)
    title = f"Late or lost demand by customer, {summary['units']['goods']}"
    return (
        f"{title}: the {shown} of {customers:,} where it changes most, for better or worse"
        if customers > shown
        else title
    )
