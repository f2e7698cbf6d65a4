"""What each command may import: imports are most of the time that a short command takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command import ENVIRONMENT

HEAVY = {
    *("matplotlib", "PIL", "pandas", "pyarrow", "networkx", "mesa", "simpy", "numba", "llvmlite", "sklearn", "pymoo"),
    *("highspy", "gymnasium", "solara", "numpy", "pydantic", "yaml", "rich", "multiprocessing"),
    *(
        "scipy.special",
        "scipy.linalg",
        "scipy.optimize",
        "scipy.sparse",
        "scipy.stats",
        "numpy.f2py",
        "numba.np.linalg",
    ),
}
"""Packages, and parts of packages, that take more than a hundredth of a second each."""
READING = {"numpy", "pydantic", "yaml"}
RUNNING = READING | {"rich", "multiprocessing"}
FIGURES = {"matplotlib", "PIL", "pyarrow"}
NONE: set[str] = set()
QUICKSTART = "scenarios/quickstart"
COMMANDS = {
    "--version": NONE,
    "--help": NONE,
    "run --help": {"pydantic"},
    "schema": READING,
    f"check {QUICKSTART}": READING,
    f"run {QUICKSTART} --engine compiled": RUNNING | {"numba", "llvmlite"},
    f"run {QUICKSTART} --engine compiled --out {{out}}": RUNNING | {"numba", "llvmlite"} | FIGURES,
    f"run {QUICKSTART} --engine agents --replications 1 --workers 1": HEAVY
    - {"numba", "matplotlib", "PIL", "pymoo", "highspy"},
}
LOADED = "import sys; from esc_sim.cli import main; main(sys.argv[1:]); print('LOADED', *sys.modules)"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """What has to be compiled is: compiling imports more."""
    words = ["run", QUICKSTART, "--engine", "compiled", "--replications", "1"]
    subprocess.run([sys.executable, "-m", "esc_sim", *words], env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_imports_what_it_needs(words: str, tmp_path: Path) -> None:
    allowed = COMMANDS[words]
    command = [word.format(out=tmp_path / "out") for word in words.split()]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *command], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert (loaded & HEAVY) - allowed == set()


FIRST_LINE = """
import sys
from esc_sim.cli import main

class Screen:
    encoding = "utf-8"
    def write(self, text):
        if "Fill rate" in text:
            sys.stderr.write(f"table {'matplotlib' in sys.modules} ")
    def flush(self):
        pass

sys.stdout = Screen()
main(sys.argv[1:])
sys.stderr.write(f"end {'matplotlib' in sys.modules}")
"""


def test_the_table_is_on_the_screen_before_figures_are_thought_of(tmp_path: Path) -> None:
    words = ["run", QUICKSTART, "--engine", "compiled", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", FIRST_LINE, *words], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stderr == "table False end True"


def test_results_are_saved_whatever_becomes_of_the_screen(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["run", QUICKSTART, "--engine", "compiled", "--out", str(out)]
    with subprocess.Popen(
        [sys.executable, "-m", "esc_sim", *words], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141
    assert {"summary.json", "manifest.json", "network_map.png"} <= {path.name for path in out.iterdir()}


def test_special_functions_are_those_of_scipy() -> None:
    code = """
import sys
from esc_sim import special
assert "scipy.special" not in sys.modules
import scipy.special, scipy.stats
print(*[getattr(special, n) is getattr(scipy.special, n) for n in ("ndtri", "gammaincinv", "betainc", "stdtrit")])
print(scipy.stats.norm.ppf(0.5))
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4 + ["0.0"]
