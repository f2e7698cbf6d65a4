"""The command export: what it writes, what it says, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

import esc_sim
from esc_sim.cli import main
from esc_sim.exchange.folder import write_carried
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


def test_a_folder_with_a_page_of_what_was_carried_over(tmp_path: Path) -> None:
    read = read_foreign(Path(__file__).with_name("anura_model"))
    assert read is not None
    write_carried(read, tmp_path / "mine", "anura_model")
    again = esc_sim.load_scenario(tmp_path / "mine")
    assert again == read.scenario
    page = (tmp_path / "mine" / "understood.md").read_text(encoding="utf-8")
    assert "anura_model is read as Anura: 5 nodes, 8 arcs, 3 products, 2 recipes." in page
    assert "- rows of the table workcenters (2)" in page
    assert "- stocks of customers (2): " in page
