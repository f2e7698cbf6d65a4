"""Output that cannot be printed: nothing is lost by it, and the exit status says so."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from esc_sim.results.reading import read_run
from tests.helpers.command import ENVIRONMENT, ESC_SIM
from tests.helpers.runs import SCENARIOS

RUN = ["run", str(SCENARIOS / "quickstart"), "--set", "run.periods=20", "--replications", "2", "--engine", "agents"]


def test_results_are_saved_before_the_reader_of_the_output_goes(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ESC_SIM, *RUN, "--out", str(tmp_path / "out")], env=ENVIRONMENT, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
    assert read_run(tmp_path / "out").replications == 2


def test_results_are_saved_where_the_output_is_full(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*ESC_SIM, *RUN, "--out", str(tmp_path / "out")], env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr == b"error: the output: cannot be written: No space left on device\n"
    assert read_run(tmp_path / "out").replications == 2


def test_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    done = subprocess.run([*ESC_SIM, *RUN], env={**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b" +- " in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize("unbuffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_output_that_is_cut_off_ends_with_an_error(tmp_path: Path, unbuffered: dict[str, str]) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    with (tmp_path / "f").open("wb") as stream:
        done = subprocess.run(
            [*ESC_SIM, "schema"], env=ENVIRONMENT | unbuffered, stdout=stream, stderr=subprocess.PIPE,
            preexec_fn=small_files,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b"error: the output: cannot be written: File too large\n"
