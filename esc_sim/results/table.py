"""The table of key figures that a run prints: normal against disrupted, with confidence intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esc_sim.counted import counted
from esc_sim.measures import recovery, tiers
from esc_sim.measures.measure import ByReplication, Declaration
from esc_sim.measures.registry import KEY_FIGURES, MEASURES
from esc_sim.measures.service import CUSTOMER_DEMAND
from esc_sim.measures.terms import Terms
from esc_sim.results.circular import circular_line, circular_table
from esc_sim.results.customer_demand import entry_of
from esc_sim.results.knowledge import knowledge_line
from esc_sim.results.links import links_line
from esc_sim.results.losses import losses_line
from esc_sim.results.observed import in_words
from esc_sim.results.printing import data_line, print_tables
from esc_sim.results.promise import promise_title
from esc_sim.results.rolling import rolling_lines
from esc_sim.results.run import DISRUPTED, UNDISRUPTED
from esc_sim.results.service import SERVICE_MEASURES
from esc_sim.written import NONE, format_interval, number, percent, promised_and_simulated

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

OPTIONAL: Final = frozenset(name for name, measure in KEY_FIGURES.items() if measure.if_any)
"""Key figures that are left out where they are 0 throughout."""
_MOST_ORIGINS = 6
_MOST_CUSTOMERS: Final = 10
_MOST_SHORT: Final = 5
_DUST: Final = 1e-6
"""Share of the largest number of a kind of states below which what one has at the end is rounding."""
_IF_ANY: Final = ("served_late", "lost", "still_waiting")
_COMPARED: Final = ("late_or_lost", "fill_rate")
"""What of a customer's demand is set against the undisrupted twin."""


def risk_labels(risk: dict[str, Any]) -> dict[str, str]:
    """Names of the risk figures, with their level, for tables and figures."""
    terms = Terms(level=risk["level"], pooling=risk["pooling"], budget=risk["budget"])
    return {name: m.words(terms) for name, m in MEASURES.items() if not isinstance(m, ByReplication)}


def terms_in(summary: dict[str, Any]) -> Terms:
    """What a summary's words and units are filled with."""
    units, risk = summary["units"], summary["risk"]
    return Terms(units["money"], units["goods"], units["period"], risk["level"], risk["pooling"], risk["budget"])


def kpi_table(summary: dict[str, Any]) -> Table:
    """Key figures of a run as a rich table: one row each, columns normal, disrupted, difference, unit."""
    from rich import box
    from rich.table import Table

    kpis = summary["kpis"]
    shown = [run for run in (UNDISRUPTED, DISRUPTED, "difference") if run in kpis]
    table = Table(title=_title(summary), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    for run in shown:
        table.add_column({UNDISRUPTED: "normal", DISRUPTED: "disrupted"}.get(run, run), justify="right", no_wrap=True)
    table.add_column("unit")
    terms, is_mean = terms_in(summary), True
    for name, measure in MEASURES.items():
        entries = [kpis[run].get(name) for run in shown]
        present = [entry for entry in entries if entry and entry["mean"] is not None]
        if not present or (name in OPTIONAL and not any(entry["mean"] for entry in present)):
            continue
        if is_mean and not isinstance(measure, ByReplication):
            table.add_section()
            is_mean = False
        unit = "" if present[0]["unit"] == "share" else present[0]["unit"]
        cells = [format_interval(e, sign=run == "difference") for run, e in zip(shown, entries, strict=True)]
        table.add_row(measure.row(terms), *cells, unit)
    for name, own in summary.get("measures", {}).items():
        entries = [kpis[run].get(name) for run in shown]
        unit = next((entry["unit"] for entry in entries if entry and entry["unit"] != "share"), "")
        cells = [format_interval(e, sign=run == "difference") for run, e in zip(shown, entries, strict=True)]
        table.add_row(own["label"], *cells, unit)
    return table


def kpi_texts(summary: dict[str, Any]) -> pd.DataFrame:
    """:func:`kpi_table` as a frame of texts."""
    import pandas as pd

    table = kpi_table(summary)
    headers = ["key figure", *(str(column.header) for column in table.columns[1:])]
    return pd.DataFrame({name: list(map(str, c.cells)) for name, c in zip(headers, table.columns, strict=True)})


def resilience_table(summary: dict[str, Any]) -> Table | None:
    """Resilience of every measure against the undisrupted twin, or None when there is no twin."""
    from rich import box
    from rich.table import Table

    if "resilience" not in summary:
        return None
    block = summary["resilience"]
    terms = terms_in(summary)
    title = f"Resilience against the undisrupted twin (recovered: {100 * block['threshold']:g} % and more)"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("performance of")
    for figure in recovery.MEASURES:
        label = figure.words(terms).lower()
        table.add_column(label if figure.is_share else f"{label} [{figure.unit_words(terms)}]", justify="right")
    for measure, entries in block["measures"].items():
        table.add_row(measure, *(format_interval(entries[figure.name]) for figure in recovery.MEASURES))
    return table


def promise_table(summary: dict[str, Any]) -> Table | None:
    """What the plan promised beside what the simulation gave, or None where no plan promises anything."""
    from rich import box
    from rich.table import Table

    if "promises" not in summary:
        return None
    table = Table(
        title=promise_title(summary["promises"]), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    table.add_column("")
    table.add_column("promised", justify="right", no_wrap=True)
    table.add_column("simulated", justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("unit")
    for entry in summary["promises"].values():
        unit = "" if entry["unit"] == "share" else entry["unit"]
        table.add_row(entry["label"], *promised_and_simulated(entry), entry.get("verdict") or "", unit)
    notes = dict.fromkeys(line for entry in summary["promises"].values() for line in entry.get("note", "").split("\n"))
    table.caption = "\n".join(note for note in notes if note) or None
    table.caption_justify = "left"
    return table


def states_table(summary: dict[str, Any]) -> Table | None:
    """What features show of themselves: mean over periods and value at the end; None where there is nothing.

    What is zero throughout has no rows: such kinds stand in the title, such parts of other kinds in one row.
    """
    from rich import box
    from rich.table import Table

    if "states" not in summary:
        return None
    title = "States of parts of the network: mean over periods, and at the end"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("mean", justify="right", no_wrap=True)
    table.add_column("at the end", justify="right", no_wrap=True)
    table.add_column("unit")
    kinds: dict[str, list[dict[str, Any]]] = {}
    for entry in summary["states"]:
        kinds.setdefault(entry["kind"], []).append(entry)
    for kind, entries in kinds.items():
        shown = [entry for entry in entries if not _all_zero(entry)]
        if shown:
            table.add_row(kind, "", "", "")
        least = _DUST * max(abs(entry[part] or 0.0) for entry in entries for part in ("mean", "end"))
        for entry in shown:
            end = NONE if entry["end"] is None else number(entry["end"] if abs(entry["end"]) > least else 0.0)
            table.add_row(f"  {in_words(entry['entity'])}", format_interval(entry), end, entry["unit"])
        if shown and len(shown) < len(entries):
            table.add_row(f"  the other {len(entries) - len(shown)}", "0", "0", entries[0]["unit"])
    zero = [kind for kind, entries in kinds.items() if all(map(_all_zero, entries))]
    if zero:
        table.title = f"{title}; zero throughout: {', '.join(zero)}"
    return table


def _all_zero(entry: dict[str, Any]) -> bool:
    """Whether a state is zero throughout, as far as mean, interval and end tell."""
    return not any(entry.get(part) for part in ("mean", "ci_low", "ci_high", "end"))


def tier_table(summary: dict[str, Any]) -> Table | None:
    """Service and order variance tier by tier, from the customer up; None where a run kept no tally."""
    from rich import box
    from rich.table import Table

    found = summary.get("tiers")
    if not found:
        return None
    terms, shown = terms_in(summary), [measure for measure in tiers.MEASURES if measure.in_table]
    table = Table(title="Tier by tier (disrupted)", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    if UNDISRUPTED in summary["kpis"] and DISRUPTED not in summary["kpis"]:
        table.title = "Tier by tier"
    table.add_column("")
    for measure in shown:
        table.add_column(_heading(measure, terms), justify="right", no_wrap=True)
    for tier, entries in found.items():
        cells = [entries[measure.name] | {"unit": measure.unit if measure.is_share else ""} for measure in shown]
        table.add_row(summary.get("tier_labels", {}).get(tier, tier), *map(format_interval, cells))
    return table


def service_tables(summary: dict[str, Any]) -> list[Table]:
    """Service by customer, the worst first and no more than ten, and by product, where there are several of them."""
    found = []
    for kind, entries in summary.get("service", {}).items():
        asked = [entry for entry in entries if entry["fill_rate"]["mean"] is not None]
        asked.sort(key=lambda entry: entry["fill_rate"]["mean"])
        shown = asked[:_MOST_CUSTOMERS]
        if len(asked) > 1:
            worst = f", the {len(shown)} of {len(asked)} with the lowest fill rates" if len(asked) > len(shown) else ""
            found.append(_service_table(f"Service by {kind.removesuffix('s')}{worst}", shown, summary))
    return found


def demand_table(summary: dict[str, Any]) -> Table | None:
    """What customers got late or not at all, those who miss most units; None where all were served on time."""
    from rich import box
    from rich.table import Table

    block = summary.get("demand")
    if not block or not block["worst"]:
        return None
    rows, terms = block["worst"][:_MOST_SHORT], terms_in(summary)
    worst = f", the {len(rows)} of {block['customers']:,} with most of it" if block["customers"] > len(rows) else ""
    title = f"Lost and late demand by customer over {counted(block['periods'], terms.period)}, {terms.goods}{worst}"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    shown = [m for m in CUSTOMER_DEMAND if m.name not in _IF_ANY or any(row[m.name] for row in rows)]
    compared = [m for m in shown if m.name in _COMPARED and f"{m.name}_difference" in rows[0]]
    for heading in (
        *(m.words(terms).lower() for m in shown),
        *(f"{m.words(terms).lower()}, {what}" for m in compared for what in ("normal", "difference")),
    ):
        table.add_column(heading, justify="right")
    for row in rows:
        cells = [format_interval(entry_of(row, m.name, m.unit)) for m in shown]
        cells += [
            format_interval(entry_of(row, f"{m.name}_{what}", m.unit), sign=what == "difference")
            for m in compared
            for what in ("twin", "difference")
        ]
        table.add_row(f"{row['node']}, {row['product']}" if "products" in summary else row["node"], *cells)
    return table


def on_time_line(summary: dict[str, Any]) -> str:
    """That no demand was late or lost, where there is no table of it; empty where there is, or nobody asks."""
    block = summary.get("demand")
    if not block or block["worst"] or not block["customers"]:
        return ""
    return "No demand was late or lost: all customers were served on time."


def _service_table(title: str, entries: list[dict[str, Any]], summary: dict[str, Any]) -> Table:
    from rich import box
    from rich.table import Table

    several = len({entry["product"] for entry in entries}) > 1
    terms = terms_in(summary)
    measures = [
        m for m in SERVICE_MEASURES
        if m.name in entries[0] and (not m.if_any or any(entry[m.name]["mean"] for entry in entries))
    ]  # fmt: skip
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("")
    for measure in measures:
        table.add_column(_heading(measure, terms), justify="right")
    for entry in entries:
        name = [entry[part] for part in ("node", "product") if part in entry and (part == "node" or several)]
        table.add_row(", ".join(name), *(format_interval(entry[measure.name]) for measure in measures))
    return table


def _heading(measure: Declaration, terms: Terms) -> str:
    """Words and unit of a measure above a column."""
    label, unit = measure.words(terms).lower(), measure.unit_words(terms)
    return label if measure.is_share or not unit else f"{label}, {unit}"


def origins_line(summary: dict[str, Any]) -> str:
    """Where what was sold to final customers came from, in a line; empty where lots were not followed."""
    entries = summary.get("lots", {}).get("final_sales", [])
    if not entries:
        return ""
    shown = [f"{entry['origin']} {percent(entry['share'], digits=3)}" for entry in entries[:_MOST_ORIGINS]]
    more = len(entries) - len(shown) + (summary["lots"]["rest"] > 0)
    return f"Final sales by origin: {', '.join(shown)}{', and others' if more else ''}."


def warm_up_line(summary: dict[str, Any]) -> str:
    """Which warm-up was found, and by what, in a line; empty where none was sought."""
    found = summary.get("warm_up_found")
    if found is None:
        return ""
    each = ", ".join(f"{name} {entry['warm_up']}" for name, entry in found["series"].items())
    left = counted(summary["warm_up"], summary["units"]["period"])
    return f"Warm-up: {left} left out, found by {found['rule']} in {found['replications']} replications ({each})."


def print_kpis(summary: dict[str, Any], console: Console) -> None:
    """Print the tables and the data line; without lines, colours and wrapping when the console is not a terminal."""
    tables = (
        kpi_table(summary),
        promise_table(summary),
        resilience_table(summary),
        circular_table(summary),
        tier_table(summary),
        demand_table(summary),
        *service_tables(summary),
    )
    replications = summary["replications"]
    engine = "" if summary["engine"] == "auto" else f", {summary['engine']} engine"
    line = (
        f"{counted(replications, 'replication')} of {counted(summary['periods'], 'period')}, "
        f"seed {summary['seed']}{engine}; ± half width of the 95 % confidence interval."
    )
    data = summary["data"]
    known = knowledge_line(summary)
    lines = [
        on_time_line(summary),
        origins_line(summary),
        losses_line(summary),
        circular_line(summary),
        links_line(summary),
        f"{known[:1].upper()}{known[1:]}." if known else "",
        warm_up_line(summary),
        *rolling_lines(summary),
        line,
    ]
    lines = [*filter(None, lines), data_line(data["status"], data["note"])]
    print_tables((table for table in tables if table is not None), lines, console)


def _title(summary: dict[str, Any]) -> str:
    plan = f", plan {summary['plan']}" if summary.get("plan") else ""
    return f"{summary['title']}{plan}"
