"""Workbooks of companies as scenarios: sheets and columns recognised by their usual names."""

from esc_sim.importing.folder import write_imported
from esc_sim.importing.run import Imported, import_source, scenario_from

__all__ = ["Imported", "import_source", "scenario_from", "write_imported"]
