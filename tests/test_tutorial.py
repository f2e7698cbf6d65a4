"""The tutorial followed literally where it says what comes out, or lets the reader write files."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.scenario.reader import load_scenario

ROOT = Path(__file__).resolve().parent.parent
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def named_blocks() -> dict[str, str]:
    """Blocks that stand under the name of a file, such as `chain/nodes.csv`."""
    return dict(re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL))


def yaml_blocks() -> list[str]:
    """Blocks to be put into my_network/scenario.yaml: an entry of nodes, an entry of arcs."""
    found = re.findall(r"^```yaml\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
    return [block for block in found if block.startswith("  - ")]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_new_shop(here: Path) -> None:
    assert main(["new", "my_network", "--template", "quickstart"]) == 0
    file = here / "my_network" / "scenario.yaml"
    node, arc = yaml_blocks()
    text = file.read_text(encoding="utf-8")
    text = text.replace("\nnodes:\n", f"\nnodes:\n{node}").replace("\narcs:\n", f"\narcs:\n{arc}")
    file.write_text(text, encoding="utf-8")
    assert main(["check", "my_network"]) == 0
    scenario = load_scenario("my_network")
    assert scenario.nodes[0].id == "shop_west"
    assert scenario.arcs[0].buyer == "shop_west"
    assert main(["run", "my_network", "--engine", "agents", "--workers", "1", "--replications", "2"]) == 0


def test_the_chain_from_tables(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = named_blocks()
    assert set(blocks) == {"chain/scenario.yaml", "chain/nodes.csv", "chain/arcs.csv"}
    (here / "chain").mkdir()
    for name, text in blocks.items():
        (here / name).write_text(text, encoding="utf-8")
    assert main(["check", "chain"]) == 0
    assert capsys.readouterr().out.endswith("\nOK\n")
    assert main(["run", "chain", "--engine", "agents", "--workers", "1", "--out", "results/chain"]) == 0
    assert "Fill rate" in capsys.readouterr().out
    assert main(["report", "results/chain"]) == 0
    assert (here / "results" / "chain" / "report.html").exists()


def command(beginning: str) -> list[str]:
    """The words of the first command of the tutorial that begins so."""
    lines = TUTORIAL.replace("\\\n", " ").splitlines()
    return shlex.split(next(line for line in lines if line.startswith(f"$ esc-sim {beginning}")))[2:]


def test_the_outages_of_the_workbook(here: Path) -> None:
    pytest.importorskip("openpyxl")
    rows = [line.strip("| ").split(" | ") for line in TUTORIAL.splitlines() if re.match(r"\| \w+ \| [\d,]+ \|", line)]
    assert rows[0][0] == "duisburg_hub"
    (here / "scenarios").symlink_to(ROOT / "scenarios")
    assert main(command("import ")) == 0
    words = [word for name, *_ in rows for word in ("--only", name)]
    assert main([*command("stress ")[:2], *command("stress ")[4:], *words]) == 0
    with (here / "results" / "outages" / "ranking.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    columns = ("impact", "impact_low", "impact_high", "lost_demand", "time_to_survive", "time_to_recover")
    numbers = [[row["stressor"], *(round(float(row[column]), 1) for column in columns)] for row in found]
    told = [[name, impact, *interval.split(" to "), *rest] for name, impact, interval, *rest in rows]
    for (name, *values), (told_name, *texts) in zip(numbers, told, strict=True):
        assert name == told_name
        assert values == pytest.approx([float(text.replace(",", "")) for text in texts], abs=0.51)
