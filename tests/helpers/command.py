"""Commands that are refused, interrupted or killed, and what they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main

ROOT = Path(__file__).resolve().parents[2]
ESC_SIM = [sys.executable, "-c", "import sys; sys.argv[0] = 'esc-sim'; from esc_sim.cli import main; sys.exit(main())"]
"""Does what the installed script does, from the tree under test, when ``ENVIRONMENT`` is its environment."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def interrupted_after(steps: int) -> Callable[..., None]:
    """A progress function that acts as if Ctrl-C were pressed after so many steps."""

    def progress(done: int, *rest: Any) -> None:
        if done == steps:
            raise KeyboardInterrupt

    return progress


def kill_when(reached: Callable[[], bool], words: Sequence[str]) -> None:
    """Run `esc-sim` in a process of its own, and kill it with signal 9 as soon as it has got that far."""
    process = subprocess.Popen(
        [*ESC_SIM, *words], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 300
        while not reached():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL


def check_refused(words: Sequence[str], expected: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command, run in an empty folder, gives one message that contains ``expected``, and writes nothing."""
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert expected in captured.err
    assert captured.err.count("\n") == 1
    assert list(folder.iterdir()) == []
