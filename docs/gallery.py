"""Make the pictures of docs/guides/gallery.md by running the page: ``python docs/gallery.py``.

A block of Python that a picture follows ends with the line that returns the figure; commands are run, too. The pictures
are committed; remake them when figures change, and look at them.
"""

from __future__ import annotations

import ast
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "guides" / "gallery.md"
sys.path.insert(0, str(ROOT))

from esc_sim.cli import main  # noqa: E402

_PART: Final = re.compile(
    r"```python\n(?P<code>.*?)```"
    r"|```console\n\$ esc-sim (?P<command>.*?)```"
    r"|!\[[^\]]*\]\((?P<picture>[^)]+)\)",
    re.DOTALL,
)
_DPI: Final = 110
_COLOURS: Final = 128


def run(code: str, namespace: dict[str, Any]) -> Any:
    """Run a block; the value of its last line."""
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), f"does not end with a figure: {code}"
    exec(compile(tree, str(PAGE), "exec"), namespace)
    return eval(compile(ast.Expression(last.value), str(PAGE), "eval"), namespace)


def save(figure: Any, target: Path) -> None:
    """A picture with few colours, so that the file stays small."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=_DPI, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB")
    picture = picture.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    target.parent.mkdir(exist_ok=True)
    picture.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    shared: dict[str, Any] = {}
    figure = None
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "scenarios", Path(folder) / "scenarios")
        os.chdir(folder)
        for part in _PART.finditer(PAGE.read_text(encoding="utf-8")):
            if part["command"] is not None:
                assert main(shlex.split(part["command"].replace("\\\n", " "))) == 0
            elif part["code"] is not None:
                figure = run(part["code"], shared)
            else:
                save(figure, (PAGE.parent / part["picture"]).resolve())
