"""Long work that can be interrupted: a folder ``OUT.checkpoint`` beside the results to come.

It holds a JSON file that says what work it is, written once, and the work's own files. It comes and goes in one step,
while the place of the results is claimed. Nothing in it can be executed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.exchange import exchange
from esc_sim.storage.files import translated, write_json
from esc_sim.storage.names import partial_of

_ADVICE: Final = "name another folder with --out, or move this one away"


@dataclass(frozen=True)
class Unfinished:
    """A kind of unfinished work.

    Attributes:
        what: word for messages, "search".
        file: name of the JSON file that says which work it is.
        own: names of the work's own files.
        versions: gives the versions of all that its numbers may depend on.
    """

    what: str
    file: str
    own: Collection[str]
    versions: Callable[[], dict[str, str]]

    def is_there(self, folder: Path) -> bool:
        """Whether there is a checkpoint; an empty folder is none."""
        return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))

    def check_free(self, folder: Path, *, force: bool) -> None:
        """Refuse to begin where there is unfinished work, unless ``force`` gives it up.

        Raises:
            InputError: there is some, or a folder that is no checkpoint.
        """
        if self.is_there(folder) and not force:
            raise InputError(
                f"{folder}: an unfinished {self.what} is there; go on with --resume, or begin anew with --force"
            )
        self._check_own(folder)

    def begin(self, folder: Path, content: dict[str, Any], more: Callable[[Path], None] | None = None) -> None:
        """Make the folder of new work in one step, in place of older work.

        Args:
            folder: the checkpoint.
            content: what the work is.
            more: writes what is known of it already.

        Raises:
            InputError: it cannot be made, or something else is there.
        """
        partial = partial_of(folder)
        shutil.rmtree(partial, ignore_errors=True)  # what a killed process has left
        with translated(folder, "checkpoints cannot be written there"):
            partial.mkdir(parents=True)
        write_json(partial / self.file, {"what": self.what, **content, "versions": self.versions()})
        if more is not None:
            more(partial)
        self._check_own(folder)
        with translated(folder):
            if self.is_there(folder):
                exchange(partial, folder)
                shutil.rmtree(partial, ignore_errors=True)
            else:
                os.rename(partial, folder)

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
        if made_with != self.versions():
            return [f"the {self.what} began with other versions of Python or packages: it may go on differently"]
        return []

    def damaged(self, path: Path, reason: object) -> InputError:
        """The error that says that a file is damaged."""
        return InputError(f"{path}: is damaged ({reason}): {_ADVICE}")

    def discard(self, folder: Path) -> None:
        """Remove a checkpoint in one step; a folder that does not exist is fine.

        Raises:
            InputError: it holds files that are not of a checkpoint; nothing is removed then.
        """
        self._check_own(folder)
        if folder.exists():
            gone = partial_of(folder)
            shutil.rmtree(gone, ignore_errors=True)
            with translated(folder, "cannot be removed"):
                os.rename(folder, gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _check_own(self, folder: Path) -> None:
        if not folder.exists():
            return
        entries = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
        known = {self.file, *self.own}
        foreign = sorted(entries - known - {partial_of(folder / name).name for name in known})
        if foreign or not folder.is_dir():
            raise InputError(f"{folder}: is not a checkpoint of esc_sim alone ({', '.join(foreign[:5])}): move it away")

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
