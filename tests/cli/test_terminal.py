"""Commands in a pseudo-terminal of 60, 80 and 120 columns: nothing is cut off, and tables fit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.faults.commands import WRITERS
from tests.helpers.command import ENVIRONMENT
from tests.helpers.runs import SCENARIOS

WIDTHS = (60, 80, 120)
QUICK = str(SCENARIOS / "quickstart")
COMMANDS = {
    **WRITERS,
    "new": ["new", "a_new_chain"],
    "check": ["check", QUICK],
    "schema": ["schema"],
    "report": ["report", "results"],
    "plot": ["plot", "results", "--figure", "cost_histogram"],
}
TABLES = ("run", "compare", "sweep", "stress", "optimize", "recover")
DRIVER = """
import fcntl, os, shutil, struct, sys, termios
from esc_sim.cli import main
words = sys.argv[1:]
sys.argv = ["esc-sim", *words]
if "results" in words:
    main(["run", {quick!r}, "--set", "run.periods=20", "--engine", "agents", "--out", "results"])
for width in {widths}:
    shutil.rmtree("a_new_chain", ignore_errors=True)
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    print("\\f", flush=True)
    assert main(words) == 0
"""
RULE = re.compile("[\u2500-\u257f]+")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?\x07")


def shown(words: list[str], folder: Path) -> list[str]:
    """What a command shows at each width, without colours and progress."""
    ours, theirs = os.openpty()
    environment = {**ENVIRONMENT, "TERM": "xterm"}
    for name in ("COLUMNS", "LINES"):  # set, they would hide the size of the terminal
        environment.pop(name, None)
    driver = DRIVER.format(widths=WIDTHS, quick=QUICK)
    process = subprocess.Popen(
        [sys.executable, "-c", driver, *words], stdout=theirs, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        env=environment, cwd=folder,
    )  # fmt: skip
    os.close(theirs)
    read = b""
    while True:
        try:
            piece = os.read(ours, 2**16)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        read += piece
    os.close(ours)
    assert process.wait() == 0
    return ESCAPE.sub("", read.decode().replace("\r\n", "\n")).split("\f\n")[1:]


def words_of(text: str) -> set[str]:
    """All words but the rules of tables and times that were measured."""
    return {word for word in re.sub(r"[\d.]+ s\)", "", text).split() if not RULE.fullmatch(word)}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_cut_off_and_tables_fit(command: str, tmp_path: Path) -> None:
    words = COMMANDS[command]
    texts = shown(words, tmp_path)
    assert len(texts) == len(WIDTHS)
    whole = words_of(texts[-1])
    assert len(whole) >= 2
    for width, text in zip(WIDTHS, texts, strict=True):
        assert "…" not in text
        assert words_of(text) == whole, width
        if command in TABLES:
            long = [line for line in text.splitlines() if len(line.rstrip()) > width]
            assert all(line.startswith(("note: ", "data: ", "... and")) for line in long), (width, long)
