"""Which points a sweep visits, and what its indices say of functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.sweep.designs import points_of
from esc_sim.sweep.indices import saltelli_places, sobol_indices
from esc_sim.sweep.parameters import Parameter, parameter_from, parameter_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=1,2,3", Parameter("a.b", values=(1, 2, 3))),
        ("a=x, y", Parameter("a", values=("x", "y"))),
        ("a=true,false", Parameter("a", values=(True, False))),
        ("a=0.5:2", Parameter("a", low=0.5, high=2)),
        ("a=-3:3:7", Parameter("a", low=-3, high=3, count=7)),
        ("a=1e-3:1e-2:3", Parameter("a", low=0.001, high=0.01, count=3)),
    ],
)
def test_parameters_are_read(text: str, expected: Parameter) -> None:
    assert parameter_of(text) == expected
    path, _, written = text.partition("=")
    assert parameter_from(path, written) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "write PATH=A,B,C"),
        ("=1,2", "write PATH=A,B,C"),
        ("a=", "write PATH=A,B,C"),
        ("a=1", "at least two values"),
        ("a=1,1", "a value is given twice"),
        ("a=1,,2", "'' is not a value"),
        ("a=[1],[2]", "is not a value"),
        ("a=2:1", "bounds crossed: 2 is not below 1"),
        ("a=1:1", "bounds crossed"),
        ("a=0:0", "at least two values"),
        ("a=0:1:1", "number of levels is a whole number from 2"),
        ("a=0:1:2.5", "number of levels is a whole number from 2"),
    ],
)
def test_parameters_that_cannot_vary_are_refused(text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        parameter_of(text)
    assert len(caught.value.problems) == 1


def test_values_from_python() -> None:
    assert parameter_from("a", np.array([1, 2])).values == (1, 2)
    assert type(parameter_from("a", np.linspace(0, 1, 3)).values[1]) is float
    with pytest.raises(InputError, match="numbers, texts or booleans"):
        parameter_from("a", [[1], [2]])


def test_a_grid_has_every_combination_once_and_its_ends() -> None:
    points = points_of([parameter_of("a=0:0.3:4"), parameter_of("b=x,y")], "grid", None, 1)
    assert points == [(a, b) for a in (0.0, 0.1, 0.2, 0.3) for b in ("x", "y")]
    assert [p[0] for p in points_of([parameter_of("a=1:4:4")], "grid", None, 1)] == [1, 2, 3, 4]
    assert [p[0] for p in points_of([parameter_of("a=1:3:9")], "grid", None, 1)] == [1, 2, 3]


def test_a_latin_hypercube_has_one_point_in_each_layer() -> None:
    points = np.array(points_of([parameter_of("a=-1.0:1"), parameter_of("b=0.0:5")], "latin", 20, 3))
    for column, low, high in ((0, -1, 1), (1, 0, 5)):
        layers = np.floor((points[:, column] - low) / (high - low) * 20)
        assert sorted(layers) == list(range(20))
    assert points_of([parameter_of("a=0.0:1")], "latin", 5, 3) != points_of([parameter_of("a=0.0:1")], "latin", 5, 4)


def test_a_sobol_sequence_has_one_point_in_each_layer_and_each_quarter() -> None:
    points = np.array(points_of([parameter_of("a=0.0:1"), parameter_of("b=0.0:1")], "sobol", 64, 3))
    assert sorted(np.floor(points[:, 0] * 64)) == list(range(64))
    quarters = np.floor(points * 8) @ [8, 1]
    assert sorted(quarters) == list(range(64))


def test_whole_ranges_and_lists_take_equal_shares() -> None:
    points = points_of([parameter_of("a=-2:1"), parameter_of("b=x,y")], "sobol", 64, 3)
    for column, values in ((0, [-2, -1, 0, 1]), (1, ["x", "y"])):
        assert [sum(p[column] == v for p in points) for v in values] == [64 // len(values)] * len(values)


@pytest.mark.parametrize(
    ("texts", "design", "count", "expected"),
    [
        ([], "grid", None, "nothing varies"),
        (["a=1,2", "a=3,4"], "grid", None, "the parameter is given twice"),
        (["a=1:2"], "grid", None, "a grid needs values or a number of levels"),
        (["a=1,2"], "grid", 5, "a grid has as many points"),
        (["a=1:2"], "sobol", 100, "sobol needs a power of two, such as 128"),
        (["a=1:2"], "indices", 1, "indices needs a power of two, such as 2"),
        (["a=1:2"], "sobol", 1, "sobol needs a power of two, such as 2"),
        (["a=1:2"], "sobol", 5, "sobol needs a power of two, such as 8"),
        (["a=1:2"], "latin", 0, "a sweep of 0 points is beyond the limit of 1,000,000"),
        (["a=1:2"], "latin", 1_000_001, "a sweep of 1,000,001 points is beyond the limit"),
        # Of the base 2^18 two parameters make 2^20 points, one makes 786,432.
        (["a=1:2", "b=1:2"], "indices", 2**18, "a sweep of 1,048,576 points is beyond the limit"),
        (["a=1:2"], "spiral", 4, "there is no 'spiral'"),
        (["a=0.0:1:1001", "b=0.0:1:1001"], "grid", None, "a sweep of 1,002,001 points is beyond the limit"),
    ],
)
def test_designs_that_cannot_be_are_refused(texts: list[str], design: str, count: int | None, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        points_of([parameter_of(text) for text in texts], design, count, 1)


def test_numbers_of_points() -> None:
    a, b = parameter_of("a=0.0:1"), parameter_of("b=0.0:1")
    assert [len(points_of([a, b], design, None, 1)) for design in ("latin", "sobol", "indices")] == [64, 64, 256]
    assert len(points_of([a], "sobol", 2, 1)) == 2
    assert len(points_of([a], "indices", 2, 1)) == 6
    assert len(points_of([a, b], "latin", 1, 1)) == 1
    assert len(points_of([a], "latin", 1_000_000, 1)) == 1_000_000
    # Without the two more, or divided by them, the limit would come later or never.
    assert len(points_of([a], "indices", 2**17, 1)) == 3 * 2**17


def test_a_sobol_sequence_is_scrambled_by_its_seed() -> None:
    a = parameter_of("a=0.0:1")
    one, two = (points_of([a], "sobol", 8, seed) for seed in (1, 2))
    assert one != two
    assert one == points_of([a], "sobol", 8, 1)
    assert (0.0,) not in one


def test_indices_of_a_function_whose_indices_are_known() -> None:
    """y = a + 2 b + 3 b c on the unit cube.

    Variances of the parts of its decomposition: a 1/12, b (3.5)^2/12, c (1.5)^2/12, b and c together 9/144.
    """
    places = saltelli_places(3, 4096, 5)
    assert places.shape == (4096 * 5, 3)
    a, b, c = places.T
    found = sobol_indices(["a", "b", "c"], a + 2 * b + 3 * b * c, 5)
    parts = np.array([1, 3.5**2, 1.5**2]) / 12
    both = 9 / 144
    total = parts.sum() + both
    np.testing.assert_allclose(found["first"], parts / total, atol=0.02)
    np.testing.assert_allclose(found["total"], (parts + np.array([0, both, both])) / total, atol=0.02)
    assert (found["first_half_width"] < 0.1).all()


def test_a_figure_that_does_not_vary_has_no_indices() -> None:
    found = sobol_indices(["a"], np.full(12, 3.0), 1)
    assert found.drop(columns="parameter").isna().all(axis=None)
