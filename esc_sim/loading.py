"""Results read back from their folders: one function for every kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esc_sim.errors import InputError
from esc_sim.findings.drawings import Shown, kept_shown
from esc_sim.findings.finding import Finding
from esc_sim.findings.plots import worth_drawing
from esc_sim.findings.stored import copied, report_of_folder
from esc_sim.findings.study import Kind
from esc_sim.plans.files import read_plan
from esc_sim.results.reading import StoredRun, json_of, manifest_of, read_run
from esc_sim.results.run import RUN_FORMAT
from esc_sim.storage.manifest import MANIFEST, check_file, read_manifest

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.findings.plots import Draw
    from esc_sim.plans.plan import Plan
    from esc_sim.storage.place import Fill

KINDS: Final[dict[str, str]] = {
    "esc_sim optimize": "esc_sim.optimize.front",
    "esc_sim sweep": "esc_sim.sweep.writing",
    "esc_sim compare": "esc_sim.comparison",
    "esc_sim recover": "esc_sim.recovery.run",
    "esc_sim design": "esc_sim.design.result",
    "esc_sim stress": "esc_sim.stress.stored",
    "esc_sim fit": "esc_sim.fitting.study",
    "esc_sim calibrate": "esc_sim.calibration.study",
}
"""Format of a study's manifest -> module whose KIND says what it leaves; imported when it is used."""
_PLANS: Final = ("compromise.yaml", "plan.yaml")


@dataclass(frozen=True, repr=False, eq=False)
class StoredStudy(Finding):
    """A study read back from its folder.

    Attributes:
        folder: where it was read.
        manifest: where its numbers come from.
        kind: what such a study leaves.
    """

    folder: Path
    manifest: Mapping[str, Any]
    kind: Kind

    @property
    def format_name(self) -> str:
        """What its manifest calls it."""
        return self.kind.format_name

    @property
    def heading(self) -> str:
        """What was done on what."""
        return self._shown.heading

    def shown_table(self) -> pd.DataFrame:
        """The main table as it is displayed."""
        return self._shown.table

    @cached_property
    def _shown(self) -> Shown:
        return kept_shown(self.folder)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Content of summary.json; empty where the folder has none."""
        path = self.folder / "summary.json"
        return json_of(path) if path.exists() else {}

    @cached_property
    def _frames(self) -> Mapping[str, pd.DataFrame]:
        there = _files(self.manifest)
        names = [name for name in self._shown.tables if f"{name}.csv" in there]
        return {name: self.kind.frame(name, _text(self.folder / f"{name}.csv")) for name in names}

    def tables_by_name(self) -> Mapping[str, pd.DataFrame]:
        """The tables of its folder, the main one first."""
        return self._frames

    def figures_by_name(self) -> Mapping[str, Draw]:
        """The figures that can be drawn again."""
        if self.format_name == "esc_sim stress":
            from esc_sim.stress.drawing import figures_of
            from esc_sim.stress.stored import read_stress

            return figures_of(read_stress(self.folder))
        return worth_drawing(self._shown.figures, self._shown.left_out)

    def folder_files(self) -> Fill:
        """What writes it into another folder: its files as they are."""
        return copied(self.folder)

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write one HTML file that tells all of it, by default report.html in its folder."""
        return report_of_folder(self.folder, path)

    @property
    def plan(self) -> Plan | None:
        """What the study hands to the agents; None where there is nothing to hand over.

        Raises:
            InputError: the file is damaged.
        """
        for name in _PLANS:
            if name in _files(self.manifest):
                check_file(self.folder / name)
                return read_plan(self.folder / name)
        return None

    @property
    def compromise(self) -> Plan | None:
        """The plan that a search chose, :attr:`plan` by another name."""
        return self.plan


def load_result(folder: str | os.PathLike[str]) -> StoredRun | StoredStudy:
    """Results of any kind from the folder that ``save``, or a command with ``--out``, wrote.

    Args:
        folder: the folder.

    Returns:
        A run, or a study; with the same frames, figures and tables as what was saved.

    Raises:
        InputError: no such folder, no results of esc_sim in it, or a file that is missing or damaged.

    Examples:
        >>> import tempfile
        >>> import esc_sim as esc
        >>> result = esc.simulate("scenarios/quickstart", replications=2, seed=1, overrides={"run.periods": 30})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = esc.load_result(result.save(folder))
        >>> again.periods.equals(result.periods)
        True
        >>> esc.load_result("no/such/folder")
        Traceback (most recent call last):
        esc_sim.errors.InputError: no/such/folder: is no folder; name one that a command with --out wrote
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path}: is no folder; name one that a command with --out wrote")
    manifest = read_manifest(path)
    form = str((manifest or {}).get("format"))
    if manifest is None or form not in {RUN_FORMAT, *KINDS}:
        raise InputError(f"{path}: holds no results of esc_sim ({MANIFEST} is missing or not one of ours)")
    if form == RUN_FORMAT:
        return read_run(path)
    words = form.removeprefix("esc_sim ")
    checked = manifest_of(path, form, words, f"esc-sim {words}")
    kind: Kind = import_module(KINDS[form]).KIND
    return StoredStudy(path, checked, kind)


def _files(manifest: Mapping[str, Any]) -> list[str]:
    files = manifest.get("files")
    return [str(name) for name in files] if isinstance(files, list) else []


def _text(path: Path) -> str:
    check_file(path)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); the results are damaged") from None
