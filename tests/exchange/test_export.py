"""The command export: what it writes, what it says, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.exchange.foreign import read_foreign
from tests.helpers.runs import SCENARIOS


def test_a_model_and_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model"
    assert main(["export", str(SCENARIOS / "bakery"), "--to", "anura", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "wrote BillsOfMaterials.csv, CustomerDemand.csv" in said
    assert "  takers (4): Anura has no table for them" in said
    assert "  recipes without outputs (2)" in said
    read = read_foreign(out)
    assert read is not None
    assert (read.program, [recipe.id for recipe in read.scenario.recipes]) == (
        "Anura",
        ["milling", "kneading", "baking"],
    )


def test_switches_choose_what_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model"
    words = ["export", str(SCENARIOS / "bakery"), "--set", "variant=linear", "--to", "anura", "--out", str(out)]
    assert main(words) == 0
    assert "takers" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scenario", "form", "message"),
    [
        ("bakery", "anura", "is not empty; name a new one"),
        ("bakery", "excel", "'excel' is not one of"),
        ("no", "anura", "no such"),
    ],
)
def test_what_cannot_be_done_writes_nothing(
    scenario: str, form: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["export", str(SCENARIOS / scenario), "--to", form, "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
