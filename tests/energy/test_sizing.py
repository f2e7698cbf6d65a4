"""Sizes of microgrids: against a search by hand over sizes, each dispatched by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from esc_sim.energy import Battery, Bus, Chp, Day, Dispatcher, Line, Microgrid
from esc_sim.energy.sizing import Choice, Sizes, TypicalDay, annuity, size, sizes_of

HOUR = np.arange(24)
LIGHT = np.maximum(0.0, np.sin((HOUR - 6) / 12 * np.pi))
GRID = Microgrid(
    buses=(Bus("farm", import_max=2.0, export_max=1.0, pv_peak=1.0), Bus("plant", import_max=1.0)),
    lines=(Line("farm", "plant", limit=0.5, wheel=2.0, loss=0.02),),
    chps=(Chp("plant", p_max=0.3, eta=0.35, var_cost=5.0, gas_max=8.0),),
    batteries=(Battery("farm", e_max=1.0, p_ch=0.5, p_dis=0.5, eta_ch=0.95, eta_dis=0.95, wear=1.0, e0=0.5),),
    voll=3000.0,
)
CHOICES = {
    "solar": Choice(60_000.0, 3.0),
    "batteries": Choice(9_000.0, 4.0),
    "engines": Choice(50_000.0, 2.0),
    "lines": Choice(8_000.0, 2.0),
}


def day_of(grid: Microgrid, cloud: float = 1.0) -> Day:
    return Day.of(
        grid,
        price_import=130.0 + 60.0 * np.sin((HOUR - 8) / 6 * np.pi),
        price_export=np.full(24, 30.0),
        load=[np.full(24, 0.4), np.full(24, 1.3)],
        pv=np.array([[bus.pv_peak] for bus in grid.buses]) * LIGHT * cloud,
        gas_in=0.4,
    )


def days_of(grid: Microgrid) -> list[TypicalDay]:
    """Bright days, dull days, and one without the grid at the plant."""
    bright, dull = day_of(grid), day_of(grid, 0.3)
    dark = dull.grid_out(grid, "plant", range(6, 18))
    light = ((LIGHT, 200.0), (0.3 * LIGHT, 164.0), (0.3 * LIGHT, 1.0))
    return [TypicalDay(day, sun, weight) for day, (sun, weight) in zip((bright, dull, dark), light, strict=True)]


def yearly(sizes: Sizes) -> float:
    """Money a year of a design with these sizes: yearly cost of what is built, and each day dispatched by itself."""
    grid = sizes.of(GRID)
    grid = replace(grid, chps=tuple(replace(chp, gas_end_min=4.0) for chp in grid.chps))
    run = Dispatcher(grid)
    total = sum(one.weight * run.solve(one.day, gas0=4.0).cost for one in days_of(grid))
    for kind, choice in CHOICES.items():
        total += choice.yearly * sum(getattr(sizes, kind))
    return total


def test_no_sizes_nearby_are_cheaper_and_the_program_says_what_its_sizes_cost() -> None:
    found = size(GRID, days_of(GRID), CHOICES, gas=4.0)
    assert found.total == pytest.approx(yearly(found.sizes), rel=1e-7)
    for kind in CHOICES:
        for number, value in enumerate(getattr(found.sizes, kind)):
            for step in (-0.1, 0.1):
                changed = [*getattr(found.sizes, kind)]
                changed[number] = min(max(0.0, value + step), CHOICES[kind].most)
                assert yearly(replace(found.sizes, **{kind: tuple(changed)})) >= found.total * (1.0 - 1e-9)
    assert max(found.sizes.solar or ()) > 0.1
    assert min(found.sizes.engines or ()) > 0.0


def test_sizes_that_are_given_cost_what_they_cost() -> None:
    given = size(GRID, days_of(GRID), CHOICES, gas=4.0, given=sizes_of(GRID))
    assert given.sizes == sizes_of(GRID)
    assert given.total == pytest.approx(yearly(given.sizes), rel=1e-7)
    assert given.total > size(GRID, days_of(GRID), CHOICES, gas=4.0).total


def test_only_what_is_chosen_is_sized() -> None:
    found = size(GRID, days_of(GRID), {"solar": CHOICES["solar"]}, gas=4.0)
    grid = found.sizes.of(GRID)
    assert (found.sizes.lines, grid.lines, grid.chps) == (None, GRID.lines, GRID.chps)
    assert tuple(bus.pv_peak for bus in grid.buses) == found.sizes.solar


def test_dear_units_are_not_built_and_batteries_keep_their_proportions() -> None:
    dear = {kind: Choice(1e9) for kind in CHOICES}
    nothing = size(GRID, days_of(GRID), dear, gas=4.0).sizes
    assert sum((*(nothing.solar or ()), *(nothing.batteries or ()), *(nothing.lines or ()))) == 0.0
    cell = replace(nothing, batteries=(2.0,)).of(GRID).batteries[0]
    assert (cell.e_max, cell.p_ch, cell.p_dis, cell.e0) == (2.0, 1.0, 1.0, 1.0)


def test_an_annuity_pays_its_cost_back() -> None:
    assert annuity(1000.0, 0.0, 20.0) == 50.0
    paid = annuity(1000.0, 0.07, 20.0)
    assert sum(paid / 1.07**year for year in range(1, 21)) == pytest.approx(1000.0)
