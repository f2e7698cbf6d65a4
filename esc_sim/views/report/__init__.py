"""Reports: any result folder as one HTML file that needs nothing beside it, for reading, sending and printing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError
from esc_sim.storage.manifest import MANIFEST, read_manifest
from esc_sim.storage.place import REPORT

if TYPE_CHECKING:
    from esc_sim.views.report.parts import Report

REPORTS: Final[dict[str, str]] = {
    "esc_sim run": "esc_sim.views.report.run:run_report",
    "esc_sim optimize": "esc_sim.views.report.front:front_report",
    "esc_sim recover": "esc_sim.views.report.recovery:recovery_report",
    "esc_sim design": "esc_sim.views.report.design:design_report",
    "esc_sim compare": "esc_sim.views.report.compare:comparison_report",
    "esc_sim sweep": "esc_sim.views.report.sweep:sweep_report",
    "esc_sim stress": "esc_sim.views.report.stress:stress_report",
    "esc_sim calibrate": "esc_sim.views.report.calibration:calibration_report",
}
"""Format as written in a manifest -> function (folder, manifest) that makes the report; imported when it is used.

A format of esc_sim that is not here gets the general report: key figures, tables and figures as they lie in the folder.
"""
_GENERAL: Final = "esc_sim.views.report.general:general_report"


def report_of(folder: Path) -> Report:
    """The report of a result folder.

    Raises:
        InputError: no such folder, no results of esc_sim in it, or files that are missing or broken.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; name one that a command with --out wrote")
    manifest = read_manifest(folder)
    kind = str((manifest or {}).get("format"))
    if manifest is None or not kind.startswith("esc_sim "):
        raise InputError(f"{folder}: holds no results of esc_sim ({MANIFEST} is missing or not one of ours)")
    module, _, name = REPORTS.get(kind, _GENERAL).partition(":")
    try:
        report: Report = getattr(import_module(module), name)(folder, manifest)
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise InputError(f"{folder}: cannot be reported, its files are not as esc_sim writes them ({error})") from None
    return report


def write_report(folder: Path, out: Path | None = None) -> Path:
    """Write the report of a result folder; the file appears only when it is whole.

    Args:
        folder: the results.
        out: the file; default report.html in the folder.

    Returns:
        The file.

    Raises:
        InputError: as :func:`report_of`, or the file cannot be written.
    """
    from esc_sim.storage.files import translated, write_text
    from esc_sim.views.report.document import html_page

    target = folder / REPORT if out is None else out
    with translated(target):
        if target.is_dir():
            raise InputError(f"{target}: is a folder; name a file, such as {target / REPORT}")
    write_text(target, html_page(report_of(folder)))
    return target
