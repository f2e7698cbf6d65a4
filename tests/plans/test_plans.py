"""Plans: read back as written, carried out as overrides would be, refused with a place where they do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, PriceDecision
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.plans.kinds import KINDS, plan_class
from esc_sim.plans.plan import Origin, Plan
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.scenario.helpers import folder_of

ROOT = Path(__file__).resolve().parents[2]
OIL_GAS = ROOT / "scenarios" / "oil_gas"

# Line numbers in the tests speak of this text.
PLAN = """\
version: 1
kind: decisions
name: mine
orders:
  - {node: shop, mean: 11.25}
prices:
  - {buyer: shop, supplier: maker, price: 31}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return load_scenario(folder_of(tmp_path / "scenario"))


def plan_file(tmp_path: Path, text: str = PLAN) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def oil_gas_plan(scenario: Scenario) -> DecisionsPlan:
    return DecisionsPlan(
        version=1,
        name="cheap, first",
        structure_hash=instance_of(scenario).network.structure_hash,
        origin=Origin(
            scenario=scenario.name,
            scenario_hash=scenario_hash(scenario),
            command="esc-sim optimize scenarios/oil_gas",
            objectives={"profit": 1e17 / 3, "cvar": 1e-7},
        ),
        orders=[OrderDecision(node="retailer_1", mean=104.1), OrderDecision(node="storage_2", mean=1 / 3)],
        prices=[PriceDecision(buyer="retailer_1", supplier="terminal_3", price=0.1 + 0.2)],
    )


def test_a_plan_reads_back_bit_for_bit(tmp_path: Path) -> None:
    plan = oil_gas_plan(load_scenario(OIL_GAS))
    write_plan(tmp_path / "plan.yaml", plan)
    again = read_plan(tmp_path / "plan.yaml")
    assert again.model_dump() == plan.model_dump()
    assert again.content_hash == plan.content_hash
    assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]


def test_a_plan_does_what_overrides_do() -> None:
    scenario = load_scenario(OIL_GAS)
    plan = oil_gas_plan(scenario)
    overrides = {
        "nodes.retailer_1.order.mean": 104.1,
        "nodes.storage_2.order.mean": 1 / 3,
        "arcs.retailer_1/terminal_3.price": 0.1 + 0.2,
    }
    planned = simulate(OIL_GAS, replications=2, plan=plan)
    overridden = simulate(OIL_GAS, replications=2, overrides=overrides)
    base = simulate(OIL_GAS, replications=2)
    np.testing.assert_array_equal(planned.values, overridden.values)
    assert not np.array_equal(planned.values, base.values)
    assert (planned.plan, planned.plan_hash) == (plan.name, plan.content_hash)
    assert planned.notices == base.notices  # nothing is said of the plan
    assert (base.plan, base.plan_hash) == (None, None)


def test_both_engines_carry_a_plan_out() -> None:
    plan = oil_gas_plan(load_scenario(OIL_GAS))
    runs = [
        simulate(OIL_GAS, replications=1, overrides={"run.periods": 20}, plan=plan, engine=engine)
        for engine in ("compiled", "agents")
    ]
    np.testing.assert_array_equal(runs[0].values, runs[1].values)


def test_a_plan_for_other_values_gives_a_notice(scenario: Scenario, tmp_path: Path) -> None:
    instance = instance_of(scenario)
    plan = DecisionsPlan(
        version=1,
        name="mine",
        structure_hash=instance.network.structure_hash,
        origin=Origin(scenario="test", scenario_hash=scenario_hash(scenario)),
        orders=[OrderDecision(node="shop", mean=12)],
    )
    assert apply_plan(instance, plan, scenario).notices == ()
    other = load_scenario(tmp_path / "scenario", ["disruptions.outage.probability=0.3"])
    (notice,) = apply_plan(instance_of(other), plan, other).notices
    assert "made for scenario 'test' with other values" in notice


def test_a_plan_by_hand_needs_no_hash_but_says_so(scenario: Scenario, tmp_path: Path) -> None:
    result = simulate(scenario, replications=1, plan=plan_file(tmp_path))
    assert result.notices[:1] == ["plan 'mine' does not say for which network it was made: only its names were checked"]


def test_applying_leaves_the_instance_as_it_was(scenario: Scenario, tmp_path: Path) -> None:
    instance = instance_of(scenario)
    before = instance.items.order_loc.copy(), instance.arcs.price.copy()
    changed = apply_plan(instance, read_plan(plan_file(tmp_path)))
    np.testing.assert_array_equal(instance.items.order_loc, before[0])
    np.testing.assert_array_equal(instance.arcs.price, before[1])
    assert changed.items.order_loc[0] == 11.25
    assert changed.lines.price[0] == 31.0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: decisions", "kind: decision", "yaml:2:7: kind: unknown kind 'decision'; did you mean 'decisions'?"),
        ("kind: decisions", "kind: 3", "plan.yaml:2:7: kind: unknown kind 3; kinds: decisions"),
        ("kind: decisions\n", "", "'kind' is missing"),
        ("version: 1", "version: 2", "plan.yaml:1:10: version: must be 1"),
        ("name: mine\n", "", "'name' is missing"),
        ("mean: 11.25", "mean: -1", "plan.yaml:5:24: orders.0.mean: must be at least 0, not -1"),
        ("mean: 11.25", "mean: .inf", "number"),
        ("mean: 11.25", "maen: 1", "unknown key; did you mean 'mean'?"),
        ("mean: 11.25", "mean: !!python/object:os.system 1", "YAML tags are not read"),
        ("name: mine", "name: mine\nname: yours", "stands here twice"),
        (PLAN[PLAN.index("orders") :], "", "decides nothing"),
        (PLAN, "", "not a plan"),
        (PLAN, "- 1\n", "not a plan"),
    ],
)
def test_mistakes_in_a_plan_have_a_message_and_a_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in PLAN
    with pytest.raises(InputError) as caught:
        read_plan(plan_file(tmp_path, PLAN.replace(old, new, 1)))
    assert expected in str(caught.value)
    assert all(problem.startswith("plan.yaml") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("node: shop", "node: shopp", "plan.yaml:5:12: orders.0.node: there is no node 'shopp'"),
        ("node: shop", "node: maker", "orders.0.node: 'maker' has no supplier, so its order reaches nobody"),
        ("node: shop", "node: shop, product: gas", "plan.yaml:5:5: orders.0: node 'shop' has no product 'gas'"),
        (
            "mean: 11.25",
            "parameter: order_up_to, value: 3",
            "orders.0.parameter: 'shop' orders by policy mean, which has no parameter 'order_up_to'; it has mean",
        ),
        ("supplier: maker", "supplier: shop", "plan.yaml:7:5: prices.0: there is no arc from 'shop' to 'shop'"),
        ("prices:", "  - {node: shop, mean: 1}\nprices:", "orders.1: decided twice (first in orders.0)"),
        ("name: mine", "name: mine\nstructure_hash: abc", "plan.yaml:4:17: structure_hash: made for another network"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(
    scenario: Scenario, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in PLAN
    plan = read_plan(plan_file(tmp_path, PLAN.replace(old, new, 1)))
    with pytest.raises(InputError) as caught:
        apply_plan(instance_of(scenario), plan)
    assert [expected in problem for problem in caught.value.problems] == [True]


def test_a_plan_from_python_is_refused_by_its_name(scenario: Scenario) -> None:
    plan = DecisionsPlan(version=1, name="mine", orders=[OrderDecision(node="nobody", mean=1)])
    with pytest.raises(InputError, match=r"^plan 'mine': orders\.0\.node: there is no node 'nobody'$"):
        apply_plan(instance_of(scenario), plan)


def test_a_policy_without_parameters_has_none_to_decide(scenario: Scenario) -> None:
    def as_demanded(demand: float) -> float:
        return demand

    instance = instance_of(scenario, policies={"shop": as_demanded})
    order = OrderDecision(node="shop", parameter="cover", value=3)
    with pytest.raises(InputError) as caught:
        apply_plan(instance, DecisionsPlan(version=1, name="mine", orders=[order]))
    assert str(caught.value).endswith("which has no parameter 'cover'")


def test_every_kind_can_be_loaded() -> None:
    assert all(issubclass(plan_class(kind), Plan) for kind in KINDS)


def test_run_takes_a_plan_and_refuses_one_for_another_network(
    scenario: Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plan(tmp_path / "foreign.yaml", oil_gas_plan(load_scenario(OIL_GAS)))
    folder, out = str(tmp_path / "scenario"), tmp_path / "out"
    words = ["run", folder, "--replications", "1", "--out", str(out)]
    assert main([*words, "--plan", str(tmp_path / "foreign.yaml")]) == 2
    assert "made for another network ('oil_gas')" in capsys.readouterr().err
    assert not out.exists()
    assert main([*words, "--plan", str(plan_file(tmp_path))]) == 0
    manifest = (out / "manifest.json").read_text(encoding="utf-8")
    assert '"plan": "mine"' in manifest
    assert "only its names were checked" in manifest
    assert main([*words[:3], "2", "--resume", *words[4:]]) == 2
    assert "was run with another plan" in capsys.readouterr().err


def test_a_missing_plan_file_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder_of(tmp_path / "scenario")
    assert main(["run", str(tmp_path / "scenario"), "--plan", str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'none.yaml'}: cannot be read: No such file or directory\n"


def test_a_parse_of_odd_numbers_is_exact(tmp_path: Path) -> None:
    values = [5e-324, 1e15, 0.1, 1 / 3, 2.0**-20, 123456789.123456789, 0.0]
    for value in values:
        plan = DecisionsPlan(version=1, name="n", orders=[OrderDecision(node="a", mean=value)])
        write_plan(tmp_path / "p.yaml", plan)
        again = read_plan(tmp_path / "p.yaml")
        assert isinstance(again, DecisionsPlan)
        assert again.orders[0].mean == value
