"""Counter-based streams: the design's test vectors, NumPy's Philox as reference, Latin hypercubes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.errors import InputError
from esc_sim.sampling import compiled, inverse, streams
from esc_sim.sampling.streams import STRATA, stratified_uniforms, stream_hash, stream_hashes, uniforms
from tests.helpers.chances import word_of

NAME = "demand/retailer_1"
WORDS = st.integers(0, 2**64 - 1)


def test_the_names_hash() -> None:
    assert stream_hash(NAME) == 0x2A06DD020F40029E


@pytest.mark.parametrize("fill", [streams.fill_by_numpy, compiled.fill_uniform])
@pytest.mark.parametrize(("replication", "index", "word"), [(0, 0, 0xE61B1B814B9AD488), (3, 366, 0x222A7BBF251EF838)])
def test_vectors(fill: Any, replication: int, index: int, word: int) -> None:
    assert word_of(7, NAME, replication, index) == word
    drawn = np.empty((1, 1, 1))
    fill(7, stream_hashes([NAME]), np.array([replication], np.uint64), index, drawn)
    assert drawn[0, 0, 0] == ((word >> 12) + 0.5) * 2.0**-52


@given(seed=WORDS, name=st.text(min_size=1, max_size=12), replication=WORDS, first=st.integers(0, 2**40))
def test_words_are_those_of_numpys_philox(seed: int, name: str, replication: int, first: int) -> None:
    hashes = np.array([stream_hash(name), stream_hash("another stream")], np.uint64)
    numbers = np.array([replication, 5], np.uint64)
    drawn, beside = np.empty((2, 6, 2)), np.empty((2, 6, 2))
    streams.fill_by_numpy(seed, hashes, numbers, first, drawn)
    compiled.fill_uniform(seed, hashes, numbers, first, beside)
    np.testing.assert_array_equal(drawn, beside)
    for row in range(6):
        for column, stream in enumerate([name, "another stream"]):
            word = word_of(seed, stream, replication, first + row)
            assert drawn[0, row, column] == ((word >> 12) + 0.5) * 2.0**-52


def test_compiled_normal_quantiles_have_scipys_bits() -> None:
    rng = np.random.default_rng(4)
    uniform = (rng.integers(0, 2**52, 300_000) + 0.5) * 2.0**-52
    tails = 2.0 ** -rng.uniform(1.0, 53.0, 100_000)
    edges = np.array([np.exp(-2.0), 1.0 - np.exp(-2.0), np.exp(-32.0), 0.5, 2.0**-53, 1.0 - 2.0**-53])
    edges = np.concatenate([edges, np.nextafter(edges[:4], 0.0), np.nextafter(edges[:4], 1.0)])
    numbers = np.concatenate([uniform, tails, 1.0 - tails, edges])
    expected = numbers.copy()
    compiled.make_normal(numbers)
    inverse.make_normal_by_scipy(expected)
    assert compiled.agrees() == bool((numbers.view(np.uint64) == expected.view(np.uint64)).all())
    np.testing.assert_allclose(numbers, expected, rtol=4e-16)


def test_uniforms_never_reach_0_or_1() -> None:
    assert ((0 >> 12) + 0.5) * 2.0**-52 > 0.0
    assert (((2**64 - 1) >> 12) + 0.5) * 2.0**-52 < 1.0


@given(first=st.integers(0, 50), count=st.integers(0, 30))
def test_any_block_can_be_drawn_alone(first: int, count: int) -> None:
    hashes = stream_hashes(["a", "b", "c"])
    whole = uniforms(3, hashes, 2, 0, 80)
    np.testing.assert_array_equal(uniforms(3, hashes, 2, first, count), whole[first : first + count])


def test_streams_seeds_and_replications_differ() -> None:
    hashes = stream_hashes(["a", "b"])
    base = uniforms(1, hashes, 0, 0, 1000)
    others = [uniforms(2, hashes, 0, 0, 1000), uniforms(1, hashes, 1, 0, 1000), base[:, ::-1]]
    for other in others:
        assert not (other == base).any()
        assert np.abs(np.corrcoef(other.ravel(), base.ravel())[0, 1]) < 0.1


def test_two_streams_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match=r"random streams 'b' and 'b' collide"):
        stream_hashes(["a", "b", "c", "b"])


@pytest.mark.parametrize("batch", [0, 1, 5])
def test_stratified_draws_form_a_latin_hypercube(batch: int) -> None:
    names = ["disruption/x", "disruption/y"]
    hashes, orders = stream_hashes(names), stream_hashes([f"strata/{n}" for n in names])
    replications = range(batch * STRATA, (batch + 1) * STRATA)
    drawn = np.stack([stratified_uniforms(9, hashes, orders, r, 4, 50) for r in replications])
    strata = np.sort(np.floor(drawn * STRATA).astype(int), axis=0)
    assert (strata == np.arange(STRATA)[:, None, None]).all()
    # The order of the strata is drawn anew for every stream and period.
    first = np.floor(drawn * STRATA)[0]
    assert len(np.unique(first[:, 0])) > STRATA / 2
    assert (first[:, 0] != first[:, 1]).any()


def test_stratified_draws_are_uniform_within_their_strata() -> None:
    hashes, orders = stream_hashes(["a"]), stream_hashes(["strata/a"])
    drawn = np.concatenate([stratified_uniforms(1, hashes, orders, r, 0, 200)[:, 0] for r in range(STRATA)])
    within = np.modf(drawn * STRATA)[0]
    assert 0.0 < drawn.min() < drawn.max() < 1.0
    assert abs(within.mean() - 0.5) < 4 / np.sqrt(12 * len(within))


def test_stratified_blocks_can_be_drawn_alone() -> None:
    hashes, orders = stream_hashes(["a", "b"]), stream_hashes(["strata/a", "strata/b"])
    whole = stratified_uniforms(4, hashes, orders, 19, 0, 40)
    np.testing.assert_array_equal(stratified_uniforms(4, hashes, orders, 19, 7, 12), whole[7:19])
