"""Draw docs/images/house.svg from the table of floors in docs/architecture.md: ``python docs/house.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "docs" / "architecture.md"
PICTURE: Final = ROOT / "docs" / "images" / "house.svg"

STOREYS: Final = {
    "__main__": ("Door", "commands"),
    "comparing": ("Studies", "many runs, or a program; some hand down a plan"),
    "views": ("Pictures", "figures, report, page"),
    "simulation": ("Engines", "an instance and random numbers become results"),
    "plans": ("One run", "scenario, plan and seed as arrays; results"),
    "network": ("The case", "what the user wrote; kinds that packages add to"),
    "circular": ("Mathematics", "numbers in, numbers out"),
    "delimited": ("Ground", "files, names, errors"),
}
"""First floor of each storey, from the top -> its name, and what it is for."""

_WIDTH, _LEFT, _LINE, _PAD, _GAP = 860, 230, 30, 9, 8
_LETTER: Final = 7.6
"""Width of a letter of the names, in a monospaced font."""


def floors() -> list[str]:
    """Names of the floors, the top one first."""
    table = TABLE.read_text(encoding="utf-8").partition("| Floor |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([\w/.]+)`", row.split("|")[1])]


def storeys() -> Iterator[tuple[str, str, list[str]]]:
    """Name, words and floors of each storey.

    Raises:
        ValueError: a storey begins with a floor that there is not.
    """
    names = floors()
    starts = [names.index(first) for first in STOREYS]
    for (title, words), start, stop in zip(STOREYS.values(), starts, [*starts[1:], len(names)], strict=True):
        yield title, words, names[start:stop]


def _rows(names: Sequence[str]) -> list[list[tuple[str, float, float]]]:
    """Names with left edge and width, as many in a row as fit."""
    rows: list[list[tuple[str, float, float]]] = [[]]
    x = float(_LEFT)
    for name in names:
        width = len(name) * _LETTER + 2 * _PAD
        if x + width > _WIDTH - _PAD and rows[-1]:
            rows.append([])
            x = float(_LEFT)
        rows[-1].append((name, x, width))
        x += width + _GAP
    return rows


def picture() -> str:
    """The house as SVG."""
    parts: list[str] = []
    y = 0
    for number, (title, words, names) in enumerate(storeys()):
        rows = _rows(names)
        height = max(len(rows) * (_LINE + _GAP) + _GAP, 60)
        shade = "#f2f5f8" if number % 2 == 0 else "#e3eaf1"
        parts.append(f'<rect x="0" y="{y}" width="{_WIDTH}" height="{height}" fill="{shade}"/>')
        parts.append(f'<text x="12" y="{y + 23}" class="title">{escape(title)}</text>')
        for line, text in enumerate(_wrapped(words, 34)):
            parts.append(f'<text x="12" y="{y + 39 + 13 * line}" class="words">{escape(text)}</text>')
        for row, placed in enumerate(rows):
            top = y + _GAP + row * (_LINE + _GAP)
            for name, x, width in placed:
                box = f'x="{x:.1f}" y="{top}" width="{width:.1f}" height="{_LINE}" rx="4"'
                parts.append(f'<rect {box} class="floor"/>')
                parts.append(f'<text x="{x + width / 2:.1f}" y="{top + 20}" class="name">{escape(name)}</text>')
        y += height
    style = (
        ".title{font:bold 15px sans-serif;fill:#1b3a57}.words{font:11px sans-serif;fill:#44576a}"
        ".floor{fill:#fff;stroke:#5b7d9c}.name{font:12px monospace;fill:#14212e;text-anchor:middle}"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">'
    label = "<title>The packages of esc_sim by storeys: each imports only from those below it</title>"
    return "\n".join([head, label, f"<style>{style}</style>", *parts, "</svg>", ""])


def _wrapped(words: str, most: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
