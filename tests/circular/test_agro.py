"""The agro-food network as a scenario: made from its coefficients, run by both engines, balanced, sane."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.circular import appraise
from esc_sim.errors import InputError
from esc_sim.results.columns import FLOW_COLUMNS
from esc_sim.results.run import RunResult
from esc_sim.scenario.disruptions import Disruption
from experiments.regenerative.agro import (
    SWITCHES,
    VARIANTS,
    Coefficients,
    capital_cost,
    read_coefficients,
    scenario_document,
    scenario_text,
    yearly_gain,
)
from experiments.regenerative.agro.sizes import gas_per_tonne
from experiments.regenerative.outcome import FIELDS, Outcome, outcome_of, shown, yearly
from experiments.regenerative.runs import FOLDER, scenario_of, stress_tests

WEEKS = 52
TWO_YEARS = "run.periods=104"


@cache
def numbers() -> Coefficients:
    return read_coefficients(FOLDER / "coefficients.csv")


@cache
def run_of(switches: tuple[str, ...], stress: str = "", calm: bool = False) -> RunResult:
    """Two years of two replications, everything traced."""
    scenario = scenario_of(switches, more=[TWO_YEARS])
    if calm or stress:
        hits = [Disruption.model_validate(hit) for hit in stress_tests(switches).get(stress, [])]
        scenario = scenario.model_copy(update={"disruptions": hits})
    return simulate(scenario, replications=2, seed=3, trace=True)


@cache
def outcome(switches: tuple[str, ...], stress: str = "", calm: bool = False) -> Outcome:
    return outcome_of(run_of(switches, stress, calm), frozenset(switches), numbers())


def test_the_scenario_is_what_the_coefficients_give() -> None:
    text = (FOLDER / "scenario.yaml").read_text(encoding="utf-8")
    assert text == scenario_text(scenario_document(numbers())), "run `python -m experiments.regenerative build`"


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_engines_give_the_same_bits(variant: str) -> None:
    scenario = scenario_of(VARIANTS[variant], more=["run.periods=56"])
    compiled = simulate(scenario, replications=1, seed=5, trace=True, engine="compiled")
    agents = simulate(scenario, replications=1, seed=5, trace=True, engine="agents")
    assert compiled.engine == "compiled"
    assert agents.engine == "agents"
    np.testing.assert_array_equal(compiled.values, agents.values)
    np.testing.assert_array_equal(compiled.twin, agents.twin)
    np.testing.assert_array_equal(compiled.observations, agents.observations)
    assert compiled.traces is not None
    assert agents.traces is not None
    np.testing.assert_array_equal(compiled.traces.items, agents.traces.items)
    np.testing.assert_array_equal(compiled.traces.nodes, agents.traces.nodes)


def test_both_engines_agree_while_everything_goes_wrong() -> None:
    switches = VARIANTS["regenerative"]
    hits = [
        {**hit, "dates": [{"start": 1.3, "duration": 6.2}]}
        for found in stress_tests(switches).values()
        for hit in found
    ]
    scenario = scenario_of(switches, more=["run.periods=16"])
    scenario = scenario.model_copy(update={"disruptions": [Disruption.model_validate(hit) for hit in hits]})
    compiled, agents = (simulate(scenario, replications=1, seed=6, engine=engine) for engine in ("compiled", "agents"))
    np.testing.assert_array_equal(compiled.values, agents.values)
    np.testing.assert_array_equal(compiled.observations, agents.observations)
    assert shown(compiled, "shed").sum() > 0.0


def test_all_switches_off_is_the_linear_variant_bit_for_bit() -> None:
    plain = simulate(FOLDER, overrides=["variant=linear", TWO_YEARS], replications=2, seed=3)
    overrides = ["variant=regenerative", TWO_YEARS, *(f"switches.{name}=false" for name in SWITCHES)]
    stripped = simulate(FOLDER, overrides=overrides, replications=2, seed=3)
    np.testing.assert_array_equal(plain.values, stripped.values)
    np.testing.assert_array_equal(plain.twin, stripped.twin)
    np.testing.assert_array_equal(plain.observations, stripped.observations)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_product_balances_to_the_last_bit(variant: str) -> None:
    result = run_of(VARIANTS[variant])
    assert result.traces is not None
    assert result.flows is not None
    items = result.traces.items
    into = np.array([1.0] * 3 + [-1.0] * 6)
    held = {(line.node, line.product): line.initial_stock for line in result.scenario.stocks}
    held |= {(node.id, node.product or ""): node.initial_stock for node in result.scenario.nodes}
    network = result.network
    names = [
        (network.node_ids[n], network.products[p]) for n, p in zip(network.item_node, network.item_product, strict=True)
    ]
    start = np.floor(np.array([held.get(name, 0.0) for name in names]) * 2.0**20 + 0.5) / 2.0**20
    air = {product.id for product in result.scenario.products if product.environment}
    kept = [k for k, (_, product) in enumerate(names) if product not in air]
    balance = start + (result.flows * into).sum(axis=2)
    np.testing.assert_allclose(balance[:, kept], items[:, -1, kept, 0], rtol=0.0, atol=2.0**-20)


def _content(result: RunResult, name: str) -> np.ndarray:
    held = {product.id: product.contents.get(name, 0.0) for product in result.scenario.products}
    return np.array([held[result.network.products[p]] for p in result.network.item_product])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("content", ["mass", "nitrogen", "carbon"])
def test_the_chain_makes_nothing_out_of_nothing(variant: str, content: str) -> None:
    """What recipes, expiry and customers turn goods into holds what went in; fields and suppliers stand outside."""
    result = run_of(VARIANTS[variant])
    assert result.flows is not None
    network, weight = result.network, _content(result, content)
    flow = {name: result.flows[:, :, k] for k, name in enumerate(FLOW_COLUMNS)}
    products = [network.products[p] for p in network.item_product]
    node = [network.node_ids[n] for n in network.item_node]
    air = {product.id for product in result.scenario.products if product.environment}
    inside = np.array(
        [
            product not in air and "farm" not in n and "supplier" not in n and "spot" not in n
            for product, n in zip(products, node, strict=True)
        ]
    )
    given_off = np.array([product in air and product != "air_nitrogen" for product in products])
    left = np.zeros(len(products))
    for k, (product, n) in enumerate(zip(products, node, strict=True)):
        for stock in result.scenario.stocks:
            if (stock.node, stock.product) == (n, product) and stock.demand is not None:
                left[k] = sum(stock.demand.leftovers.values())
        for member in result.scenario.nodes:
            if (member.id, member.product) == (n, product) and member.demand is not None:
                left[k] = sum(member.demand.leftovers.values())
    made = (flow["produced"] * inside * weight).sum(axis=1) + (flow["produced"] * given_off * weight).sum(axis=1)
    engines = np.array([product == "biogas" for product in products])
    burnt = flow["consumed"] * engines
    used = ((flow["consumed"] - burnt + flow["expired"]) * inside * weight).sum(axis=1)
    used = used + (flow["served"] * left * weight).sum(axis=1)
    assert (made > 0.0).all()
    np.testing.assert_allclose(made, used, rtol=1e-7)


@pytest.mark.parametrize("variant", VARIANTS)
def test_nitrogen_of_every_field_and_year_balances(variant: str) -> None:
    result = run_of(VARIANTS[variant])
    fields = {field.id: field for field in result.scenario.fields}
    pool = shown(result, "organic nitrogen")
    pool = np.concatenate([np.zeros_like(pool[:, :1]), pool[:, WEEKS - 1 :: WEEKS]], axis=1)
    came = yearly(shown(result, "synthetic nitrogen applied")) + yearly(shown(result, "organic nitrogen applied"))
    came = came + np.array([fields[name].area * fields[name].background for name in FIELDS])
    uptake = np.array([fields[name].uptake for name in FIELDS])
    gone = yearly(shown(result, "harvest")) * uptake + yearly(shown(result, "nitrogen lost"))
    np.testing.assert_allclose(pool[:, :-1] + came, pool[:, 1:] + gone, rtol=1e-9)


@pytest.mark.parametrize("variant", VARIANTS)
def test_energy_of_every_bus_is_what_comes_less_what_goes(variant: str) -> None:
    """Over all buses: lines lose a little, batteries too, and engines make too much where the grid is out."""
    result = run_of(VARIANTS[variant])
    came = sum(shown(result, name).sum(axis=2) for name in ("imported", "shed", "solar", "engine power"))
    gone = sum(shown(result, name).sum(axis=2) for name in ("load", "exported"))
    lost = came - gone
    said = sum(shown(result, name).sum(axis=2) for name in ("lost in lines", "lost in batteries", "spilled"))
    np.testing.assert_allclose(said, lost, atol=1e-6)
    assert (lost > -1e-6).all()
    if variant == "linear":
        assert lost.max() < 1e-6
    elif variant == "circular":  # an engine keeps to its plan, also when the grid is out and less is used
        assert 0.0 < lost.max() < 0.01 * gone.mean()
    else:
        assert 0.0 < lost.mean() < 0.05 * gone.mean()


def test_a_run_says_of_itself_what_the_study_sums_up() -> None:
    c, circular, linear = numbers(), outcome(VARIANTS["circular"]), outcome(VARIANTS["linear"])
    result = simulate(FOLDER, overrides=["variant=circular", TWO_YEARS], replications=2, seed=3)
    found = {name: entry["mean"] for name, entry in result.summary["kpis"]["disrupted"].items()}
    assert found["landfill_share"] == pytest.approx(circular.landfill_share.mean())
    whole = circular.synthetic.sum(axis=1) / (circular.synthetic + circular.organic).sum(axis=1)
    assert found["external_nitrogen"] == pytest.approx(whole.mean())
    displaced = 1.0 - circular.synthetic.sum(axis=1) / linear.synthetic.sum(axis=1)
    assert found["nitrogen_displaced_share"] == pytest.approx(displaced.mean())
    less = (linear.synthetic - circular.synthetic).mean()
    assert found["nitrogen_displaced"] == pytest.approx(less)
    served = circular.energy["load"] - circular.energy["shed"]
    assert found["self_sufficiency"] == pytest.approx(
        (1.0 - circular.energy["imported"].sum(axis=1) / served.sum(axis=1)).mean()
    )
    gain = yearly_gain(c, circular.switches, circular.profit, linear.profit)
    gains = np.concatenate([gain, np.repeat(gain.mean(axis=1, keepdims=True), round(c["life"]) - 2, axis=1)], axis=1)
    worth = appraise(capital_cost(c, circular.switches), gains, c["disc"])
    assert found["npv"] == pytest.approx(worth.npv.mean)
    assert (found["payback"], found["irr"]) == (worth.payback, pytest.approx(worth.irr))
    assert found["var"] <= found["cvar"] < found["var_year"] <= found["cvar_year"]


def test_numbers_make_sense() -> None:
    linear, circular, full = (outcome(VARIANTS[name]) for name in VARIANTS)
    np.testing.assert_allclose(linear.landfill_share, 1.0, rtol=1e-9)
    assert (linear.organic == 0.0).all()
    assert (circular.landfill_share < 0.4).all()
    assert (circular.synthetic.sum(axis=1) < linear.synthetic.sum(axis=1)).all()
    assert (full.carbon[:, -1].mean(axis=1) > linear.carbon[:, -1].mean(axis=1)).all()
    np.testing.assert_allclose(linear.self_sufficiency, 0.0, atol=1e-9)  # blackouts, but no power of its own
    assert linear.energy["shed"].sum() > 0.0
    assert (full.self_sufficiency > 0.3).all()
    for run in (linear, circular, full):
        assert sum(run.nutrients[name] for name in ("synthetic", "background", "digestate", "compost")) > 0.0
        assert (run.yields[:, :, :2] < 11.0).all()


def test_a_calm_linear_network_keeps_its_soil_and_sells_what_is_asked_for() -> None:
    calm, c = outcome((), calm=True), numbers()
    np.testing.assert_allclose(calm.carbon[:, :, 2:], 50.0, rtol=1e-9)
    np.testing.assert_allclose(calm.carbon, 50.0, rtol=0.01)
    wanted = c["demand_flour"] * c["p_flour"] + c["demand_veg"] * c["p_veg"]
    np.testing.assert_allclose(yearly(calm.sales), wanted, rtol=0.04)


def test_a_second_supplier_helps_when_one_is_out() -> None:
    alone, two = (outcome(switches, "one supplier out") for switches in ((), ("second_supplier",)))
    assert (two.yields[:, 1, 0] > alone.yields[:, 1, 0]).all()
    assert alone.yields[:, 1, 1].tolist() == pytest.approx(two.yields[:, 1, 1].tolist())


def test_a_backup_arc_carries_what_a_closed_road_does_not() -> None:
    what = "roads of the north closed for six weeks"
    plain, backed = (outcome(switches, what) for switches in (("information",), ("information", "backup_arcs")))
    hit = slice(WEEKS + 8, WEEKS + 16)
    assert (backed.sales[:, hit].sum(axis=1) > plain.sales[:, hit].sum(axis=1)).all()


def test_the_microgrid_carries_an_outage() -> None:
    plain, grid = (outcome(switches, "five days without grid") for switches in ((), VARIANTS["regenerative"]))
    assert (grid.energy["shed"][:, 1] < plain.energy["shed"][:, 1]).all()


def test_day_types_have_the_means_of_the_coefficients() -> None:
    c, series = numbers(), scenario_of(()).series
    for kind, mean in (("import", c["p_import"]), ("export", c["p_export"])):
        means = [
            sum(
                share * float(np.mean(series[f"{kind}_{season}_{days}"]))
                for days, share in (("weekdays", 5 / 7), ("weekends", 2 / 7))
            )
            for season in range(1, 14)
        ]
        assert np.mean(means) == pytest.approx(mean, rel=1e-3)
    assert np.mean([series[f"sun_{season}"] for season in range(1, 14)]) == pytest.approx(c["pv_cf"], rel=1e-3)


def test_designs_follow_the_switches() -> None:
    c = numbers()
    linear, circular, full = (scenario_of(VARIANTS[name]).power for name in VARIANTS)
    assert linear is not None
    assert circular is not None
    assert full is not None
    assert not linear.engines
    assert not circular.lines
    assert (len(full.lines), len(full.engines), len(full.batteries)) == (7, 2, 2)
    # 0.2 t of volatile solids at 642 m3, 62 % methane at 9.97 kWh
    assert gas_per_tonne(c) == pytest.approx(0.2 * 642 * 0.62 * 9.97 / 1000)
    # 28,000 t at 530 EUR and 34,000 t at 175 EUR
    assert capital_cost(c, ("loops",)) == pytest.approx(14.84e6 + 5.95e6)
    assert capital_cost(c, ()) == 0.0


def test_the_gain_of_a_variant_includes_new_batteries() -> None:
    gain = yearly_gain(numbers(), ("microgrid",), np.zeros((1, 13)), np.zeros((1, 13)))
    assert gain[0, 11] == pytest.approx(-0.6 * 2 * 900e3)
    assert np.count_nonzero(gain) == 1
    with pytest.raises(InputError, match="same replications"):
        yearly_gain(numbers(), (), np.zeros((1, 13)), np.zeros((2, 13)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_grain": 30.0}, "more N than the crop"),
        ({"p_export": 200.0}, "below p_import"),
        ({"flour_yield": 0.99}, "more than 1 t"),
        ({"biogas_vs": 1500.0}, "creates mass"),
        ({"comp_mass": 0.9}, "creates mass"),
        ({"ch4": 1.5}, "not a share"),
        ({"no_such": 1.0}, "there is no no_such"),
    ],
)
def test_coefficients_that_do_not_fit_are_refused(changes: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        numbers().changed(changes)


def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "c.csv"
    table.write_text("group,name,value,unit,low,high,source,note\nx,a,5,t,6,7,assumed,\nx,b,q,t,1,2,assumed,\n")
    with pytest.raises(InputError, match="low <= value <= high") as error:
        read_coefficients(table)
    assert "c.csv:3: b" in str(error.value)
