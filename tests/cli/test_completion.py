"""Shells complete commands, options and paths with the script that `esc-sim completion` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.stress.stressors import WHAT
from esc_sim.stress.tasks import KNOWLEDGE
from tests.helpers.runs import SCENARIOS

ROOT = SCENARIOS.parent
# What bash does when Tab is pressed at the end of a line, and what it would offer.
TAB = """
source "$1"
for line in "${@:2}"; do
    read -ra COMP_WORDS <<< "$line"
    [[ "$line" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    $(complete -p esc-sim | sed 's/.*-F \\([^ ]*\\).*/\\1/') esc-sim
    echo "${COMPREPLY[@]}"
done
"""


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The command on the path, and beside it the scripts of all shells."""
    command = tmp_path / "esc-sim"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m esc_sim "$@"\n')
    command.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        (tmp_path / f"script.{shell}").write_text(capsys.readouterr().out)
    return tmp_path


def answers(folder: Path, words: list[str]) -> list[str]:
    path = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=os.environ | path, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_bash_completes_commands_options_choices_scenarios_and_results(script: Path) -> None:
    result = script / "folder" / "mine"
    result.mkdir(parents=True)
    (result / "manifest.json").write_text("{}")
    lines = {
        "esc-sim re": "recover report",
        "esc-sim run scenarios/quickstart --repl": "--replications",
        "esc-sim recover x --strategy me": "memetic",
        "esc-sim stress x --what ": " ".join(WHAT),
        "esc-sim stress x --stops ": " ".join(ACTIVITIES),
        "esc-sim stress x --knowledge ": " ".join(KNOWLEDGE).replace("at once", "at\\ once"),
        "esc-sim plot x --format p": "png pdf",
        "esc-sim check scen": "scenarios/",
        "esc-sim run scenarios/qu": "scenarios/quickstart",
        f"esc-sim plot {script}/fo": f"{script}/folder/",
        f"esc-sim report {script}/folder/": str(result),
    }
    assert answers(script, ["bash", "-c", TAB, "bash", str(script / "script.bash"), *lines]) == list(lines.values())


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_a_scenario(script: Path) -> None:
    code = f'source "{script}/script.fish"; complete -C"esc-sim run scenarios/qu"'
    assert answers(script, ["fish", "--no-config", "-c", code]) == ["scenarios/quickstart"]


def test_zsh_script_names_the_command_and_asks_it(script: Path) -> None:
    text = (script / "script.zsh").read_text()
    assert text.startswith("#compdef esc-sim\n")
    assert "_ESC_SIM_COMPLETE=complete_zsh esc-sim" in text


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err
