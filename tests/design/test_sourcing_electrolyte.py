"""The shipped electrolyte instance: figures, selections, patterns; and tables that cannot be used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingInstance,
    SourcingOptions,
    assess,
    design_by_benders,
    design_demand,
    design_sourcing,
    nominal_demand,
    price_of_robustness,
    read_tables,
    recheck,
    violation_share,
    with_rates,
)
from esc_sim.design.uncertainty import SvcSet, read_samples
from esc_sim.errors import EscSimError, InputError
from esc_sim.lp import InfeasibleError

FOLDER = Path(__file__).parents[2] / "scenarios" / "electrolyte"
LIMITS = SourcingOptions(budget=49e6, epsilon=0.3)
RELATIVE = 1e-4  # 0.01 %


@pytest.fixture(scope="module")
def instance() -> SourcingInstance:
    return read_tables(FOLDER, max_recovery_time=0.8).instance


@pytest.fixture(scope="module")
def past(instance: SourcingInstance) -> np.ndarray:
    return read_samples(FOLDER / "demand_history.csv", instance.buyers)[0]


@pytest.fixture(scope="module")
def marginal(past: np.ndarray) -> DesignDemand:
    return design_demand("ddro-marginal", past, 0.05)


@pytest.fixture(scope="module")
def joint(past: np.ndarray) -> DesignDemand:
    return design_demand("ddro-joint", past, 0.05)


def test_tables(instance: SourcingInstance, past: np.ndarray) -> None:
    assert (len(instance.primaries), len(instance.backups), len(instance.buyers)) == (6, 3, 16)
    assert past.shape == (1000, 16)
    failed = instance.disrupted @ (1 << np.arange(6))
    assert failed.tolist() == list(range(64))  # bit k of a scenario's number says which primary fails
    assert instance.primary_price[0, 0] == pytest.approx(9320.084058 + 1.168579494 * 1489)
    assert instance.backup_price[2, 15] == pytest.approx(7724.474632 + 1.168579494 * 1041)


def test_deterministic(instance: SourcingInstance, past: np.ndarray) -> None:
    design = design_sourcing(instance, nominal_demand(np.full(16, 1500.0)), LIMITS)
    assert design.objective == pytest.approx(475.585e6, rel=RELATIVE)
    assert set(design.plan.level(instance).values()) == {"L3"}
    assert set(design.plan.level(instance)) == {"M1", "M2", "M6"}
    assert design.plan.reserved(instance) == ("B2",)
    mean = design_sourcing(instance, design_demand("deterministic", past), LIMITS)
    assert mean.objective == pytest.approx(475.728e6, rel=RELATIVE)
    assert violation_share(mean.plan, past) == pytest.approx(0.5, abs=0.01)


def test_marginal_reading(instance: SourcingInstance, past: np.ndarray, marginal: DesignDemand) -> None:
    design = design_sourcing(instance, marginal, LIMITS)
    assert design.objective == pytest.approx(542.418e6, rel=RELATIVE)
    assert set(design.plan.level(instance)) == {"M1", "M2", "M5", "M6"}
    assert design.plan.reserved(instance) == ("B2",)
    assert price_of_robustness(design.objective, 475.585e6) == pytest.approx(0.141, abs=5e-4)
    assert violation_share(design.plan, past) == pytest.approx(0.025, abs=1e-3)


def test_joint_reading(instance: SourcingInstance, past: np.ndarray, joint: DesignDemand) -> None:
    assert isinstance(joint.uncertainty, SvcSet)
    assert joint.uncertainty.alpha.size == 62
    assert joint.worst.mean() == pytest.approx(2221.0, abs=0.5)
    design = design_sourcing(instance, joint, LIMITS)
    assert design.objective == pytest.approx(743.342e6, rel=RELATIVE)
    assert set(design.plan.level(instance)) == set(instance.primaries)
    assert violation_share(design.plan, past) == 0.0


def test_order_of_robustness(instance: SourcingInstance, past: np.ndarray) -> None:
    budgeted = design_demand("bro", past, 0.05)
    assert budgeted.worst.mean() == pytest.approx(2295.0, rel=2e-3)
    costs = [
        design_sourcing(instance, design_demand(kind, past, 0.05), LIMITS).objective
        for kind in ("deterministic", "ddro-marginal", "ddro-joint", "bro")
    ]
    assert costs == sorted(costs)


@pytest.mark.parametrize("theta", [0.02, 0.08, 0.14])
def test_cost_falls_with_theta(instance: SourcingInstance, past: np.ndarray, theta: float) -> None:
    for kind in ("ddro-marginal", "ddro-joint"):
        tight = design_sourcing(instance, design_demand(kind, past, theta), LIMITS).objective
        loose = design_sourcing(instance, design_demand(kind, past, theta + 0.06), LIMITS).objective
        assert loose <= tight


def test_sole_sourcing(instance: SourcingInstance, marginal: DesignDemand, joint: DesignDemand) -> None:
    for demand, cost in ((marginal, 586.924e6), (joint, 774.617e6)):
        with pytest.raises(InfeasibleError) as caught:
            design_sourcing(instance, demand, SourcingOptions(budget=49e6, epsilon=0.3, sole_sourcing=True))
        assert {b.block for b in caught.value.binding} == {"demand", "budget", "risk"}
        assert "probability of exceeding the budget" in str(caught.value)
        free = design_sourcing(instance, demand, SourcingOptions(sole_sourcing=True))
        assert free.objective == pytest.approx(cost, rel=RELATIVE)
        assert free.plan.level(instance) == {"M6": "L3"}
        assert free.plan.reserved(instance) == ()


def test_no_recovery_leaves_no_robust_plan(
    instance: SourcingInstance, marginal: DesignDemand, joint: DesignDemand
) -> None:
    for demand, rate in ((marginal, 0.0), (joint, 0.0), (joint, 0.2)):
        for warning in (0.0, 0.1, 0.2):
            with pytest.raises(InfeasibleError) as caught:
                design_sourcing(with_rates(instance, rate, warning), demand, LIMITS)
            assert caught.value.binding
    certain = nominal_demand(np.full(16, 1500.0))
    assert design_sourcing(with_rates(instance, 0.0, 0.0), certain, LIMITS).objective > 475.585e6
    costs = np.array(
        [
            [design_sourcing(with_rates(instance, v, h), marginal, LIMITS).objective for h in (0.0, 0.1, 0.2)]
            for v in (0.2, 0.45)
        ]
    )
    assert (np.diff(costs, axis=0) < 0.0).all()
    assert (np.diff(costs, axis=1) < 0.0).all()


def test_the_budget_drives_diversification(instance: SourcingInstance, marginal: DesignDemand) -> None:
    free = design_sourcing(instance, marginal, SourcingOptions())
    tight = design_sourcing(instance, marginal, SourcingOptions(budget=9e6, epsilon=0.3))
    base = design_sourcing(instance, marginal, LIMITS)
    counts = [int(d.plan.signed.sum()) for d in (free, base, tight)]
    assert counts == [3, 4, 5]


@pytest.mark.parametrize("failing", [0.05, 0.3, 0.7])
def test_the_design_does_not_rest_on_the_chances_of_scenarios(
    instance: SourcingInstance, marginal: DesignDemand, failing: float
) -> None:
    """They are not printed; with failures that are independent of one another the same primaries are signed."""
    down = np.asarray(instance.disrupted).sum(axis=1)
    chances = failing**down * (1.0 - failing) ** (len(instance.primaries) - down)
    usual, other = (
        design_sourcing(one, marginal, LIMITS) for one in (instance, replace(instance, probability=chances))
    )
    assert other.objective == pytest.approx(usual.objective, rel=1e-9)
    assert other.plan.level(instance) == usual.plan.level(instance)


def test_promises_are_kept(instance: SourcingInstance, marginal: DesignDemand) -> None:
    design = design_sourcing(instance, marginal, LIMITS)
    assert assess(instance, design.plan, [49e6]).epf[49e6] <= 0.3
    assert recheck(instance, marginal, LIMITS, design.plan, design.objective) == []
    assert sum(design.plan.cost_pieces(instance).values()) == pytest.approx(design.objective, rel=1e-9)


def test_benders_and_scenario_form(instance: SourcingInstance, marginal: DesignDemand) -> None:
    whole = design_sourcing(instance, marginal, LIMITS)
    scenario = design_sourcing(instance, marginal, LIMITS, form="scenario")
    assert scenario.objective == pytest.approx(whole.objective, rel=1e-6)
    cuts, _ = design_by_benders(instance, marginal, LIMITS, partition="paper", gap=1e-5)
    assert cuts.objective == pytest.approx(whole.objective, rel=1e-5)


def test_no_plan_in_time(instance: SourcingInstance, marginal: DesignDemand) -> None:
    with pytest.raises(EscSimError, match="no plan found in time"):
        design_sourcing(instance, marginal, LIMITS, form="scenario", time_limit=0.0)


def test_budget_below_what_any_plan_costs(instance: SourcingInstance, joint: DesignDemand) -> None:
    with pytest.raises(InfeasibleError) as caught:
        design_sourcing(instance, joint, SourcingOptions(budget=1e6, epsilon=0.3))
    budget = next(b for b in caught.value.binding if b.block == "budget")
    assert budget.value == pytest.approx(1e6)
    again = SourcingOptions(budget=budget.needed * (1.0 + 1e-6), epsilon=0.3)
    assert design_sourcing(instance, joint, again).objective > 743.342e6


def edited(file: str, change: Callable[[str], str]) -> Callable[[Path], Path]:
    def apply(folder: Path) -> Path:
        shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
        path = folder / file
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        return folder

    return apply


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "disruption_scenarios.csv",
            "\n0,0.015625,",
            "\n0,0.5,",
            r"disruption_scenarios.csv: probability: the column sums to 1.484375; it must sum to 1",
        ),
        ("disruption_scenarios.csv", "\n0,0.015625,", "\n0,,", r"disruption_scenarios.csv:2: probability: the cell is"),
        ("disruption_scenarios.csv", "\n1,0.015625", "\n0,0.015625", r":3: scenario: '0' stands in line 2 already"),
        ("disruption_scenarios.csv", "residual_M6", "residual_M7", r"the column 'residual_M6' is missing"),
        ("primary_suppliers.csv", "6171.738895651283", "-1", r"primary_suppliers.csv:2: capacity: -1 is out of range"),
        ("primary_suppliers.csv", "effort_cost_L3", "effort_cost_L4", r"the column 'effort_cost_L3' is missing"),
        ("effort_levels.csv", "0.45,0.2", "0.45,1", r"effort_levels.csv:4: warning_h: 1 is out of range"),
        ("distances_km.csv", "M2,", "M9,", r"distances_km.csv: no row for M2; every supplier needs one"),
        ("purchase_prices.csv", "backup,", "spare,", r"purchase_prices.csv: kind: the rows must be"),
    ],
)
def test_bad_tables(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = edited(file, lambda text: text.replace(old, new, 1))(tmp_path)
    with pytest.raises(InputError, match=message):
        read_tables(folder, max_recovery_time=0.8)


def test_bad_switch_in_a_scenario(tmp_path: Path) -> None:
    folder = edited("disruption_scenarios.csv", lambda text: text.replace(",1,0,0,0,0,0,", ",0.5,0,0,0,0,0,", 1))(
        tmp_path
    )
    with pytest.raises(InputError, match=r":3: disrupted_M1: 0.5 is neither 0 \(up\) nor 1"):
        read_tables(folder, max_recovery_time=0.8)


def test_prices_may_be_given_directly(tmp_path: Path, instance: SourcingInstance) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    rows = [",".join(("source", *instance.buyers))]
    for name, prices in zip(
        (*instance.primaries, *instance.backups), [*instance.primary_price, *instance.backup_price], strict=True
    ):
        rows.append(",".join([name, *(repr(float(p)) for p in prices)]))
    (tmp_path / "prices.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for gone in ("distances_km.csv", "purchase_prices.csv"):
        (tmp_path / gone).unlink()
    assert np.array_equal(read_tables(tmp_path, max_recovery_time=0.8).instance.primary_price, instance.primary_price)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epsilon": 1.5}, "epsilon is 1.5"),
        ({"epsilon": 0.3}, "give the budget too"),
        ({"budget": -1.0}, "budget is -1"),
        ({"confidence": 1.0}, "confidence is 1"),
        ({"objective": "mean"}, "objective is 'mean'"),
    ],
)
def test_bad_options(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SourcingOptions(**arguments)  # type: ignore[arg-type]


def test_bad_demand_and_levels(instance: SourcingInstance, past: np.ndarray) -> None:
    with pytest.raises(InputError, match="unknown kind of demand 'svc'"):
        design_demand("svc", past)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the instance has 16 buyers"):
        design_sourcing(instance, nominal_demand(np.ones(3)))
    with pytest.raises(InputError, match="not negative"):
        nominal_demand([-1.0])
    with pytest.raises(InputError, match="effort level 'L9' is unknown"):
        design_sourcing(instance, nominal_demand(np.ones(16)), SourcingOptions(levels=("L9",)))
    with pytest.raises(InputError, match="max_recovery_time must be a number of at least 0"):
        read_tables(FOLDER, max_recovery_time=-1.0)
    with pytest.raises(InputError, match=r"spot_price must not be negative\n.*sum to 0.5; they must sum to 1"):
        replace(instance, spot_price=-instance.spot_price, probability=instance.probability / 2.0)
    with pytest.raises(InputError, match=r"capacity has shape \(3,\) where \(6,\) is needed"):
        replace(instance, capacity=instance.capacity[:3])


def test_backup_prices_may_move_with_the_scenario(tmp_path: Path, instance: SourcingInstance) -> None:
    factors = iter(["backup_price_factor", *(f"{1.0 + 0.001 * k:.3f}" for k in range(64))])

    def add_column(text: str) -> str:
        return "\n".join(f"{line},{next(factors)}" for line in text.splitlines()) + "\n"

    moved = read_tables(edited("disruption_scenarios.csv", add_column)(tmp_path), max_recovery_time=0.8).instance
    assert moved.backup_price.shape == (64, 3, 16)
    assert moved.backup_price[63] == pytest.approx(1.063 * instance.backup_price)


def test_a_recovery_may_take_no_time(instance: SourcingInstance) -> None:
    assert replace(instance, max_recovery_time=0.0).max_recovery_time == 0.0


@pytest.mark.parametrize(
    ("method", "reading", "cost", "gap"),
    [
        ("whole", "marginal", 542_418_377, 1e-6),
        ("benders-paper", "marginal", 542_418_377, 1e-4),
        ("benders", "marginal", 542_418_377, 1e-6),
        ("whole", "joint", 743_342_381, 1e-6),
        ("benders-paper", "joint", 743_342_381, 1e-4),
        ("benders", "joint", 743_342_381, 1e-6),
    ],
)
def test_each_method_through_the_command(method: str, reading: str, cost: float, gap: float, tmp_path: Path) -> None:
    asked = ["--reading", reading, "--gap", str(gap), "--set", f"design.sourcing.method={method}"]
    assert main(["design", str(FOLDER), "--out", str(tmp_path / "out"), *asked]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert cost * (1 - 1e-6) <= summary["cost"] <= cost * (1 + gap)
