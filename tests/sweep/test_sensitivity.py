"""Which parameters matter: elementary effects and PAWN of functions that are known, words, files, refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.sweep.designs import points_of
from esc_sim.sweep.morris import elementary_effects, steps_of
from esc_sim.sweep.parameters import Parameter, parameter_of
from esc_sim.sweep.pawn import pawn_indices, slices_of
from tests.helpers.runs import SCENARIOS

PATHS = ["a", "b", "c"]
SWEEP = ["sweep", str(SCENARIOS / "stock_levels"), "--replications", "2", "--set", "run.periods=60", "--seed", "3",
         "--vary", "nodes.shop.order.order_up_to=30.0:90", "--vary", "nodes.shop.demand.mean=15.0:25",
         "--vary", "nodes.depot.order.order_up_to=80:82", "--kpi", "fill_rate"]  # fmt: skip


def ishigami(points: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990), of angles from -pi to pi."""
    a, b, c = points.T
    return np.asarray(np.sin(a) + 7.0 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))


def angles() -> list[Parameter]:
    return [Parameter(path, low=-np.pi, high=np.pi) for path in PATHS]


def test_effects_of_a_linear_function_are_its_slopes_over_the_ranges() -> None:
    pytest.importorskip("SALib")
    parameters = [parameter_of("a=0.0:10"), parameter_of("b=3:9"), parameter_of("c=x,y,z")]
    points = points_of(parameters, "morris", 8, 1)
    assert len(points) == 8 * 4
    values = np.array([2.0 * a - 5.0 * b + {"x": 0.0, "y": 0.0, "z": 0.0}[c] for a, b, c in points])
    found = elementary_effects(PATHS, steps_of(parameters, points), values, 1).set_index("parameter")
    np.testing.assert_allclose(found["mu"], [20.0, -30.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found["mu_star"], [20.0, 30.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(found[["sigma", "sigma_half_width", "mu_star_half_width"]], 0.0, atol=1e-12)


def test_values_with_labels_are_steps_by_their_values() -> None:
    pytest.importorskip("SALib")
    parameters = [parameter_of("a=low: 40, mid: 60, high: 90"), parameter_of("b=0.0:1")]
    points = points_of(parameters, "morris", 8, 1)
    found = elementary_effects(["a", "b"], steps_of(parameters, points), np.array([3.0 * b for _, b in points]), 1)
    np.testing.assert_allclose(found["mu_star"], [0.0, 3.0], atol=1e-12)


def test_another_word_is_one_step_however_far_it_stands_in_the_list() -> None:
    pytest.importorskip("SALib")
    parameters = [parameter_of("a=x,y,z"), parameter_of("b=0.0:1")]
    points = points_of(parameters, "morris", 16, 1)
    values = np.array([{"x": 0.0, "y": 4.0, "z": 4.0}[a] for a, _ in points])
    found = elementary_effects(["a", "b"], steps_of(parameters, points), values, 1)
    assert found["mu_star"][0] in {4.0 * share / 16 for share in range(17)}


def test_effects_of_the_ishigami_function_are_those_that_salib_gives() -> None:
    pytest.importorskip("SALib")
    from SALib.analyze import morris

    points = points_of(angles(), "morris", 30, 4)
    assert len(points) == 30 * 4
    values = ishigami(np.array(points))
    found = elementary_effects(PATHS, steps_of(angles(), points), values, 4)
    problem = {"num_vars": 3, "names": PATHS, "bounds": [[0.0, 1.0]] * 3}
    theirs = morris.analyze(problem, (np.array(points) + np.pi) / (2.0 * np.pi), values, num_resamples=2000, seed=1)
    for mine, name in (("mu", "mu"), ("mu_star", "mu_star"), ("sigma", "sigma")):
        np.testing.assert_allclose(found[mine], np.asarray(theirs[name], float), rtol=1e-12)
    np.testing.assert_allclose(
        found["mu_star_half_width"], np.asarray(theirs["mu_star_conf"], float), rtol=0.2, atol=0.1
    )
    assert (found["sigma_half_width"] > 0.0).any()


def test_pawn_is_that_of_salib_where_slices_are_alike() -> None:
    """512 points in 8 slices of 64; SALib leaves out the last point, which moves a distance by at most 1/64."""
    pytest.importorskip("SALib")
    from SALib.analyze import pawn

    points = np.array(points_of(angles(), "sobol", 128, 2))
    values = ishigami(points)
    slices = [slices_of(one, pd.Series(points[:, k])) for k, one in enumerate(angles())]
    assert [np.bincount(one).tolist() for one in slices] == [[16] * 8] * 3
    found = pawn_indices(PATHS, slices, values, 2)
    theirs = pawn.analyze({"num_vars": 3, "names": PATHS, "bounds": [[-np.pi, np.pi]] * 3}, points, values, S=8)
    np.testing.assert_allclose(found["median"], theirs["median"], atol=1.0 / 64)
    np.testing.assert_allclose(found["maximum"], theirs["maximum"], atol=1.0 / 16)


def test_pawn_tells_what_matters_from_noise() -> None:
    points = np.array(points_of([*angles(), Parameter("d", low=0.0, high=1.0)], "sobol", 2048, 2))
    values = ishigami(points[:, :3])
    slices = [slices_of(one, pd.Series(points[:, k])) for k, one in enumerate([*angles(), angles()[0]])]
    found = pawn_indices([*PATHS, "d"], slices, values, 2).set_index("parameter")
    assert (found["median"] > found["noise"]).tolist() == [True, True, True, False]
    assert found["median"].idxmax() == "b"  # Pianosi and Wagener (2015) rank them so
    assert (found["maximum"] >= found["median"]).all()
    assert found["noise"].between(0.01, 0.1).all()


def test_values_that_are_few_are_slices_of_their_own() -> None:
    """Half of the points have 0, half 1: each half lies 1/2 from the whole."""
    values = pd.Series(["low", "high"] * 20)
    slices = slices_of(parameter_of("a=low,high"), values)
    assert np.bincount(slices).tolist() == [20, 20]
    found = pawn_indices(["a"], [slices], (values == "high").to_numpy(np.float64), 1)
    assert found[["median", "maximum"]].to_numpy().tolist() == [[0.5, 0.5]]
    assert 0.0 < found["noise"][0] < 0.5
    assert pawn_indices(["a"], [slices], np.full(40, 2.0), 1).drop(columns="parameter").isna().all(axis=None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--design", "sobol", "--points", "16", "--pawn"], "--pawn: 16 points are too few; give 32 or more"),
        (["--design", "morris", "--pawn"], "--pawn: the points of --design morris do not fill the space"),
        (["--design", "morris", "--points", "1"], "--points: morris needs at least 2 trajectories"),
    ],
)
def test_sweeps_that_cannot_tell_are_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("SALib")
    assert main([*SWEEP, *words]) == 2
    assert said in capsys.readouterr().err


def test_a_sweep_says_writes_and_draws_elementary_effects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("SALib")
    out = tmp_path / "out"
    assert main([*SWEEP, "--design", "morris", "--points", "6", "--out", str(out)]) == 0
    assert "Elementary effects" in capsys.readouterr().out
    again = esc.load_result(out)
    table = again.tables_by_name()["morris"].loc["fill_rate"]
    assert table["mu_star"].idxmax() == "nodes.shop.order.order_up_to"
    assert table.loc["nodes.shop.demand.mean", "mu"] < 0.0 < table.loc["nodes.shop.order.order_up_to", "mu"]
    axis = again.plot.morris().axes[0]
    assert axis.get_title(loc="left") == "Fill rate"
    assert "Elementary effects" in again.report(tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_sweep_says_writes_and_draws_pawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([*SWEEP, "--design", "latin", "--points", "48", "--pawn", "--out", str(out)]) == 0
    assert "PAWN" in capsys.readouterr().out
    again = esc.load_result(out)
    table = again.tables_by_name()["pawn"].loc["fill_rate"]
    assert table["median"].idxmax() == "nodes.shop.order.order_up_to"
    assert table.loc["nodes.shop.order.order_up_to", "median"] > table.loc["nodes.shop.order.order_up_to", "noise"]
    bars = again.plot.pawn().axes[0].patches
    assert sorted(bar.get_width() for bar in bars) == sorted(table["median"])
    with pytest.raises(InputError, match="it is drawn of a sweep with --design morris"):
        again.plot.morris()
