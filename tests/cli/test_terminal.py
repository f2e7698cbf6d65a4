"""Commands in a pseudo-terminal of 60, 80 and 120 columns: nothing is cut off, and tables fit."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from experiments.faults.commands import WRITERS
from tests.helpers.ready import Ready
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
os.environ["TERM"] = "xterm"
for name in ("COLUMNS", "LINES"):  # set, they would hide the size of the terminal
    os.environ.pop(name, None)
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


def shown(words: list[str], folder: Path, ready: Ready) -> list[str]:
    """What a command shows at each width, without colours and progress."""
    ours, theirs = os.openpty()
    driver = DRIVER.format(widths=WIDTHS, quick=QUICK)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(everything, ours)
        try:
            done = ready.run(["-c", driver, *words], folder, Path(os.ttyname(theirs)))
        finally:
            os.close(theirs)
        text = read.result()
    assert done.returncode == 0, done.stderr
    return ESCAPE.sub("", text.replace("\r\n", "\n")).split("\f\n")[1:]


def everything(terminal: int) -> str:
    """What is shown on a terminal, until its other end is closed."""
    read = b""
    while True:
        try:
            piece = os.read(terminal, 2**16)
        except OSError:
            piece = b""
        if not piece:
            os.close(terminal)
            return read.decode()
        read += piece


def words_of(text: str) -> set[str]:
    """All words but the rules of tables and times that were measured."""
    return {word for word in re.sub(r"[\d.]+ s\)", "", text).split() if not RULE.fullmatch(word)}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_cut_off_and_tables_fit(command: str, tmp_path: Path, ready: Ready) -> None:
    words = COMMANDS[command]
    texts = shown(words, tmp_path, ready)
    assert len(texts) == len(WIDTHS)
    whole = words_of(texts[-1])
    assert len(whole) >= 2
    for width, text in zip(WIDTHS, texts, strict=True):
        assert "…" not in text
        assert words_of(text) == whole, width
        if command in TABLES:
            long = [line for line in text.splitlines() if len(line.rstrip()) > width]
            assert all(line.startswith(("note: ", "data: ", "... and")) for line in long), (width, long)
