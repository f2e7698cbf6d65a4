"""SIGTERM and SIGHUP end a command as Ctrl-C does; saving is finished first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main, progress
from esc_sim.cli.signals import Signals
from esc_sim.compile import _FINISHING
from esc_sim.findings import plots
from esc_sim.results.reading import read_run
from esc_sim.results.run import RunResult
from esc_sim.scenario import reader
from tests.helpers.command import ENVIRONMENT
from tests.helpers.runs import SCENARIOS

RUN = ["run", str(SCENARIOS / "quickstart"), "--set", "run.periods=10", "--replications", "40", "--engine", "agents",
       "--workers", "1"]  # fmt: skip


@pytest.fixture(autouse=True)
def as_in_a_shell() -> Iterator[None]:
    """Signals do what they do by default, also where the tests were started with nohup or in the background."""
    mine: dict[int, Any] = {
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
        signal.SIGINT: signal.default_int_handler,
    }
    before = {number: signal.signal(number, handler) for number, handler in mine.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_finished_replications_are_kept(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = getattr(signal, name)

    @contextmanager
    def signalling(what: str) -> Iterator[Callable[[int, int], None]]:
        def show(done: int, total: int) -> None:
            os.kill(os.getpid(), number)

        yield show

    monkeypatch.setattr(progress, "progress_bar", signalling)
    out = tmp_path / "out"
    assert main([*RUN, "--out", str(out)]) == 128 + number
    finished = read_run(out).replications
    assert 0 < finished < 40
    assert f"interrupted: {finished} of 40 replications finished; the same command with --resume goes on" in (
        capsys.readouterr().err
    )
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("last", [False, True])
def test_a_signal_breaks_off_drawing_and_leaves_all_tables(
    last: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while the first figure is written, and after the last."""
    save, out, drawn = plots.save_figure, tmp_path / "out", []
    wanted = ["network_map", "cost_histogram"]

    def signalling(figure: Any, path: Path) -> Path:
        drawn.append(path.stem)
        if len(drawn) == (len(wanted) if last else 1):
            os.kill(os.getpid(), signal.SIGINT)
        return save(figure, path)

    figures = RunResult.figures_by_name
    monkeypatch.setattr(RunResult, "figures_by_name", lambda run: {name: figures(run)[name] for name in wanted})
    monkeypatch.setattr(plots, "save_figure", signalling)
    assert main([*RUN, "--out", str(out)]) == 130
    said = f"{out} holds all tables, but not the figures {wanted[1]}; `esc-sim plot {out}` draws them"
    assert capsys.readouterr().err == f"interrupted: {f'{out} is complete' if last else said}\n"
    assert read_run(out).replications == 40
    assert sorted(path.stem for path in out.glob("*.png")) == sorted(drawn)
    assert main(["plot", str(out)]) == 0
    assert sorted(path.stem for path in out.glob("*.png")) == sorted(wanted)


def test_signals_wait_until_all_is_saved() -> None:
    signals, steps = Signals(), []

    def save() -> None:
        with signals.listening(), signals.held():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("saved")

    with pytest.raises(KeyboardInterrupt):
        save()
    assert steps == ["saved"]
    assert (signals.status(130), signals.status(0)) == (143, 0)


def test_ctrl_c_waits_until_all_is_saved_and_a_second_one_does_not() -> None:
    signals, steps = Signals(), []

    def save(times: int) -> None:
        with signals.listening(), signals.held():
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
            steps.append("saved")

    for times in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            save(times)
    assert steps == ["saved"]


_COMPILING = """
import sys, time
from esc_sim import compile
from esc_sim.cli import main
from esc_sim.crews.local import in_threads
from esc_sim.scenario import reader

def slow(task):
    with compile.compiling("it"):
        time.sleep(30.0)

compile._LOADED_AFTER = 0.01
reader.read_scenario = lambda *arguments, **options: list(in_threads(slow, range(2), 2))
sys.exit(main(["check", "."]))
"""
"""A command whose threads compile for half a minute."""


def test_ctrl_c_while_compiling_says_that_this_is_finished_and_a_second_one_ends_it() -> None:
    command = [sys.executable, "-c", _COMPILING]
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "compiling it: once on this machine, about half a minute\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.readline()
        while said.startswith("compiling"):  # the other thread
            said = process.stderr.readline()
        assert said == f"{_FINISHING}\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read().splitlines()[-1] == "esc-sim: interrupted"


class _Swallows:
    """Python itself catches what this raises, as compiled code may."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


IMPORTING = """
import os, runpy, signal, sys

def press(event, about):
    if event == "import" and about[0] == pressed:
        os.kill(os.getpid(), signal.SIGINT)

pressed = sys.argv[1]
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.addaudithook(press)
sys.argv = ["esc-sim", "check", "scenarios/quickstart"]
runpy.run_module("esc_sim", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["esc_sim.cli.entry", "typer", "esc_sim.cli.signals", "pydantic"])
def test_ctrl_c_while_the_command_is_imported(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTING, module], env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "esc-sim: interrupted\n")


def test_nothing_is_imported_before_ctrl_c_is_seen_to() -> None:
    code = "import sys; before = set(sys.modules); import esc_sim.cli; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout == "__future__ esc_sim esc_sim.cli\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_that_other_code_swallows_is_raised_again(name: str) -> None:
    number = getattr(signal, name)
    signals = Signals()
    with signals.listening():
        _Swallows(number)
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait()  # for ever, unless the signal wakes it
        assert signals.received == number


def test_a_signal_of_which_other_code_makes_another_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrapped(*arguments: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            raise TypeError("of compiled code") from None

    monkeypatch.setattr(reader, "read_scenario", wrapped)
    assert main(["check", str(tmp_path)]) == 143
    assert capsys.readouterr().err == "esc-sim: interrupted\n"


def test_a_second_signal_does_not_break_off_what_the_first_set_going() -> None:
    signals, steps = Signals(), []
    with signals.listening():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        steps.append("still here")
    assert steps == ["still here"]


def test_signals_that_are_ignored_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals().listening():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_commands_run_in_other_threads() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(main(["--version"])))
    thread.start()
    thread.join()
    assert found == [0]
