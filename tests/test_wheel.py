"""The wheel alone, without the checkout: what `esc-sim new` writes from it can be checked and run."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from esc_sim.scenario.starter import templates

ROOT = Path(__file__).resolve().parent.parent

EVERY_TEMPLATE = """
import esc_sim
from esc_sim.cli import main
from esc_sim.scenario.starter import templates

print(esc_sim.__file__)
for name in templates():
    assert main(["new", f"scenarios/{name}", "--template", name]) == 0, name
    assert main(["check", f"scenarios/{name}"]) == 0, name
    print("CHECKED", name)
assert main(["run", "scenarios/beer_game", "--engine", "agents", "--replications", "1", "--out", "first"]) == 0
"""


@pytest.mark.slow
def test_every_template_comes_with_the_wheel(tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path / "dist"), versions=["standard"]))
    installed, work = tmp_path / "installed", tmp_path / "work"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", EVERY_TEMPLATE],
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == str(installed / "esc_sim" / "__init__.py")
    assert [line.split()[1] for line in lines if line.startswith("CHECKED")] == list(templates())
    assert (work / "first" / "summary.json").is_file()
    assert {path.name for path in installed.iterdir()} == {"esc_sim", *(p.name for p in installed.glob("*.dist-info"))}
    assert not list((installed / "esc_sim" / "cases").rglob("*.py"))
