"""Report of any other result folder: what was asked, its key figures, its figures and tables as they lie there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from esc_sim.views.report.common import csv_grid, done, json_file, notices, picture, provenance
from esc_sim.views.report.parts import Grid, Report, Section
from esc_sim.views.report.sentences import setting
from esc_sim.written import number

_MOST_FIGURES: Final = 40
_NOT_SETTINGS: Final = {
    "format", "format_version", "date", "command", "scenario", "scenario_hash", "structure_hash", "notices",
    "versions", "files", "hashes", "asked",
}  # fmt: skip


def general_report(folder: Path, manifest: dict[str, Any]) -> Report:
    """The report of a folder of a kind that has no report of its own."""
    kind = str(manifest["format"]).removeprefix("esc_sim ")
    summary = json_file(folder / "summary.json") if (folder / "summary.json").exists() else {}
    data = summary.get("data") if isinstance(summary.get("data"), dict) else {}
    title = str(summary.get("title") or manifest.get("scenario") or folder.name)
    settings = {name: value for name, value in manifest.items() if name not in _NOT_SETTINGS}
    sections = []
    rows = [[name, value_text(value)] for name, value in flat(summary) if not name.startswith(("title", "data."))]
    if rows:
        sections.append(Section("Key figures", [Grid(["", "value"], rows)]))
    pictures = sorted(folder.glob("*.png"))[:_MOST_FIGURES]
    if pictures:
        sections.append(Section("Figures", [picture(path, file_words(path)) for path in pictures]))
    sections += [Section(file_words(path), [csv_grid(path)]) for path in sorted(folder.glob("*.csv"))]
    sections += [done(manifest, {"scenario": manifest.get("scenario"), **settings}), provenance(manifest)]
    status, note = str((data or {}).get("status") or ""), str((data or {}).get("note") or "")
    return Report(title, kind.capitalize(), status, note, sections, notices(manifest), setting(manifest))


def flat(content: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested values with dotted names; a mean with its interval is one value."""
    found: list[tuple[str, Any]] = []
    for name, value in content.items():
        if isinstance(value, dict) and {"mean", "ci_low", "ci_high"} <= set(value):
            found.append((before + name, value))
        elif isinstance(value, dict):
            found += flat(value, f"{before}{name}.")
        elif isinstance(value, (str, int, float)) or value is None:
            found.append((before + name, value))
    return found


def value_text(value: Any) -> str:
    if isinstance(value, dict):
        from esc_sim.written import format_interval

        unit = str(value.get("unit") or "")
        return f"{format_interval({'unit': '', **value})} {'' if unit == 'share' else unit}".strip()
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return number(value) if isinstance(value, (int, float)) else str(value)


def file_words(path: Path) -> str:
    return path.stem.replace("_", " ").capitalize()
