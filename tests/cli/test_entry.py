"""The command line as a whole: help, usage errors, interruption, closed pipes, light loading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import esc_sim
from esc_sim.cli import main
from esc_sim.cli.entry import ORDER, build_app, error_text
from esc_sim.errors import InputError
from esc_sim.scenario import reader
from tests.scenario.helpers import folder_of

RUN = [sys.executable, "-c", "import sys; from esc_sim.cli import main; sys.exit(main())"]
LIGHT = ["mesa", "pandas", "numba", "pymoo", "matplotlib", "scipy", "networkx", "numpy", "pydantic", "yaml"]
COMMANDS = [command.name or "" for command in build_app().registered_commands]


def test_help_lists_the_commands_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    places = [out.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert set(COMMANDS) <= set(ORDER)
    assert {"new", "check", "schema"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Example" in out
    assert f"esc-sim {command} " in out.split("Example")[1]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"esc-sim {esc_sim.__version__}\n"


@pytest.mark.parametrize("words", [[], ["chekc"], ["check"], ["check", "--nonsense"], ["check", "a", "b"]])
def test_usage_errors_end_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert "Usage: esc-sim" in captured.err
    assert "Traceback" not in captured.err


def test_interruption_ends_with_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "read_scenario", interrupted)
    assert main(["check", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "esc-sim: interrupted\n"


def test_a_bug_keeps_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(reader, "read_scenario", wrong)
    with pytest.raises(ZeroDivisionError):
        main(["check", str(tmp_path)])


def test_closed_pipe_is_quiet() -> None:
    with subprocess.Popen([*RUN, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 141


def test_help_and_import_stay_light() -> None:
    code = "import sys; from esc_sim.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}.isdisjoint(LIGHT)


def test_public_names() -> None:
    assert esc_sim.load_scenario is reader.load_scenario
    assert set(esc_sim.__all__) <= set(dir(esc_sim))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = esc_sim.nothing


def test_one_problem_and_many() -> None:
    assert error_text(InputError("a: b")) == "error: a: b"
    assert error_text(InputError(["a", "b"])) == "2 errors:\na\nb"
    assert error_text(InputError("a\x1b[2J")) == "error: a\\x1b[2J"


def test_check_prints_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path / "chain")
    assert main(["check", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "nodes        2 (1 shop, 1 maker)" in out
    assert out.endswith("\nOK\n")


@pytest.mark.parametrize(
    "words",
    [
        *(
            [command, "x" * 256]
            for command in ("check", "run", "plot", "report", "compare", "design", "optimize", "new")
        ),
        ["recover", "x" * 256, "--budget", "1"],
        ["sweep", "x" * 256, "--vary", "run.periods=1,2"],
        ["run", "x", "--plan", "x" * 256],
        ["report", ".", "--out", "x" * 256],
        ["run", "x", "--out", "x" * 256, "--resume"],
        ["schema", "--out", "x" * 256],
    ],
)
def test_names_that_the_system_refuses_end_with_a_message(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder_of(tmp_path))
    before = sorted(tmp_path.iterdir())
    assert main(words) == 2
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("error: ")
    assert sorted(tmp_path.iterdir()) == before


def test_errors_of_the_system_without_a_file_keep_their_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise OSError(5000, "of nothing that has a name")

    monkeypatch.setattr(reader, "read_scenario", broken)
    with pytest.raises(OSError, match="of nothing"):
        main(["check", str(tmp_path)])


def test_python_can_run_the_package() -> None:
    command = [sys.executable, "-m", "esc_sim", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"esc-sim {esc_sim.__version__}"


def test_help_lines_are_sentences_and_the_list_of_commands_cuts_none(capsys: pytest.CaptureFixture[str]) -> None:
    group = get_command(build_app())
    assert isinstance(group, TyperGroup)
    lines = [f"{part.help}" for command in group.commands.values() for part in command.params if part.name != "help"]
    lines += [f"{command.help}".split("\b")[0].strip() for command in group.commands.values()]
    assert [line for line in lines if not (line[:1].isupper() and line.endswith("."))] == []
    assert main(["--help"]) == 0
    assert "..." not in capsys.readouterr().out.split("Commands:")[1]
