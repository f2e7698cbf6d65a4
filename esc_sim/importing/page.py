"""The page 'What I understood, what I assumed, what I left out', and its short form for the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from esc_sim.counted import counted, enumerated
from esc_sim.importing.assumed import assumed_of_all
from esc_sim.importing.mapping import DATE, HEADED, MAPPING_FILE, OF_MEMBER, SheetMapping
from esc_sim.importing.run import Imported

PAGE = "understood.md"
_SHOWN = 200
"""Lines of a list that are shown; of the rest there is a count."""


def counts_of(imported: Imported) -> list[tuple[str, str]]:
    """What there is in the network, and how much of it."""
    scenario, history = imported.scenario, imported.content.history
    roles = Counter(node.role for node in scenario.nodes)
    modes = Counter(arc.mode or "no mode" for arc in scenario.arcs)
    lines = [
        ("sites", f"{len(scenario.nodes)} ({enumerated([f'{n} {role}' for role, n in roles.items()])})"),
        ("products", str(len(scenario.products))),
        ("lanes", f"{len(imported.content.lanes)}, as {counted(len(scenario.arcs), 'arc')} of single products"),
    ]
    if len(modes) > 1 or "no mode" not in modes:
        lines.append(("arcs by mode", enumerated([f"{n} {mode}" for mode, n in modes.items()])))
    if scenario.lanes:
        lines.append(("shared capacities", str(len(scenario.lanes))))
    if scenario.recipes:
        lines.append(("recipes", str(len(scenario.recipes))))
    if history.series:
        span = f"{history.dates[0]} to {history.dates[-1]}"
        lines.append(("demand", f"{len(history.series)} series of {counted(len(history.dates), history.step)}, {span}"))
    elif history.means:
        lines.append(("demand", counted(len(history.means), "mean")))
    lines.append(("period", f"a {scenario.units.period}; {counted(scenario.run.periods, 'period')} are simulated"))
    if imported.mapping.settings.currency:
        lines.append(("money", _money(imported)))
    return lines


def _money(imported: Imported) -> str:
    """Currencies of the amounts, and the rates at which they were turned into one."""
    settings = imported.mapping.settings
    seen = imported.content.money.seen
    amounts = [f"{counted(n, 'amount')} in {code}" for code, n in seen.items() if code]
    rates = [f"1 {code} = {rate:g} {settings.currency}" for code, rate in settings.rates.items() if code in seen]
    return "; ".join(
        filter(
            None, (str(settings.currency), enumerated(amounts) if amounts else "", enumerated(rates) if rates else "")
        )
    )


def page_of(imported: Imported, source: str) -> str:
    """The page as Markdown.

    Args:
        imported: what was imported.
        source: name of the workbook, folder or file.
    """
    found = imported.found
    lines = [f"# What was understood of {source}", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in counts_of(imported)), ""]
    for title, listed in (
        ("Understood", [*_sheets(imported), *found.understood]),
        ("Assumed", [*found.assumed, *_assumed(imported)]),
        ("Left out", found.left_out),
        ("Laws of demand", found.laws),
    ):
        lines += [f"## {title}", "", *_listed(listed), ""]
    lines += [
        "Whatever is wrong here can be put right in `mapping.yaml`; the import is then repeated with `--mapping`.",
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _listed(lines: list[str]) -> list[str]:
    shown = [f"- {line}" for line in lines[:_SHOWN]]
    more = len(lines) - _SHOWN
    return (shown + ([f"- and {more:,} more"] if more > 0 else [])) or ["Nothing."]


def _sheets(imported: Imported) -> Iterator[str]:
    for sheet in imported.mapping.sheets:
        if sheet.table is not None:
            lines = enumerated([str(line) for line in sheet.header])
            where = f"line{'s' if len(sheet.header) > 1 else ''} {lines}"
            yield f"{sheet.sheet}: {sheet.table}, headings in {where}: {_columns(sheet)}"


def _columns(sheet: SheetMapping) -> str:
    dated = [column for column in sheet.columns if column.is_ == DATE]
    parts = [
        f"{str(column.is_).replace('_', ' ')} = '{column.heading}'"
        + _how(column.unit, column.currency, column.scale, column.decimals, column.dates)
        for column in sheet.columns
        if column.is_ is not None and column.is_ not in HEADED
    ]
    if dated:
        parts.append(f"{counted(len(dated), 'column')} of dates, {dated[0].heading[:10]} to {dated[-1].heading[:10]}")
    members = [column.heading for column in sheet.columns if column.is_ == OF_MEMBER]
    if members:
        parts.append(f"{counted(len(members), 'column')} of amounts: {enumerated(members, 6)}")
    return "; ".join(parts)


def _how(unit: str | None, currency: str | None, scale: float | None, decimals: str | None, dates: str | None) -> str:
    said = [
        f"in {unit}s" if unit else "",
        f"in {currency}" if currency else "",
        f"times {scale:g}" if scale else "",
        f"decimal {decimals}" if decimals else "",
        dates or "",
    ]
    return f" ({', '.join(filter(None, said))})" if any(said) else ""


def _assumed(imported: Imported) -> list[str]:
    return list(assumed_of_all(imported.scenario, imported.mapping.settings, imported.content))


def short_of(imported: Imported) -> str:
    """What is printed: the counts, and how much was assumed and left out."""
    rows = counts_of(imported)
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    assumed = len(imported.found.assumed) + len(_assumed(imported))
    lines.append(f"{'assumed':<{width}}  {counted(assumed, 'thing')}; {PAGE} lists them")
    lines.append(f"{'left out':<{width}}  {counted(len(imported.found.left_out), 'thing')}")
    return "\n".join(lines)


def scenario_comment(source: str) -> str:
    """What stands above scenario.yaml."""
    return f"Made by `esc-sim import` from {source}; {PAGE} says what was understood, {MAPPING_FILE} as what."
