"""Folders of results: written under a temporary name beside their place, then renamed in one step."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError

MANIFEST: Final = "manifest.json"
REPORT: Final = "report.html"
"""What `esc-sim report` may have added to a folder."""


def check_target(path: Path, *, kind: str, force: bool = False, drawn: Collection[str] = ()) -> None:
    """Refuse a folder that results must not be written to; call it before the work, not after.

    Args:
        path: where the results shall go.
        kind: what is to be written, as in the manifest ("esc_sim run").
        force: replace a folder of the same kind that esc_sim wrote before.
        drawn: names of figure files that may have been added since and may go with it.

    Raises:
        InputError: the path is a file, cannot be made, or is a folder with content that must not be replaced.
    """
    if not path.exists():
        parent = next(p for p in path.absolute().parents if p.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise InputError(f"{path}: cannot be made, {parent} is not a folder that can be written to")
        return
    if not path.is_dir():
        raise InputError(f"{path}: is a file; name a folder that does not exist yet")
    names = {entry.name for entry in path.iterdir()}
    if not names:
        return
    manifest = read_manifest(path)
    if manifest is None or manifest.get("format") != kind:
        raise InputError(f"{path}: is not empty and not a folder of '{kind}'; name another folder")
    if not force:
        raise InputError(f"{path}: holds results already; name another folder, or replace it with --force")
    listed = manifest.get("files")
    foreign = names - set(listed if isinstance(listed, list) else []) - set(drawn) - {MANIFEST, REPORT}
    if foreign:
        some = ", ".join(sorted(foreign)[:5])
        raise InputError(f"{path}: holds files that esc_sim did not write ({some}); move them elsewhere")


def read_manifest(path: Path) -> dict[str, Any] | None:
    """The manifest of a folder, or None when it has none that can be read."""
    try:
        content = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON; raises ValueError on nan or infinity, which JSON does not know."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def new_folder(path: Path, *, kind: str, force: bool = False, drawn: Collection[str] = ()) -> Iterator[Path]:
    """A folder to write results into, which appears at ``path`` only when all is written.

    When the block raises, nothing remains and what was at ``path`` stays as it was.

    Args:
        path, kind, force, drawn: as for :func:`check_target`.

    Yields:
        A temporary folder beside ``path``.

    Raises:
        InputError: as :func:`check_target`.
    """
    check_target(path, kind=kind, force=force, drawn=drawn)
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    temporary.mkdir()
    try:
        yield temporary
        _put_in_place(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _put_in_place(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    old = target.with_name(f".{target.name}.old-{secrets.token_hex(4)}")
    target.rename(old)
    try:
        temporary.rename(target)
    except BaseException:
        with suppress(OSError):
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
