"""Claims over fresh instances: shares by hand, committed tables as they follow, instances drawn as the laws say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.evidence import __main__ as command
from experiments.evidence import retail, sourcing
from experiments.evidence.claims import Claim, Measured, below, falls, ledger_row, read, summary, verdict

STUDIES = {"sourcing": sourcing, "retail": retail}


def test_shares_and_figures_by_hand() -> None:
    """Exact interval of no success in 50: 1 - 0.025^(1/50) at the top."""
    claims = [
        Claim("never", "yes", lambda _: False, (), "cost"),
        Claim("a below b", "", below("a", "b"), ("b",)),
        Claim("says nothing", "", lambda _: True, ("none",)),
    ]
    instances: list[Measured] = [{"cost": k, "a": 1.0, "b": 2.0 if k < 20 else "", "none": ""} for k in range(50)]
    never, less, nothing = summary(claims, instances)
    assert (never["holds"], never["share"], never["low"]) == (0, 0.0, 0.0)
    assert never["high"] == pytest.approx(1 - 0.025 ** (1 / 50), rel=1e-6)
    assert (never["median"], never["least"], never["most"]) == (24.5, 0.0, 49.0)
    assert (less["instances"], less["holds"], less["high"]) == (20, 20, 1.0)
    assert less["low"] == pytest.approx(0.025 ** (1 / 20), rel=1e-6)
    assert (never["verdict"], less["verdict"], nothing["verdict"]) == ("fails", "holds", "")
    assert (nothing["instances"], nothing["share"]) == (0, "")
    few = summary(claims, instances[:3])  # 0 of 3 is 0 to 71 %, 3 of 3 is 29 to 100 %: either may be chance
    assert [row["holds"] for row in few[:2]] == [0, 3]
    assert [row["verdict"] for row in few] == ["not shown", "not shown", ""]
    assert [verdict(low, high) for low, high in ((0.5, 0.79), (0.8, 1.0), (0.4, 0.9), (0.1, 0.49))] == [
        "holds in part", "holds", "not shown", "fails",
    ]  # fmt: skip
    assert falls({"a": 3.0, "b": 2.0, "c": 1.0}, "a", "b", "c")
    assert not falls({"a": 3.0, "b": 3.0}, "a", "b")


@pytest.mark.parametrize("name", STUDIES)
def test_committed_shares_follow_from_committed_instances(name: str) -> None:
    instances: list[Measured] = list(read(f"{name}_instances"))
    assert [int(float(found["instance"])) for found in instances] == list(range(50))
    stored = read(name)
    for row, again in zip(stored, summary(STUDIES[name].claims(), instances), strict=True):
        assert (row["claim"], row["verdict"]) == (again["claim"], again["verdict"])
        for column in ("instances", "holds", "share", "low", "high", "median", "least", "most"):
            assert (row[column] == "") == (again[column] == "")
            if row[column]:
                assert float(row[column]) == pytest.approx(float(str(again[column])), rel=1e-5)


@pytest.mark.parametrize("name", STUDIES)
def test_the_ledger_has_the_committed_rows_and_no_others(name: str) -> None:
    ledger = (Path(sourcing.__file__).parents[1] / "README.md").read_text(encoding="utf-8").splitlines()
    assert [row for row in ledger if f"| `V {name}` |" in row] == [ledger_row(row, name) for row in read(name)]


def test_the_command_measures_what_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs to the gap that is asked for; selections as they are."""
    monkeypatch.setattr(sys, "argv", ["evidence", "--quick", "--instances", "1", "--tables", str(tmp_path)])
    command.main()
    for name in STUDIES:
        (found,), stored = read(f"{name}_instances", tmp_path), read(f"{name}_instances")[0]
        costs = [key for key in found if key.startswith("cost ")]
        assert len(costs) >= 3
        for key in costs:
            assert float(found[key]) == pytest.approx(float(stored[key]), rel=2e-4)
        for key in (key for key in found if key.startswith(("primaries", "sole primary", "DCs at 2"))):
            assert found[key] == stored[key]
        assert len(read(name, tmp_path)) == len(STUDIES[name].claims())


def test_instances_keep_to_the_laws_and_differ() -> None:
    (one, past), (other, _) = sourcing.drawn(1), sourcing.drawn(2)
    assert past.shape == (1400, 16)
    assert np.abs(past.mean() - 1500.0) < 5.0
    assert ((one.capacity >= 5000) & (one.capacity <= 7000)).all()
    assert ((one.residual >= 0.5) & (one.residual <= 0.8)).all()
    assert not np.intersect1d(one.fixed_cost, other.fixed_cost).size
    city, elsewhere = retail.drawn(1), retail.drawn(2)
    assert (len(city.stores), len(city.dcs), len(city.areas)) == (32, 3, 6)
    assert not np.intersect1d(city.stores.x, elsewhere.stores.x).size
    np.testing.assert_allclose(city.demand.sum(axis=0), elsewhere.demand.sum(axis=0), rtol=1e-12)
