"""The short form of the campaigns of faults on result folders (`python -m experiments.faults`)."""

from __future__ import annotations

import re

import pytest

from tests.helpers.command import ROOT
from tests.helpers.ready import Ready

PROGRAM = "from experiments.faults.__main__ import main; raise SystemExit(main())"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "least"),
    [
        (["kills", "--only", "run", "--every", "5"], 8),
        (["interruptions", "--only", "run", "--count", "4"], 4),
        (["disk", "--only", "recover"], 9),
        (["damage", "--only", "run", "--count", "15"], 12),
    ],
)
def test_no_fault_leaves_half_a_result(words: list[str], least: int, ready: Ready) -> None:
    done = ready.run(["-c", PROGRAM, *words], ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    tried = re.match(r"(\d+) tried", done.stdout.splitlines()[-1])
    assert tried is not None
    assert int(tried[1]) >= least
