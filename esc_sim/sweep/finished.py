"""What can be asked of a finished sweep's folder: where a condition holds, without another run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from esc_sim.errors import InputError
from esc_sim.fields.names import path_from
from esc_sim.findings.drawings import Shown, keep_shown, kept_shown
from esc_sim.findings.plots import save_figure, worth_drawing
from esc_sim.findings.stored import copied
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.measures.registry import KEY_FIGURES
from esc_sim.results.reading import manifest_of
from esc_sim.storage.files import write_text
from esc_sim.storage.manifest import MANIFEST, check_file
from esc_sim.storage.place import claimed
from esc_sim.sweep.discovery import Discovery, check_discovery, discovery_of
from esc_sim.sweep.parameters import Parameter
from esc_sim.sweep.picture import SweepPicture, box_drawing
from esc_sim.sweep.writing import KIND, SWEEP_FORMAT

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.storage.place import Fill


@dataclass(frozen=True, repr=False, eq=False)
class Discovered(Study):
    """A finished sweep, and where a condition holds among its points.

    Attributes:
        folder: of the sweep.
        manifest: of that folder.
        parameters: what was varied.
        table: one row a point, as of :class:`esc_sim.sweep.sweep.Sweep`.
        discovery: where the condition holds.
        command: how it was asked.
    """

    folder: Path
    manifest: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    table: pd.DataFrame
    discovery: Discovery
    command: str

    @property
    def study_kind(self) -> Kind:
        """Tables sweep, boxes, trade_off and tree."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, and how many points were visited."""
        return self._shown.heading.removeprefix(f"{KIND.words}: ")

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know."""
        return self.discovery.notices

    @cached_property
    def _shown(self) -> Shown:
        return kept_shown(self.folder)

    def written_tables(self) -> Mapping[str, Cells]:
        """The points, and where the condition holds."""
        tables = {"sweep": self.table, **self.discovery.tables()}
        return {name: Cells.of(table) for name, table in tables.items()}

    def shown_table(self) -> pd.DataFrame:
        """The points with the key figures that the sweep has drawn."""
        return self._shown.table

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Those of the sweep, and the boxes."""
        from esc_sim.views.report.study_sentences import terms_of

        drawings = {name: draw for name, draw in self._shown.figures.items() if name != "boxes"}
        why = {**self._shown.left_out, "boxes": "no box was found"}
        if self.discovery.boxes.empty:
            return worth_drawing(drawings, why)
        measure, terms = KEY_FIGURES[self.discovery.kpi], terms_of(self.manifest)
        named = measure.words(terms), measure.unit_words(terms)
        words = str(self.manifest.get("title") or self.manifest.get("scenario")), self._footer()
        drawings["boxes"] = box_drawing(self.discovery, self.parameters, self.table, words, named)
        return worth_drawing(drawings, {name: reason for name, reason in why.items() if name != "boxes"})

    def _footer(self) -> str:
        """That of the sweep's other figures."""
        pictures = (one for draw in self._shown.figures.values() for one in getattr(draw, "arguments", ()))
        return next((one.footer for one in pictures if isinstance(one, SweepPicture)), "")

    def folder_files(self) -> Fill:
        """What writes the sweep into another folder, with what was discovered."""

        def fill(folder: Path) -> dict[str, Any]:
            manifest = dict(copied(self.folder)(folder))
            for name, table in self.discovery.tables().items():
                write_text(folder / f"{name}.csv", Cells.of(table).text)
            figures = self.figures_by_name()
            if "boxes" in set(figures):
                save_figure(figures["boxes"](), folder / "boxes.png")
            else:
                (folder / "boxes.png").unlink(missing_ok=True)
            tables = list(dict.fromkeys([*self._shown.tables, *self.discovery.tables()]))
            left_out = figures.left_out() if hasattr(figures, "left_out") else {}
            keep_shown(folder, Shown(self.heading, self._shown.table, tables, figures, left_out))
            manifest |= {"command": self.command} if self.command else {}
            earlier = manifest.get("discover")  # what that condition gave is replaced
            notices = [one for one in manifest.get("notices", []) if not (earlier and one.startswith(earlier))]
            notices += self.notices
            return manifest | {"discover": self.discovery.condition, "notices": notices}

        return fill


def discover(
    folder: str | os.PathLike[str],
    where: str,
    *,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    command: str = "",
) -> Discovered:
    """Where a condition holds among the points of a finished sweep; nothing is simulated.

    Args:
        folder: that a sweep with ``out`` wrote.
        where: a condition such as "fill_rate < 0.9".
        out: folder for the sweep together with what was discovered.
        force: replace an earlier sweep there.
        command: how it was asked, for the manifest.

    Returns:
        Boxes and a tree, as the sweep itself would have given them.

    Raises:
        InputError: no sweep in the folder, damaged files, a condition that cannot be read, or too few points.

    Examples:
        >>> import tempfile
        >>> import esc_sim as esc
        >>> levels = {"nodes.shop.order.order_up_to": "30:90"}
        >>> how = {"design": "latin", "points": 24, "replications": 1, "overrides": {"run.periods": 30}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     swept = esc.sweep("scenarios/stock_levels", levels, **how, out=folder + "/sweep")
        ...     found = esc.discover(folder + "/sweep", "fill_rate < 99.5%")
        >>> len(found.discovery.hits)
        24
    """
    path = path_from("folder", folder)
    manifest = manifest_of(path, SWEEP_FORMAT, "sweep", "esc-sim sweep")
    parameters = _parameters(path, manifest)
    check_file(path / "sweep.parquet")
    try:
        table = pd.read_parquet(path / "sweep.parquet")
    except (OSError, ValueError) as error:
        raise InputError(f"{path / 'sweep.parquet'}: cannot be read ({error}); the results are damaged") from None
    condition = check_discovery(where, len(table), "--where")
    assert condition is not None
    found = Discovered(path, manifest, parameters, table, discovery_of(condition, parameters, table), command)
    if out is not None:
        with claimed(path_from("out", out), kind=SWEEP_FORMAT, force=force) as place:
            place.save(found.folder_files())
    return found


def _parameters(folder: Path, manifest: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """What was varied, as the manifest says it."""
    if "varied" not in manifest:
        raise InputError(f"{folder / MANIFEST}: an earlier version wrote it, without values of parameters; sweep again")
    try:
        return tuple(
            Parameter(**{**one, "values": tuple(one["values"]), "labels": tuple(one["labels"])})
            for one in manifest["varied"]
        )
    except (TypeError, KeyError) as error:
        raise InputError(f"{folder / MANIFEST}: is not what esc_sim writes ({error})") from None
