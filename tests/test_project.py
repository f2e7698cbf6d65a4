"""House rules that no linter checks: light imports, an anonymous and complete lock, links that lead somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import esc_sim
from esc_sim.errors import EscSimError, InputError

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-demo.lock"]
HEAVY = ["mesa", "pandas", "numba", "pymoo", "matplotlib"]
MADE = {"__pycache__", "_build", "_generated", ".ipynb_checkpoints"}


def project_files() -> Iterator[Path]:
    """Every text file that belongs to the project, whether or not this is a git clone."""
    folders = ["esc_sim", "scenarios", "experiments", "notebooks", "tests", "docs", ".ci"]
    candidates = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    candidates += [path for path in ROOT.iterdir() if path.suffix or path.name in {"Makefile", "LICENSE"}]
    for path in sorted(candidates):
        if path.is_file() and not MADE & set(path.relative_to(ROOT).parts) and b"\0" not in path.read_bytes()[:4096]:
            yield path


def locked(lock: str) -> list[tuple[Requirement, list[str]]]:
    """The pinned requirements of a lock file, each with its hashes."""
    entries = []
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, *hashes = line.split("--hash=")
            entries.append((Requirement(requirement.strip()), [digest.strip() for digest in hashes]))
    return entries


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def modules_loaded_by(code: str) -> set[str]:
    """Top-level names in sys.modules after a fresh interpreter ran the code."""
    script = f"{code}\nimport sys\nprint('LOADED', *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.smoke
def test_the_package_loads_nothing_heavy() -> None:
    loaded = modules_loaded_by("import esc_sim")
    assert "esc_sim" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.smoke
@pytest.mark.parametrize("arguments", [[], ["--help"]], ids=["import", "help"])
def test_the_command_line_loads_nothing_heavy(arguments: list[str]) -> None:
    code = "import esc_sim.cli"
    if arguments:
        code += (
            f"\nimport sys\nsys.argv = ['esc-sim', *{arguments!r}]"
            "\ntry: esc_sim.cli.main()\nexcept SystemExit as end: assert not end.code, end.code"
        )
    loaded = modules_loaded_by(code)
    assert "esc_sim" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_a_run_that_writes_nothing_loads_no_package_that_it_does_not_use(engine: str) -> None:
    words = ["run", "scenarios/quickstart", "--replications", "1", "--set", "run.periods=5", "--engine", engine]
    loaded = modules_loaded_by(f"from esc_sim.cli import main\nassert main({words!r}) == 0")
    unused = {"matplotlib", "pymoo", "highspy", "sklearn", "SALib", "solara"}
    if engine == "compiled":  # mesa brings its own
        unused |= {"mesa", "simpy", "pandas", "pyarrow", "networkx"}
    assert "scipy" in loaded
    assert sorted(loaded & unused) == []


def test_a_run_that_writes_its_tables_does_so_without_pandas(tmp_path: Path) -> None:
    words = ["run", "scenarios/quickstart", "--replications", "1", "--set", "run.periods=5", "--engine", "compiled"]
    words += ["--out", str(tmp_path / "out")]
    loaded = modules_loaded_by(f"from esc_sim.cli import main\nassert main({words!r}) == 0")
    assert {"matplotlib", "pyarrow"} <= loaded
    assert sorted(loaded & {"mesa", "pandas", "pymoo", "networkx"}) == []


@pytest.mark.smoke
def test_an_input_error_keeps_each_problem() -> None:
    error = InputError(["a.yaml:1:1: one", "a.yaml:2:1: two"])
    assert isinstance(error, EscSimError)
    assert error.problems == ["a.yaml:1:1: one", "a.yaml:2:1: two"]
    assert str(error) == "a.yaml:1:1: one\na.yaml:2:1: two"
    assert InputError("alone").problems == ["alone"]


@pytest.mark.smoke
def test_mesa_and_python_are_supported_versions() -> None:
    import mesa

    version = tuple(int(part) for part in mesa.__version__.split(".")[:3])
    assert (3, 3, 1) <= version < (4,)
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)


def test_every_module_says_what_it_is() -> None:
    modules = sorted((ROOT / "esc_sim").rglob("*.py"))
    silent = [
        str(path.relative_to(ROOT))
        for path in modules
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert modules
    assert silent == []


def test_no_module_is_longer_than_400_lines() -> None:
    modules = sorted((ROOT / "esc_sim").rglob("*.py"))
    lengths = {str(path.relative_to(ROOT)): path.read_bytes().count(b"\n") for path in modules}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_file_names_an_index_host_or_a_machine() -> None:
    # Built from pieces, so that this file does not contain what it looks for.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "registry." + "npm"]
    places = [f"(?<![\\w./-])/{name}/" for name in ("wo" + "rk", "ro" + "ot", "opt/wh" + "eels", "opt/py" + "pi")]
    options = ["--" + "index-url", "--" + "extra-index", "--" + "find-links", "file" + ":///"]
    forbidden = re.compile("|".join([re.escape(text) for text in hosts + options] + places))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in project_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_with_hashes(lock: str) -> None:
    entries = locked(lock)
    assert len(entries) > 50
    for requirement, hashes in entries:
        assert [item.operator for item in requirement.specifier] == ["=="], requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


def test_the_demo_lock_is_part_of_the_full_lock() -> None:
    full = {str(requirement) for requirement, _ in locked("requirements.lock")}
    demo_names = {canonical(requirement.name) for requirement, _ in locked("requirements-demo.lock")}
    pinned = {}
    for requirement, _ in locked("requirements.lock"):
        pinned.setdefault(canonical(requirement.name), set()).add(str(requirement.specifier))
    assert full
    for requirement, _ in locked("requirements-demo.lock"):
        assert str(requirement.specifier) in pinned[canonical(requirement.name)], requirement
    assert demo_names.isdisjoint({"sphinx", "ruff", "pypsa", "playwright"})


def test_the_locks_satisfy_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    demo = project["dependencies"] + extras["app"] + extras["excel"] + extras["test"] + extras["build"]
    left_out = {"learning-notebook"}  # brings PyTorch
    everything = project["dependencies"] + [t for name, extra in extras.items() if name not in left_out for t in extra]
    for lock, wanted in (("requirements.lock", everything), ("requirements-demo.lock", demo)):
        versions: dict[str, list[str]] = {}
        for pin, _ in locked(lock):
            versions.setdefault(canonical(pin.name), []).extend(item.version for item in pin.specifier)
        for text in wanted:
            requirement = Requirement(text)
            if requirement.name == project["name"]:
                continue
            found = versions.get(canonical(requirement.name), [])
            assert found, f"{lock} lacks {text}: run make lock"
            assert all(requirement.specifier.contains(version) for version in found), f"{lock}: {text}, has {found}"


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == esc_sim.__version__ == project["version"]
    assert len(citation["references"]) == 5
    assert all(reference["title"] and reference["authors"] for reference in citation["references"])


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if not MADE & set(p.parts))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:|#", target)]
    missing = [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]
    assert missing == []
