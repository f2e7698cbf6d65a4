"""The commands export and import on files of other programs: what they write, what they say, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import esc_sim
from esc_sim.cli import main
from esc_sim.exchange.folder import write_carried
from esc_sim.exchange.foreign import read_foreign
from tests.helpers.runs import SCENARIOS

MODEL = Path(__file__).with_name("anura_model")
NETWORKS = Path(__file__).with_name("stockpyl_networks.json")


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


@pytest.mark.parametrize("form", ["anura", "geojson"])
def test_an_earlier_export_is_replaced_by_force_alone(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(SCENARIOS / "appliances"), "--to", form, "--out", str(tmp_path / "made")]
    assert main(words) == 0
    assert main(words) == 2
    assert "replace it with --force" in capsys.readouterr().err
    made = tmp_path / "made" / "ModelInfo.csv" if form == "anura" else tmp_path / "made"
    before = made.read_text(encoding="utf-8")
    made.write_text("old", encoding="utf-8")
    assert main([*words, "--force"]) == 0
    assert made.read_text(encoding="utf-8") == before
    if form == "anura":
        (tmp_path / "made" / "mine.txt").write_text("mine", encoding="utf-8")
        assert main([*words, "--force"]) == 2


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
    read = read_foreign(MODEL)
    assert read is not None
    write_carried(read, tmp_path / "mine", "anura_model")
    again = esc_sim.load_scenario(tmp_path / "mine")
    assert again == read.scenario
    page = (tmp_path / "mine" / "understood.md").read_text(encoding="utf-8")
    assert "anura_model is read as Anura: 5 nodes, 6 arcs, 3 products, 2 recipes." in page
    assert "- rows of the table workcenters (2)" in page
    assert "- stocks of customers (2): " in page


def test_files_of_other_programs_are_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("openpyxl")
    out = tmp_path / "mine"
    assert main(["import", str(MODEL), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "anura_model is read as Anura: 5 nodes, 6 arcs, 3 products, 2 recipes" in said
    assert "starting policies" not in said
    assert main(["check", str(out)]) == 0
    assert capsys.readouterr().out.endswith("OK\n")


def test_a_network_of_stockpyl_gets_its_starting_policies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(NETWORKS.read_text(encoding="utf-8"))
    for one in content["instances"]:
        for node in one["data"]["_nodes"]:
            node["_inventory_policy"] = None
    (tmp_path / "bare.json").write_text(json.dumps(content), encoding="utf-8")
    words = ["import", str(tmp_path / "bare.json"), "--case", "tree", "--out", str(tmp_path / "tree")]
    assert main(words) == 0
    assert "  starting policies (4): orders and stocks for a fill rate of 95%" in capsys.readouterr().out
    nodes = esc_sim.load_scenario(tmp_path / "tree").nodes
    assert sum(node.order is not None for node in nodes) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([str(MODEL), "--step", "day"], "--step: means nothing for Anura"),
        ([str(NETWORKS)], "name one of its networks: chain"),
        ([str(SCENARIOS / "network_1000"), "--case", "tree"], "--case: means nothing for a workbook"),
    ],
)
def test_what_cannot_be_imported(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", *words, "--out", str(tmp_path / "mine")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_a_map_comes_back_as_members_and_arcs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = [
        esc_sim.Node(id="lyon", role="supplier", latitude=45.76, longitude=4.84),
        esc_sim.Node(id="hamburg", role="shop", latitude=53.55, longitude=9.99),
    ]
    two = esc_sim.Scenario(name="two", nodes=ends, arcs=[esc_sim.Arc(buyer="hamburg", supplier="lyon")])
    two.to_yaml(tmp_path / "two.yaml")
    file = tmp_path / "two.geojson"
    assert main(["export", str(tmp_path / "two.yaml"), "--to", "geojson", "--out", str(file)]) == 0
    assert main(["import", str(file), "--out", str(tmp_path / "again")]) == 0
    assert "arcs without product, price and lead time (1)" in capsys.readouterr().out
    again = esc_sim.load_scenario(tmp_path / "again")
    assert [(one.id, one.role, one.latitude) for one in again.nodes] == [
        ("lyon", "supplier", 45.76),
        ("hamburg", "shop", 53.55),
    ]
    assert [(arc.buyer, arc.supplier) for arc in again.arcs] == [("hamburg", "lyon")]
    assert main(["export", str(tmp_path / "two.yaml"), "--to", "geojson", "--out", str(tmp_path)]) == 2
