"""The house stands on floors (docs/architecture.md): whatever a package imports lies on a lower one."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "esc_sim"
NAME_OF_A_MODULE = re.compile(r"esc_sim(\.\w+)+(:\w+)?")


def floors() -> list[str]:
    """The packages as docs/architecture.md lists them, the top floor first."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| Floor |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([\w/.]+)`", row.split("|")[1])]


def room_of(module: str) -> str:
    """The listed package or module that holds a module ("esc_sim.design.retail.read"): the longest that fits."""
    path = module.split(".")[1:]
    listed = set(floors())
    for length in range(len(path), 0, -1):
        name = "/".join(path[:length])
        if name in listed:
            return name
    raise AssertionError(f"{module} stands on no floor: give it a row in docs/architecture.md")


def arrows(source: str) -> Iterator[str]:
    """Modules of esc_sim that a source imports: at the top, in functions, for types only, or by name in a string."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("esc_sim."))
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("esc_sim"):
            for alias in node.names:
                if (node.module, alias.name) != ("esc_sim", "__version__"):
                    yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Constant) and NAME_OF_A_MODULE.fullmatch(str(node.value)):
            yield str(node.value).partition(":")[0]


def upward(module: str, source: str) -> list[str]:
    """What of the imports of a module does not point down."""
    order, here = floors(), room_of(module)
    found = []
    for target in arrows(source):
        there = room_of(target)
        if there != here and order.index(there) <= order.index(here):
            found.append(f"{module} ({here}) imports {target} ({there})")
    return found


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(LIBRARY.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts != ("esc_sim", "__init__"):
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def test_every_arrow_points_down() -> None:
    found = [text for module, path in modules() for text in upward(module, path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_every_floor_is_there_and_listed_once() -> None:
    listed = floors()
    assert len(listed) == len(set(listed)) > 20
    for name in listed:
        assert (LIBRARY / name).is_dir() or (LIBRARY / f"{name}.py").is_file(), name
    here = {path.stem if path.is_file() else path.name for path in LIBRARY.iterdir() if path.name != "__pycache__"}
    assert {name.split("/")[0] for name in listed} == here - {"__init__", "py"}


@pytest.mark.parametrize(
    "line",
    [
        "from esc_sim.engine.agents import model",
        "import esc_sim.simulation",
        "def f():\n    from esc_sim.views.style import save",
        "if TYPE_CHECKING:\n    from esc_sim.plans.plan import Plan",
        "WHERE = 'esc_sim.optimize.search:optimize'",
    ],
)
def test_an_arrow_that_points_up_is_seen(line: str) -> None:
    assert upward("esc_sim.results.summary", line)
    assert not upward("esc_sim.cli.entry", line)


def test_the_picture_of_the_house_shows_every_floor() -> None:
    house = runpy.run_path(str(ROOT / "docs" / "house.py"))
    assert house["PICTURE"].read_text(encoding="utf-8") == house["picture"](), "run: python docs/house.py"
    assert [name for _, _, names in house["storeys"]() for name in names] == floors()
