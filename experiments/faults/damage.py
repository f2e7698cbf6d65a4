"""Result folders with one damaged file: commands that read it refuse with a message that names it."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from experiments.faults.commands import WRITERS, add_only, done, quietly, told

Damage = Callable[[bytes, random.Random], bytes]


def _flipped(raw: bytes, chance: random.Random) -> bytes:
    if not raw:
        return b"\0"
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]


DAMAGES: Final[dict[str, Damage]] = {
    "a bit flipped": _flipped,
    "cut short": lambda raw, chance: raw[: chance.randrange(max(1, len(raw)))],
    "filled with zeros": lambda raw, _: bytes(len(raw)),
    "emptied": lambda raw, _: b"",
    "an empty object": lambda raw, _: b"{}",
    "bytes at random": lambda raw, chance: chance.randbytes(len(raw)),
    "a part twice": lambda raw, _: raw[: len(raw) // 2] + raw,
}
READERS: Final = {"run": (["report"], ["plot"])}
"""Commands that read the folders of a command; all have `report`."""


def cases(folder: Path, name: str, count: int, chance: random.Random) -> Iterator[tuple[str, str | None]]:
    """What was done to a result folder, and what went wrong with a command that read it, None where nothing did.

    Args:
        folder: results of the command, which stay as they are.
        name: of the command.
        count: cases.
        chance: chooses them.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    hashed = set(manifest["hashes"])
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for _ in range(count):
        file, what = chance.choice(files), chance.choice(list(DAMAGES))
        reader = chance.choice(READERS.get(name, (["report"],)))
        with tempfile.TemporaryDirectory() as place:
            copy = Path(shutil.copytree(folder, Path(place) / "copy"))
            raw = (copy / file).read_bytes()
            damaged = DAMAGES[what](raw, chance)
            if damaged == raw:
                continue
            (copy / file).write_bytes(damaged)
            out = ["--out", str(Path(place) / ("report.html" if reader == ["report"] else "figures"))]
            yield f"{file} {what}, {reader[0]}", _wrong([*reader, str(copy), *out], file, file in hashed, Path(place))


def _wrong(words: list[str], file: str, hashed: bool, place: Path) -> str | None:
    try:
        status, said = quietly(words)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if status == 0:
        return "read in silence" if hashed and file in READ else None
    if status != 2 or len(said.strip().splitlines()) != 1:
        return f"ended with {status}: {said.strip()[-200:]}"
    left = sorted(path.name for path in place.iterdir())
    return f"left {', '.join(left)}" if left != ["copy"] else None


READ: Final = {
    "summary.json", "network.json", "periods.parquet", "items.parquet", "arcs.parquet", "sums.parquet", "sweep.csv",
    "front.csv", "front.png", "compare.png", "effects.png",
}  # fmt: skip
"""Files of which a report or a figure takes what it says; those for people alone (plans, other tables) it leaves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    add_only(parser)
    parser.add_argument("--count", type=int, default=100, help="cases for each command; default 100")
    parser.add_argument("--seed", type=int, default=1, help="seed of all cases")


def main(arguments: argparse.Namespace) -> int:
    """Damage the results of every command; print what came of it."""
    chance = random.Random(arguments.seed)

    def of(name: str) -> Iterator[tuple[str, str | None]]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            done([*WRITERS[name], "--out", str(out)])
            yield from cases(out, name, arguments.count, chance)

    return told(arguments.only, of, "refused or harmless")
