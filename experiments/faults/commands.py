"""Every command that writes results, small enough to be run hundreds of times, and what it leaves behind."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from esc_sim.cli import main
from esc_sim.storage.manifest import MANIFEST, hash_of
from experiments.faults.shipped import SCENARIOS

_QUICK: Final = [str(SCENARIOS / "quickstart"), "--set", "run.periods=20"]
WRITERS: Final[Mapping[str, list[str]]] = {
    "run": ["run", *_QUICK, "--replications", "3", "--engine", "agents", "--workers", "1"],
    "compare": ["compare", str(SCENARIOS / "quickstart"), "--variant", "as it is: run.periods=20", "--variant",
                "more: run.periods=20; nodes.warehouse.target_stock=500", "--replications", "2"],
    "sweep": ["sweep", *_QUICK, "--vary", "nodes.warehouse.target_stock=400,500", "--replications", "2", "--workers",
              "1"],
    "stress": ["stress", *_QUICK, "--duration", "5", "--replications", "2", "--starts", "2", "--only", "warehouse",
               "--workers", "1"],
    "optimize": ["optimize", str(SCENARIOS / "oil_gas"), "--set", "run.periods=20", "--population", "4",
                 "--generations", "2", "--replications", "2", "--held-out", "2", "--workers", "1"],
    "recover": ["recover", str(SCENARIOS / "cascade_37"), "--budget", "3", "--remove", "6", "--how", "degree",
                "--workers", "1"],
    "design": ["design", str(SCENARIOS / "retail_wuhan")],
}  # fmt: skip
"""Words of a command by its name; --out, --seed and --force come to them."""
CHANGES: Final[Mapping[str, list[str]]] = {
    "design": ["--eps", "0.2"],
    "compare": ["--seed", "2"],
    "run": ["--seed", "2"],
    "sweep": ["--seed", "2"],
    "stress": ["--seed", "2"],
    "optimize": ["--seed", "2"],
    "recover": ["--budget", "4"],
}
"""What makes a command give other results."""
_NOT_COMPARED: Final = {"date", "seconds"}
"""When results were made, and how long that took."""


def quietly(words: Sequence[str]) -> tuple[int, str]:
    """Run a command in this process; its exit status and what it said on standard error."""
    said = io.StringIO()
    sys.argv = ["esc-sim", *words]  # what manifests and plans name as their command
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        status = main(list(words))
    return status, said.getvalue()


def done(words: Sequence[str]) -> None:
    """Run a command that must end well.

    Raises:
        RuntimeError: it does not; says what it said.
    """
    status, said = quietly(words)
    if status:
        raise RuntimeError(f"{' '.join(words)}: ended with {status}: {said.strip()}")


def snapshot(out: Path) -> dict[str, bytes] | None:
    """All files below a folder, without when and how fast they were made; None where there is no folder."""
    if not out.exists():
        return None
    found = {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    if MANIFEST in found:
        content = json.loads(found[MANIFEST])
        # The hash of a file that tells how long something took is not compared, but must be the file's own.
        for name in {"summary.json"} & set(content["hashes"]):
            content["hashes"][name] = content["hashes"][name] == hash_of(out / name)
        found[MANIFEST] = _compared(content)
    if "summary.json" in found:
        found["summary.json"] = _compared(json.loads(found["summary.json"]))
    return found


def _compared(content: Mapping[str, Any]) -> bytes:
    return json.dumps({key: value for key, value in content.items() if key not in _NOT_COMPARED}).encode()


def add_only(parser: argparse.ArgumentParser) -> None:
    """The argument by which campaigns are limited to some commands."""
    parser.add_argument("--only", action="append", choices=WRITERS, help="this command alone; repeatable")


def told(names: Iterable[str] | None, cases: Callable[[str], Iterable[tuple[str, str | None]]], good: str) -> int:
    """Print what went wrong as it comes, then how many cases were tried and failed.

    Args:
        names: of the commands; None for all.
        cases: for a command, what was done in each case, and what went wrong, None where nothing did.
        good: what the others did, in words.

    Returns:
        Exit status: 1 where any failed, or none was tried.
    """
    tried = failed = 0
    for name in names or WRITERS:
        for what, wrong in cases(name):
            tried += 1
            if wrong is not None:
                failed += 1
                print(f"{name}: {what}: {wrong}", flush=True)
    print(f"{tried} tried: {tried - failed} {good}, {failed} failed")
    return int(failed > 0 or tried == 0)


def left_in(folder: Path) -> list[str]:
    """Names of all that is in a folder."""
    return sorted(os.listdir(folder))
