"""The agro-food network: balances, switches, bad input, and that results depend on nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from esc_sim.circular.agro import (
    AgroResult,
    Chance,
    Coefficients,
    Switches,
    capital_cost,
    draw_chance,
    read_coefficients,
    read_switches,
    simulate_agro,
    yearly_gain,
)
from esc_sim.circular.agro.power import gas_per_tonne, microgrid_of, prices, sun
from esc_sim.circular.soil import Soil
from esc_sim.errors import InputError

FOLDER = Path(__file__).parents[2] / "scenarios" / "agro_food"
VARIANTS = ("linear", "circular", "regenerative")


@cache
def numbers() -> Coefficients:
    return read_coefficients(FOLDER / "coefficients.csv")


@cache
def chance() -> Chance:
    return draw_chance(numbers(), 7, 2, 1)


@cache
def run_of(variant: str) -> AgroResult:
    return simulate_agro(numbers(), read_switches(FOLDER / f"{variant}.yaml"), chance(), bucket=0.25)


@pytest.mark.parametrize("variant", VARIANTS)
def test_mass_nitrogen_and_power_balance(variant: str) -> None:
    run = run_of(variant)
    assert run.mass_gap < 1e-12
    assert run.nitrogen_gap < 1e-12
    assert run.power_gap < 1e-12


@pytest.mark.parametrize("variant", VARIANTS)
def test_numbers_make_sense(variant: str) -> None:
    run = run_of(variant)
    assert (run.landfilled <= run.collected * (1 + 1e-12)).all()
    assert (run.yields > 0).all()
    assert (run.yields[..., 0, :] < 14).all()
    assert (run.energy["load"] > 0).all()
    for name, amounts in {**run.energy, **run.nutrients}.items():
        assert (amounts >= 0).all(), name
    load, shed = run.energy["load"], run.energy["shed"]
    supply = run.energy["imported"] + run.energy["solar"] + run.energy["engines"] - run.energy["exported"] + shed
    assert (supply >= load - 1e-6).all(), "lines and batteries only lose"


def test_all_switches_off_is_the_linear_network_bit_for_bit() -> None:
    off = {field.name: False for field in fields(Switches) if field.name not in ("coordinated", "soil_model")}
    bare = simulate_agro(numbers(), replace(read_switches(FOLDER / "regenerative.yaml"), **off), chance(), bucket=0.25)
    linear = run_of("linear")
    assert bare.profit.tolist() == linear.profit.tolist()
    assert bare.sales.tolist() == linear.sales.tolist()
    assert bare.carbon.tolist() == linear.carbon.tolist()


def test_what_is_not_built_does_not_matter() -> None:
    other = numbers().changed({"dig_cap": 9000.0, "pv_mw": 4.0, "soil_cost": 90.0, "comp_mass": 0.5, "chp_mw": 0.5})
    again = simulate_agro(other, Switches(), chance(), bucket=0.25)
    assert again.profit.tolist() == run_of("linear").profit.tolist()


def test_a_replication_does_not_depend_on_its_neighbours() -> None:
    both = run_of("circular")
    alone = draw_chance(numbers(), 7, 1, 1, first=1)
    assert alone.demand[0].tolist() == chance().demand[1].tolist()
    second = simulate_agro(numbers(), both.switches, alone, bucket=0.25)
    np.testing.assert_allclose(second.profit[0], both.profit[1], rtol=1e-12)
    assert second.sales[0].tolist() == both.sales[1].tolist()


def test_a_calm_linear_year_keeps_its_soil_and_sells_what_is_asked_for() -> None:
    calm = chance().calm()
    still = replace(calm, weather=np.ones_like(calm.weather), demand=np.ones_like(calm.demand))
    run = simulate_agro(numbers(), Switches(), still)
    np.testing.assert_allclose(run.carbon, 50.0, rtol=1e-12)
    np.testing.assert_allclose(run.yields[:, :, 0], numbers()["yield_wheat"], rtol=1e-12)
    wanted = numbers()["demand_flour"] * numbers()["p_flour"] + numbers()["demand_veg"] * numbers()["p_veg"]
    np.testing.assert_allclose(run.money["food sold"], wanted, rtol=0.01)
    np.testing.assert_allclose(run.sales.max(axis=1), run.sales[:, 5], rtol=1e-9)


def test_the_loops_replace_synthetic_nitrogen_and_landfill() -> None:
    linear, circular = run_of("linear"), run_of("circular")
    assert (linear.landfill_share == 1.0).all()
    assert (linear.organic == 0.0).all()
    assert (circular.landfill_share < 0.3).all()
    assert (circular.synthetic < linear.synthetic).all()


def test_a_second_supplier_helps_when_one_is_out() -> None:
    calm = chance().calm()
    down = np.zeros_like(calm.supplier_down)
    down[:, :, 0] = True
    out = replace(calm, supplier_down=down)
    plain, two = (simulate_agro(numbers(), Switches(second_supplier=x), out) for x in (False, True))
    assert two.yields[:, :, 0, 0].mean() > plain.yields[:, :, 0, 0].mean()
    told = simulate_agro(numbers(), Switches(information=True), replace(out, announced=down))
    assert told.yields[:, :, 0, 0].mean() > two.yields[:, :, 0, 0].mean(), "an announced outage is no outage"


def test_a_backup_arc_carries_what_a_closed_road_does_not() -> None:
    calm = chance().calm()
    closed = np.zeros_like(calm.arc_down)
    closed[:, 30:36, 0] = True
    runs = {x: simulate_agro(numbers(), Switches(backup_arcs=x), replace(calm, arc_down=closed)) for x in (False, True)}
    assert (runs[True].sales[:, 32:38].sum(axis=1) > runs[False].sales[:, 32:38].sum(axis=1)).all()
    assert runs[True].sales[:, :30].tolist() == runs[False].sales[:, :30].tolist()


def test_localisation_saves_haul() -> None:
    local = simulate_agro(numbers(), Switches(localisation=True), chance(), bucket=0.25)
    assert local.money["haul between regions"].sum() == 0.0
    assert run_of("linear").money["haul between regions"].sum() < 0.0


def test_day_types_have_the_means_of_the_coefficients() -> None:
    c = numbers()
    weights = [(s, k, (2 if k else 5) / 7 / 13) for s in range(13) for k in (0, 1)]
    assert sum(w * prices(c, s, k)[0].mean() for s, k, w in weights) == pytest.approx(c["p_import"], rel=1e-3)
    assert sum(w * prices(c, s, k)[1].mean() for s, k, w in weights) == pytest.approx(c["p_export"], rel=1e-3)
    assert np.mean([sun(c, s).mean() for s in range(13)]) == pytest.approx(c["pv_cf"], rel=1e-9)


def test_designs_follow_the_switches() -> None:
    c = numbers()
    assert not microgrid_of(c, Switches()).chps
    assert not microgrid_of(c, Switches(loops=True)).lines
    full = microgrid_of(c, Switches(loops=True, microgrid=True))
    assert (len(full.lines), len(full.chps), len(full.batteries)) == (7, 2, 2)
    # 0.2 t of volatile solids at 642 m3, 62 % methane at 9.97 kWh
    assert gas_per_tonne(c) == pytest.approx(0.2 * 642 * 0.62 * 9.97 / 1000)
    # 28,000 t at 530 EUR and 34,000 t at 175 EUR
    assert capital_cost(c, Switches(loops=True)) == pytest.approx(14.84e6 + 5.95e6)
    assert capital_cost(c, Switches()) == 0.0


def test_the_gain_of_a_variant_includes_new_batteries() -> None:
    linear, c = run_of("linear"), numbers()
    profit = {name: np.zeros((1, 13)) for name in linear.money}
    base = replace(linear, money=profit, synthetic=np.zeros((1, 13)))
    built = replace(base, switches=Switches(microgrid=True))
    gain = yearly_gain(c, built, base)
    assert gain[0, 11] == pytest.approx(-0.6 * 2 * 900e3)
    assert np.count_nonzero(gain) == 1
    with pytest.raises(InputError, match="same replications"):
        yearly_gain(c, linear, base)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_grain": 30.0}, "more N than the crop"),
        ({"p_export": 200.0}, "below p_import"),
        ({"flour_yield": 0.99}, "more than 1 t"),
        ({"biogas_vs": 1500.0}, "creates mass"),
        ({"ch4": 1.5}, "not a share"),
        ({"no_such": 1.0}, "there is no no_such"),
    ],
)
def test_coefficients_that_do_not_fit_are_refused(changes: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        numbers().changed(changes)


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "v.yaml"
    bad.write_text("loops: 1\nwarp: true\n", encoding="utf-8")
    with pytest.raises(InputError, match="warp: unknown switch") as error:
        read_switches(bad)
    assert "not true or false" in str(error.value)
    table = tmp_path / "c.csv"
    table.write_text("group,name,value,unit,low,high,source,note\nx,a,5,t,6,7,assumed,\nx,b,q,t,1,2,assumed,\n")
    with pytest.raises(InputError, match="low <= value <= high") as error:
        read_coefficients(table)
    assert "c.csv:3: b" in str(error.value)


def test_the_law_of_the_soil_is_that_of_the_coefficients() -> None:
    c = numbers()
    law = Soil(c["soc0"], c["soc_sat"], c["soil_gain"], c["k_soc"])
    assert law.yield_factor(c["soc_sat"]) == pytest.approx(1 + c["soil_gain"])
