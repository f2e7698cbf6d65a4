"""MSER-5: series whose answer is known, runs that fill an empty pipeline, and what is written of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.writing import write_scenario
from esc_sim.settling import Cut, mser5

HOW: dict[str, Any] = {"replications": 2, "engine": "agents"}


def by_definition(series: np.ndarray) -> int:
    """The least of the statistic over the first half, as White, Cobb and Spratt write it."""
    means = series[: len(series) // 5 * 5].reshape(-1, 5).mean(axis=1)
    n = len(means)
    values = [((means[d:] - means[d:].mean()) ** 2).sum() / (n - d) ** 2 for d in range(n // 2 + 1)]
    return 5 * int(np.argmin(values))


def chain(periods: int, shop: int = 0, **run: Any) -> esc.Scenario:
    """A shop that asks for 10 a day of a factory 20 days away, whose pipeline is empty at first."""
    return esc.Scenario.model_validate(
        {
            "version": 1,
            "name": "chain",
            "run": {"periods": periods, "replications": 2, "seed": 1, **run},
            "rules": {"unmet": "backorder", "unmet_orders": "backorder"},
            "nodes": [
                {"id": "shop", "layer": 1, "initial_stock": shop, "holding_cost": 1,
                 "demand": {"mean": 10, "sd": 2, "price": 5}, "order": {"policy": "base_stock", "order_up_to": 260}},
                {"id": "factory", "layer": 2, "initial_stock": 500, "target_stock": 500, "production": {"mean": 500}},
            ],
            "arcs": [{"buyer": "shop", "supplier": "factory", "price": 2, "lead_time": 20}],
        }
    )  # fmt: skip


def test_a_step_is_cut_where_it_is() -> None:
    series = np.concatenate([np.full(40, 9.0), np.full(160, 2.0)])
    assert mser5(series) == Cut(40, True)
    assert mser5(series + 1e9) == Cut(40, True)
    assert mser5(np.append(series, [50.0, 70.0])) == Cut(40, True), "two periods are no batch"


@pytest.mark.parametrize("seed", range(6))
def test_noise_and_a_decaying_start_give_what_the_definition_gives(seed: int) -> None:
    generator = np.random.default_rng(seed)
    noise = generator.normal(100.0, 5.0, 403)
    filling = noise - 100.0 * np.exp(-np.arange(403) / 20.0)
    for series in (noise, filling):
        assert mser5(series) == Cut(by_definition(series), True)
    assert 40 <= mser5(filling).periods <= 150
    assert mser5(noise).periods < 100


def test_what_never_changes_has_settled_at_once() -> None:
    assert mser5(np.full(100, 0.1)) == Cut(0, True)
    assert mser5(np.zeros(50)) == Cut(0, True)


def test_a_drift_never_settles_and_a_short_series_cannot_say() -> None:
    assert mser5(np.arange(200.0)) == Cut(100, False)
    assert mser5(np.zeros(49)) == Cut(20, False)
    assert mser5(np.zeros(3)) == Cut(0, False)


def test_an_empty_pipeline_fills_before_anything_counts() -> None:
    found = esc.simulate(chain(300), warm_up="auto", **HOW)
    entry = found.summary["warm_up_found"]
    assert 20 <= found.summary["warm_up"] <= 80
    assert found.summary["warm_up"] == max(series["warm_up"] for series in entry["series"].values())
    assert (entry["settled"], entry["replications"], set(entry["series"])) == (True, 16, {"cost", "profit", "stock"})
    assert not any("warm-up" in notice for notice in found.notices)
    assert "warm_up" in dir(found.plot)
    figure = found.plot.warm_up()
    assert [axis.get_title(loc="left").split(" ")[0] for axis in figure.axes] == ["cost", "profit", "stock"]
    lines = [axis.lines[-1].get_xdata()[0] for axis in figure.axes]  # type: ignore[index, union-attr]
    assert lines == [series["warm_up"] for series in entry["series"].values()]


def test_the_run_is_that_with_the_number_given_by_hand() -> None:
    found = esc.simulate(chain(150), warm_up="auto", **HOW)
    number = found.summary["warm_up"]
    for by_hand in (
        esc.simulate(chain(150), warm_up=number, **HOW),
        esc.simulate(chain(150), overrides=[f"run.warm_up={number}"], **HOW),
    ):
        assert {key: value for key, value in found.summary.items() if key != "warm_up_found"} == by_hand.summary
        assert found.values.tobytes() == by_hand.values.tobytes()
        assert found.service is not None
        assert by_hand.service is not None
        assert found.service.tobytes() == by_hand.service.tobytes()
        assert scenario_hash(found.scenario) == scenario_hash(by_hand.scenario)


def test_the_number_depends_on_the_seed_alone() -> None:
    entries = [
        esc.simulate(chain(100), warm_up="auto", engine="agents", **how).summary["warm_up_found"]
        for how in ({"replications": 1}, {"replications": 3}, {"replications": 1, "seed": 2})
    ]
    assert entries[0] == entries[1]
    assert entries[0]["seed"] != entries[2]["seed"]


def test_runs_that_are_too_short_say_so() -> None:
    short = esc.simulate(chain(30), warm_up="auto", **HOW)
    assert short.summary["warm_up"] == 15
    assert any("30 periods are too short to find one" in notice for notice in short.notices)
    draining = esc.simulate(chain(60, shop=5000), warm_up="auto", **HOW)
    assert draining.summary["warm_up"] == 30
    assert any("stock" in notice and "not settled within half of the run" in notice for notice in draining.notices)


def test_bad_values_are_refused() -> None:
    with pytest.raises(InputError, match="warm_up: 'soon' is neither a number of periods nor 'auto'"):
        esc.simulate(chain(30), warm_up="soon")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="warm_up 30 leaves nothing of 30 periods"):
        esc.simulate(chain(30), warm_up=30)
    with pytest.raises(InputError, match="batches are more than the 15 periods that the warm-up leaves"):
        esc.simulate(chain(30, batches=20), warm_up="auto")


def test_the_command_prints_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_scenario(chain(100), tmp_path / "chain")
    words = ["run", str(tmp_path / "chain"), "--engine", "agents"]
    assert main([*words, "--warm-up", "auto", "--out", str(tmp_path / "found")]) == 0
    printed = capsys.readouterr().out
    summary = json.loads((tmp_path / "found" / "summary.json").read_text(encoding="utf-8"))
    number = summary["warm_up"]
    assert f"Warm-up: {number} periods left out, found by MSER-5 in 16 replications" in printed
    assert (tmp_path / "found" / "warm_up.png").exists()
    assert main([*words, "--warm-up", str(number), "--out", str(tmp_path / "given")]) == 0
    given = json.loads((tmp_path / "given" / "summary.json").read_text(encoding="utf-8"))
    assert given == {key: value for key, value in summary.items() if key != "warm_up_found"}
    files = [(tmp_path / name / "periods.parquet").read_bytes() for name in ("found", "given")]
    assert files[0] == files[1]
    assert main([*words, "--warm-up", "auto", "--resume", "--out", str(tmp_path / "found")]) == 2
    assert "--warm-up auto: leave out --resume" in capsys.readouterr().err
    assert main([*words, "--warm-up", "some"]) == 2
    assert "'some' is neither a number of periods nor 'auto'" in capsys.readouterr().err


def test_the_precision_reached_stands_in_the_summary() -> None:
    found = esc.simulate(chain(60, shop=260), replications=64, engine="agents", precision=0.5)
    entry = found.summary["precision"]
    assert entry["asked"] == 0.5
    assert entry["reached"] <= 0.5
    assert entry["replications"] == found.replications < 64
