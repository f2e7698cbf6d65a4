"""Output that cannot be printed: nothing is lost by it, and the exit status says so."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from esc_sim.cli.output import note, prepared_output, say
from esc_sim.cli.progress import search_progress
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


def test_streams_that_know_only_ascii_are_written_to_in_plain_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with prepared_output():
        say("3 \N{PLUS-MINUS SIGN} 1 \N{GREEK SMALL LETTER ALPHA}")
        note("\N{MINUS SIGN}2")
    for stream, written in ((out, "3 +- 1 \\u03b1\n"), (err, "-2\n")):
        stream.seek(0)
        assert stream.read() == written


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize("terminal", [False, True])
def test_a_search_without_a_terminal_tells_each_tenth_of_its_way(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    with search_progress("generations", "hypervolume") as show:
        for done in range(1, 41):
            show(done, 40, 0.5)
    told = re.findall(r"generation (\d+) of 40: hypervolume 0.5\n", screen.getvalue())
    assert told == ([] if terminal else [str(done) for done in range(4, 41, 4)])
