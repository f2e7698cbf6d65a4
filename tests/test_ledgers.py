"""Verdicts of the ledgers: the same few words in all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "experiments"
LEDGERS = [ROOT / "README.md", *sorted(ROOT.glob("*/LEDGER.md"))]
WORDS = (
    "matches", "pattern holds", "differs", "not reproducible", "ours", "holds in part", "holds", "not shown", "fails",
    "kept", "broken",
)  # fmt: skip


def verdicts(text: str) -> list[str]:
    """Cells of the columns that are headed "verdict", of all tables of a page."""
    found: list[str] = []
    column: int | None = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")] if line.startswith("|") else []
        if not cells:
            column = None
        elif "verdict" in cells:
            column = cells.index("verdict")
        elif column is not None and not line.startswith("|-"):
            found.append(cells[column])
    return found


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_verdict_begins_with_a_word_of_the_list(ledger: Path) -> None:
    found = verdicts(ledger.read_text(encoding="utf-8"))
    assert found
    assert [verdict for verdict in found if not verdict.startswith(WORDS)] == []


def test_the_list_is_the_one_that_the_ledger_explains() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [word for word in WORDS if f"**{word}**" not in text] == []


def test_what_was_calibrated_or_selected_says_so() -> None:
    """Rows whose figure was in a score: costs and selections of sourcing, levels, stock and price of robustness."""
    rows = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    scored = (
        "6.2 deterministic", "6.2, Fig. 3", "6.2 price of robustness", "6.3, Fig. 6", "PDR, Box-Ball, I1", "PDR, I1",
        "Table 4, stock of DC 3", "Table 5, stores by level", "Table 6, DC levels", "Fig. 8, compromise",
        "Reduction of CVaR 95 % by the compromise", "Fig. 6, resilience without recovery",
        "Table 1, nodes restored",
    )  # fmt: skip
    for name in scored:
        mine = [row for row in rows if row.startswith(f"| {name}")]
        assert mine
        assert [row for row in mine if "by selection" not in row and "by calibration" not in row] == []


def test_verdicts_are_read_from_tables() -> None:
    page = "| a | verdict |\n|---|---|\n| 1 | matches |\n| 2 | so so |\n\n| b | c |\n|---|---|\n| 3 | 4 |\n"
    assert verdicts(page) == ["matches", "so so"]
