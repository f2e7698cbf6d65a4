"""The tables of a run as pandas frames with named indices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from esc_sim.measures.registry import KEY_FIGURES
from esc_sim.results.products import BALANCE_COLUMNS
from esc_sim.results.run import UNDISRUPTED
from esc_sim.results.table import terms_in

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PERIODS: Final = ("run", "replication", "period")
NODES: Final = ("run", "period", "node", "product")
ARCS: Final = ("run", "buyer", "supplier", "product")
_STATISTICS: Final = ("mean", "ci_low", "ci_high")


def frame_of(tables: Iterable[pa.Table], index: Sequence[str]) -> pd.DataFrame:
    """Tables one below the other as a frame.

    Args:
        tables: pieces of a table, as they are written.
        index: columns that become the index.
    """
    import pyarrow as pa

    whole = pa.concat_tables([piece.unify_dictionaries() for piece in tables])
    plain = [field.name for field in whole.schema if pa.types.is_dictionary(field.type)]
    for name in plain:
        whole = whole.set_column(whole.schema.get_field_index(name), name, whole[name].cast(pa.string()))
    return whole.to_pandas().set_index(list(index))


def kpi_frame(summary: dict[str, Any], label: str) -> pd.DataFrame:
    """Key figures: index ``kpi``; label, unit, mean, ci_low, ci_high, n, and those of the twin and the difference.

    Args:
        summary: content of summary.json.
        label: name of the run as configured.
    """
    import pandas as pd

    kpis, terms = summary["kpis"], terms_in(summary)
    own = summary.get("measures", {})
    parts = {"": label} | {f"{what}_": run for what, run in (("twin", UNDISRUPTED), ("difference", "difference"))
                           if run in kpis and run != label}  # fmt: skip
    rows = []
    for name, entry in kpis[label].items():
        words = KEY_FIGURES[name].words(terms) if name in KEY_FIGURES else own.get(name, {}).get("label", name)
        row: dict[str, Any] = {"kpi": name, "label": words, "unit": entry["unit"]}
        for before, run in parts.items():
            found = kpis[run].get(name, {})
            row |= {f"{before}{part}": _number(found.get(part)) for part in _STATISTICS}
        rows.append(row | {"n": entry["n"]})
    frame = pd.DataFrame(rows).set_index("kpi")
    others = [f"{before}{part}" for before in parts if before for part in _STATISTICS]
    return frame[["label", "unit", *_STATISTICS, "n", *others]]


def product_frame(summary: Mapping[str, Any]) -> pd.DataFrame:
    """The balance of every product: index ``product``, columns BALANCE_COLUMNS."""
    import pandas as pd

    frame = pd.DataFrame.from_dict(summary.get("products", {}), orient="index", columns=list(BALANCE_COLUMNS))
    return frame.astype(float).rename_axis("product")


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
