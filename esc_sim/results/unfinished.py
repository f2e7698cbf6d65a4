"""Long work that can be interrupted: a folder ``OUT.checkpoint`` beside the results to come.

It holds a JSON file that says what work it is, written once, and the work's own files. Nothing in it can be executed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.results.folder import write_json
from esc_sim.results.manifest import versions

CHECKPOINT: Final = "checkpoint"
_ADVICE: Final = "name another folder with --out, or move this one away"


def work_versions() -> dict[str, str]:
    """Versions of all that the numbers of searches and sweeps may depend on."""
    return {**versions(), **{name: version(name) for name in ("pymoo", "scipy")}}


def checkpoint_beside(out: Path) -> Path:
    """Folder of the unfinished work whose results go to ``out``."""
    target = out.resolve()
    return target.with_name(f"{target.name}.{CHECKPOINT}")


@dataclass(frozen=True)
class Unfinished:
    """A kind of unfinished work.

    Attributes:
        what: word for messages, "search".
        file: name of the JSON file that says which work it is.
        own: names of the work's own files.
    """

    what: str
    file: str
    own: Collection[str]

    def begin(self, folder: Path, content: dict[str, Any]) -> None:
        """Make the folder of new work that ``content`` describes.

        Raises:
            InputError: it cannot be made.
        """
        try:
            folder.mkdir(parents=True)
            write_json(folder / f".{self.file}", {"what": self.what, **content, "versions": work_versions()})
            os.replace(folder / f".{self.file}", folder / self.file)
        except OSError as error:
            raise InputError(f"{folder}: checkpoints cannot be written there: {error.strerror}") from None

    def check(self, folder: Path, content: dict[str, Any]) -> list[str]:
        """Refuse a folder of other work; returns notices.

        Raises:
            InputError: no checkpoint, a damaged one, or one of other work. Nothing is changed.
        """
        stored = self._stored(folder)
        made_with = stored.pop("versions", None)
        for key, value in content.items():
            if stored.get(key) != value:
                words = {"scenario_hash": "scenario", "plan_hash": "plan"}.get(key, key)
                raise InputError(f"{folder}: is the checkpoint of another {self.what} (its {words} differs): {_ADVICE}")
        if made_with != work_versions():
            return [f"the {self.what} began with other versions of Python or packages: it may go on differently"]
        return []

    def damaged(self, path: Path, reason: object) -> InputError:
        """The error that says that a file is damaged."""
        return InputError(f"{path}: is damaged ({reason}): {_ADVICE}")

    def discard(self, folder: Path) -> None:
        """Remove a checkpoint; a folder that does not exist is fine.

        Raises:
            InputError: it holds files that are not of a checkpoint; nothing is removed then.
        """
        if not folder.exists():
            return
        entries = list(folder.iterdir()) if folder.is_dir() else []
        known = {self.file, f".{self.file}", *self.own}
        foreign = sorted({entry.name for entry in entries} - known)
        if foreign or not folder.is_dir():
            raise InputError(f"{folder}: is not a checkpoint of esc_sim alone ({', '.join(foreign[:5])}): move it away")
        for entry in entries:
            entry.unlink()
        folder.rmdir()

    def _stored(self, folder: Path) -> dict[str, Any]:
        path = folder / self.file
        if not path.is_file():
            raise InputError(f"{folder}: holds no checkpoint of a {self.what}")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise self.damaged(path, error) from None
        if not isinstance(content, dict) or content.get("what") != self.what:
            raise InputError(f"{path}: is not the checkpoint of a {self.what}: {_ADVICE}")
        return content
