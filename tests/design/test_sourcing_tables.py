"""A buyer's own case from two tables: the network to simulate, its failures, and what must agree."""

from __future__ import annotations

import csv
import json
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.design.sourcing import read_tables
from esc_sim.errors import InputError
from esc_sim.scenario.reader import read_scenario

SUPPLIERS = """\
supplier,kind,price,price_mall,fixed_cost,capacity,reserve_cost,probability,group,residual,effort_cost_lo,effort_cost_hi,recovery_rate_v_hi
alder,primary,20,22,300,180,,0.1,,0.5,0,90,0.25
birch,primary,18,,260,160,,0.2,delta,0.4,0,80,0.25
cedar,primary,17,,200,120,,0.2,delta,0.3,0,60,
depot,backup,27,,,,2,,,,,,
market,spot,40,,,,,,,,,,
"""
SCENARIO = """\
version: 1
name: own
design:
  sourcing:
    max_recovery_time: 0.8
"""


def write_case(folder: Path, *, scenario: str = SCENARIO, suppliers: str = SUPPLIERS) -> Path:
    """A case of two buyers and 60 periods of past demand."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(11)
    past = np.rint(rng.normal([150.0, 90.0], [20.0, 15.0], (60, 2))).astype(int)
    with (folder / "demand_history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["kiosk", "mall"], *past.tolist()])
    (folder / "suppliers.csv").write_text(suppliers)
    (folder / "scenario.yaml").write_text(scenario)
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_case(tmp_path / "own")


def test_without_a_backup_nothing_is_asked_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.split(",") for line in SUPPLIERS.splitlines() if not line.startswith("depot")]
    at = lines[0].index("reserve_cost")
    fewer = "\n".join(",".join([*cells[:at], *cells[at + 1 :]]) for cells in lines) + "\n"
    case = write_case(tmp_path / "none", suppliers=fewer)
    assert main(["design", str(case)]) == 0
    assert "reserved at backups  none" in capsys.readouterr().out
    (case / "suppliers.csv").write_text(fewer.replace("market,spot", "market,backup"))
    assert "the column 'reserve_cost' is missing" in problems_of(case)


def problems_of(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        esc.load_scenario(folder)
    return "\n".join(caught.value.problems)


def test_two_tables_and_three_commands_make_a_checked_plan_and_its_simulated_promise(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, plan, results = (str(tmp_path / name) for name in ("mine", "plan", "results"))
    orders = tmp_path / "orders.csv"
    (case / "demand_history.csv").rename(orders)
    tables = ["--table", str(case / "suppliers.csv"), "--table", f"demand_history.csv={orders}"]
    assert main(["new", mine, "--template", "sourcing", *tables, "--money", "USD"]) == 0
    assert f"esc-sim design {mine} --out {mine}-plan" in capsys.readouterr().out
    assert main(["design", mine, "--out", plan]) == 0
    said = capsys.readouterr().out
    assert "USD" in said
    assert "synthetic" not in said
    words = ["--plan", f"{plan}/plan.yaml", "--engine", "agents", "--replications", "60", "--out", results]
    assert main(["run", mine, *words]) == 0
    summary = json.loads((Path(results) / "summary.json").read_text())
    designed = json.loads((Path(plan) / "summary.json").read_text())
    assert designed["backups"].keys() == {"depot"}
    assert designed["rechecked"].startswith("every constraint")
    promises = summary["promises"]
    assert promises["cost"]["mean"] == pytest.approx(designed["cost"], rel=1e-3)
    assert promises["second_stage"]["mean"] == pytest.approx(designed["second_stage"]["expected"], rel=1e-3)
    assert 0.0 <= promises["violation"]["mean"] < 0.1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "orders.csv", "own", "plan", "results"]


def test_the_network_is_that_of_the_tables(case: Path) -> None:
    read = read_scenario(case)
    scenario = read.scenario
    assert [node.id for node in scenario.nodes] == ["kiosk", "mall", "alder", "birch", "cedar", "depot", "market"]
    assert [file.name for file in read.files] == ["scenario.yaml", "suppliers.csv", "demand_history.csv"]
    prices = {(arc.buyer, arc.supplier): arc.price for arc in scenario.arcs}
    assert (prices["mall", "alder"], prices["kiosk", "alder"], prices["mall", "birch"]) == (22.0, 20.0, 18.0)
    assert prices["kiosk", "market"] == 40.0
    past = np.loadtxt(case / "demand_history.csv", delimiter=",", skiprows=1)
    demand = scenario.nodes[0].demand
    assert demand is not None
    assert (demand.mean, demand.sd) == pytest.approx((past[:, 0].mean(), past[:, 0].std(ddof=1)))
    cases = scenario.joint_disruptions[0].cases
    assert [one.name for one in cases] == ["all up", "alder", "delta", "alder+delta"]
    assert cases[3].health == {"alder": 0.5, "birch": 0.4, "cedar": 0.3}
    changed = esc.load_scenario(case, {"nodes.kiosk.demand.mean": 7})
    assert changed.nodes[0].demand is not None
    assert changed.nodes[0].demand.mean == 7.0


def test_a_change_that_takes_demand_far_from_the_past_is_told(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = "demand_history.csv: kiosk gives"
    assert not any(told in notice for notice in esc.load_scenario(case, {"nodes.kiosk.demand.mean": 155}).notices)
    (notice,) = esc.load_scenario(case, {"nodes.kiosk.demand.mean": 300}).notices
    assert notice.startswith(f"nodes.kiosk.demand.mean: 300, but {told}")
    assert main(["design", str(case), "--set", "nodes.kiosk.demand.mean=300"]) == 0
    assert told in capsys.readouterr().err


def test_small_units_print_significant_digits(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    past = np.loadtxt(case / "demand_history.csv", delimiter=",", skiprows=1) / 1000.0
    np.savetxt(case / "demand_history.csv", past, delimiter=",", header="kiosk,mall", comments="")
    text = (case / "suppliers.csv").read_text()
    for whole in (",180,", ",160,", ",120,"):
        text = text.replace(whole, f",0.{whole.strip(',')},")
    (case / "suppliers.csv").write_text(text)
    assert main(["design", str(case)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "reserved at backups" in line)
    assert re.search(r"depot 0\.\d+ ", line), line


def test_demand_that_swings_widely_does_not_fall_below_zero(case: Path) -> None:
    rows = "kiosk,mall\n" + "".join(f"{10 if k % 4 else 200},90\n" for k in range(60))
    (case / "demand_history.csv").write_text(rows)
    demand = esc.load_scenario(case).nodes[0].demand
    assert demand is not None
    assert isinstance(demand.law, esc.Gamma)
    assert demand.law.mean == pytest.approx(57.5)


def test_cases_are_all_that_probabilities_give(case: Path) -> None:
    found = read_tables(case, max_recovery_time=0.8, buyers=("kiosk", "mall")).instance
    by_hand = {}
    for alder, delta in product((False, True), repeat=2):
        p = (0.1 if alder else 0.9) * (0.2 if delta else 0.8)
        by_hand[alder, delta, delta] = p
    drawn = {tuple(row): p for row, p in zip(found.disrupted.tolist(), found.probability.tolist(), strict=True)}
    assert drawn == pytest.approx(by_hand)
    assert found.recovery_rate.tolist() == [[0.0, 0.25], [0.0, 0.25], [0.0, 0.0]]
    sure = write_case(case, suppliers=SUPPLIERS.replace("0.1,,0.5", "0,,0.5").replace(",0.2,delta", ",1,delta"))
    found = read_tables(sure, max_recovery_time=0.8, buyers=("kiosk", "mall")).instance
    assert found.disrupted.tolist() == [[False, True, True]]
    assert found.probability.tolist() == [1.0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.2,delta,0.3", "0.3,delta,0.3", "suppliers.csv:4: probability: 0.3 is not the 0.2 of birch in line 3"),
        ("probability", "probabilty", "there is no column 'probabilty'; did you mean 'probability'?"),
        ("price_mall", "price_maul", "there is no column 'price_maul'; did you mean 'price_mall'?"),
        ("27,,,,2", ",,,,2", "suppliers.csv:5: price: the cell is empty"),
        ("market,spot", "market,spott", "suppliers.csv:6: kind: 'spott' is no kind of supplier"),
        ("depot,backup", "alder,backup", "suppliers.csv:5: supplier: 'alder' stands in line 2 already"),
        ("depot,backup", "mall,backup", "'mall' is a buyer, too"),
        ("depot,backup", "depot,spot", "suppliers.csv:6: kind: there is one spot market, 'depot' above"),
        (",0.1,,", ",1.5,,", "suppliers.csv:2: probability: 1.5 is out of range; it must be between 0 and 1"),
        ("0.2,delta", "0.2,alder", "group: 'alder' is the name of a supplier"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(case: Path, old: str, new: str, said: str) -> None:
    (case / "suppliers.csv").write_text(SUPPLIERS.replace(old, new))
    found = problems_of(case)
    assert said in found
    assert "no nodes" not in found


def test_bad_tables_make_no_folder(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (case / "suppliers.csv").write_text(SUPPLIERS.replace(",20,", ",cheap,"))
    new = ["new", str(tmp_path / "mine"), "-t", "sourcing"]
    assert main([*new, "--table", str(case / "suppliers.csv"), "--table", str(case / "demand_history.csv")]) == 2
    assert "suppliers.csv:2: price: 'cheap' is not a number" in capsys.readouterr().err
    assert main([*new, "--table", f"prices.csv={case / 'suppliers.csv'}"]) == 2
    assert "has no such table; tables: demand_history.csv, suppliers.csv" in capsys.readouterr().err
    assert main([*new, "--table", "suppliers.csv"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def write_network(folder: Path, *, price: str = "20", extra: str = "") -> None:
    """The network of the case once more, in tables of the scenario."""
    scenario = esc.load_scenario(folder)
    arcs = [
        f"{arc.buyer},{arc.supplier},{price if (arc.buyer, arc.supplier) == ('kiosk', 'alder') else arc.price}"
        for arc in scenario.arcs
    ]
    (folder / "arcs.csv").write_text("\n".join(["buyer,supplier,price", *arcs]) + "\n")
    nodes = [
        f"{node.id},{'' if node.demand is None else node.demand.mean},{'' if node.order is None else 100},"
        f"{'' if node.production is None else node.production.mean}"
        for node in scenario.nodes
    ]
    (folder / "nodes.csv").write_text("\n".join(["id,demand.mean,order.mean,production.mean", *nodes]) + "\n")
    (folder / "scenario.yaml").write_text(SCENARIO + extra)


def test_where_both_exist_they_agree(case: Path) -> None:
    write_network(case)
    assert read_scenario(case).warnings == []
    write_network(case, price="5")
    assert (
        "arcs.csv:2: column 'price': 5, but suppliers.csv:2: price gives 20: the design and its simulation must agree"
        in problems_of(case)
    )


def test_failures_that_are_not_those_of_the_design_are_refused(case: Path) -> None:
    law = [{"name": n, "probability": 0.25} for n in ("all up", "alder", "delta", "alder+delta")]
    write_network(case, extra=f"joint_disruptions: {json.dumps([{'name': 'failures', 'cases': law}])}\n")
    found = problems_of(case)
    assert "probability: 0.25, but suppliers.csv gives 0.72" in found
    assert "health" in found


def test_another_demand_than_the_past_is_told(case: Path) -> None:
    (case / "scenario.yaml").write_text(SCENARIO + "    nominal: {mall: 1500}\n")
    said = read_scenario(case).warnings
    assert len(said) == 1
    assert "design.sourcing.nominal: 1500 for mall, whose past demand has a mean of " in said[0]
    assert "nominal" in esc.load_scenario(case).notices[0]
    design = esc.design(case, options={"model": "deterministic"})
    demands = {row[0]: row for row in design.tables["demand"].rows}
    assert 1500.0 in demands["mall"]
    assert 1500.0 not in demands["kiosk"]
    (case / "scenario.yaml").write_text(SCENARIO + "    nominal: {shop: 1500}\n")
    assert "design.sourcing.nominal.shop: there is no buyer 'shop'; buyers are kiosk, mall" in problems_of(case)


def test_the_tables_of_the_guide_are_enough(case: Path) -> None:
    whole = esc.design(case)
    (case / "suppliers.csv").unlink()
    (case / "primary_suppliers.csv").write_text(
        "supplier,fixed_cost,capacity,probability,group,residual,effort_cost_lo,effort_cost_hi,recovery_rate_v_hi\n"
        "alder,300,180,0.1,,0.5,0,90,\nbirch,260,160,0.2,delta,0.4,0,80,\ncedar,200,120,0.2,delta,0.3,0,60,0\n"
    )
    (case / "backup_suppliers.csv").write_text("supplier,reserve_cost\ndepot,2\n")
    (case / "effort_levels.csv").write_text("level,recovery_rate_v,warning_h\nlo,0,0\nhi,0.25,0\n")
    (case / "prices.csv").write_text(
        "source,kiosk,mall\nalder,20,22\nbirch,18,18\ncedar,17,17\ndepot,27,27\nmarket,40,40\n"
    )
    (case / "scenario.yaml").write_text(SCENARIO + "    spot: market\n")
    apart = esc.design(case)
    assert apart.summary["cost"] == pytest.approx(whole.summary["cost"], rel=1e-9)
    assert apart.plan is not None
    assert [node.id for node in esc.load_scenario(case).nodes][-1] == "market"


def test_the_reference_has_every_column() -> None:
    from esc_sim.design.retail import read as retail
    from esc_sim.design.sourcing import read as sourcing
    from esc_sim.design.sourcing.suppliers import COLUMNS

    page = (Path(__file__).parents[2] / "docs" / "reference" / "design-tables.md").read_text()
    columns = [
        *COLUMNS,
        *(f"{name}LEVEL" for name in sourcing.EFFORTS),
        *retail.PER_NODE,
        *retail.SHARES,
        *retail.PER_KM,
    ]
    assert [column for column in columns if f"`{column}`" not in page] == []
    assert [name for name in (*sourcing.TABLES, *retail.TABLES) if name not in page] == []
