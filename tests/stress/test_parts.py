"""Stress tests broken off by real signals: each part that was finished is kept, and going on gives the same files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.storage.names import checkpoint_beside
from esc_sim.stress.parts import Parts, as_stored
from esc_sim.stress.run import StressTest, stress
from tests.helpers.command import ENVIRONMENT, ESC_SIM, contents
from tests.helpers.runs import SCENARIOS
from tests.stress.line import line

REVERSE: dict[str, Any] = {
    "duration": 6,
    "starts": [40, 60],
    "what": ("nodes",),
    "knowledge": (),
    "reverse": "fill_rate<0.5",
    "weights": {"factory": 1.5},
    "deviations": {"demand": 0.1},
}


def tried(out: Path, **changes: Any) -> StressTest:
    return stress(line(), out=out, **REVERSE | changes)


def ctrl_c_after(parts: int) -> Callable[[int, int], None]:
    def press(done: int, total: int) -> None:
        if done == parts:
            os.kill(os.getpid(), signal.SIGINT)

    return press


def stored(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (checkpoint_beside(out) / "rows.jsonl").read_text().splitlines()]


def results(out: Path) -> dict[str, bytes]:
    return {name: raw for name, raw in contents(out).items() if name.endswith((".csv", "summary.json", "replay.json"))}


@pytest.fixture(autouse=True)
def as_in_a_shell() -> Any:
    """Ctrl-C does what it does by default, also where the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_in_searches_and_in_linear_programs_keeps_what_is_done(tmp_path: Path) -> None:
    told: list[int] = []
    test = tried(tmp_path / "whole", progress=lambda done, total: told.append(total))
    assert test.breaking is not None
    assert test.deviation is not None
    sets, deviations = test.breaking.tried + test.breaking.searched, test.deviation.tried
    total = sets + deviations + len(test.table) + 2
    assert (len(told), told[-1]) == (total, total)
    ends = {"nodes": sets - 1, "steps": sets + deviations - 3, "losses": total - 1}
    for workers, (kind, stop) in enumerate(ends.items(), 1):
        out = tmp_path / kind
        with pytest.raises(KeyboardInterrupt):
            tried(out, progress=ctrl_c_after(stop), workers=workers)
        assert len(stored(out)) == stop
        assert kind in stored(out)[-1]
        with pytest.raises(InputError, match="its reverse differs"):
            tried(out, resume=True, weights={"factory": 1.6})
        with pytest.raises(InputError, match="its reverse differs"):
            tried(out, resume=True, deviations=None)
        told.clear()
        tried(out, progress=lambda done, total: told.append(done), resume=True)
        assert told == list(range(stop + 1, total + 1))
        assert results(out) == results(tmp_path / "whole")
        assert not checkpoint_beside(out).exists()


def test_a_signal_ends_the_command_and_resume_goes_on(tmp_path: Path) -> None:
    words = ["stress", str(SCENARIOS / "quickstart"), "--duration", "10", "--set", "run.periods=80", "--starts", "2"]
    words += ["--replications", "2", "--what", "nodes", "--reverse", "fill_rate<0.2", "--workers", "1"]
    out = tmp_path / "out"
    rows = checkpoint_beside(out) / "rows.jsonl"
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen([*ESC_SIM, *words, "--out", str(out)], env=ENVIRONMENT, stderr=said)
        deadline = time.monotonic() + 300
        while not (rows.exists() and rows.read_bytes().count(b"\n") > 3):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert "interrupted: the same command with --resume goes on" in (tmp_path / "said").read_text()
    assert not out.exists()
    kept = stored(out)
    assert len(kept) > 3
    assert main([*words, "--out", str(out), "--resume"]) == 0
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    assert results(out) == results(tmp_path / "whole")


def test_numbers_are_stored_to_the_bit() -> None:
    for value in (0.1 + 0.2, -0.0, float("inf"), float("-inf")):
        assert float(json.loads(json.dumps(as_stored(value), allow_nan=False))).hex() == value.hex()
    assert as_stored(float("nan")) == "nan"


def test_parts_come_in_their_order_whoever_does_them() -> None:
    for workers in (1, 3):
        rows = Parts(workers).solve(range(20), lambda task: {"n": task * task}, lambda row, task: True)
        assert [row["n"] for row in rows] == [task * task for task in range(20)]
