"""Order policies that are pure functions: both engines give the same bits; what is outside the subset says where."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim import simulate
from esc_sim.engine.compiled.plugins import address_of
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.functions import SEEN, FunctionPlugin
from esc_sim.instance.plugins import PolicyView
from esc_sim.instance.subset import pure_function
from esc_sim.optimize.search import optimize
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import read_plan
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.run import column
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from tests.inventory.helpers import both_engines, scenario, serial

LEAD_TIME = 2.0


def spread(demand: float, z: float) -> float:
    """A helper that the policy calls."""
    return z * math.sqrt(demand + 1.0)


def cautious(position: float, demand: float, cover: float = 3.0, z: float = 1.5) -> float:
    level = cover * demand + spread(demand, z) * LEAD_TIME
    if level <= position:
        return 0.0
    return level - position


def every_number(
    period: int, on_hand: float, safety_stock: float, on_order: float, owed: float, position: float, demand: float
) -> float:
    total = 0.25 * on_hand - safety_stock / 3.0 + on_order * 0.1 + owed
    for k in range(3):
        total += k * demand / (1 + period % 7)
    while total > 60.0:
        total -= 17.3
    weight = math.exp(-demand / 50.0) + math.log(1.0 + demand) if demand > 4.0 or position < 0.0 else float(period)
    whole = int(total) // 4 + math.floor(total * weight) % 5 + math.ceil(total / 7.0)
    return max(min(abs(total) + whole - 0.5 * position, 90.0), 0)


def shop(order: dict[str, Any], **rules: Any) -> Scenario:
    stage = {
        "initial_stock": 20.0,
        "safety_stock": 2.0,
        "holding_cost": 1.0,
        "demand": {"mean": 6.0, "sd": 3.0, "shortage_cost": 4.0},
        "order": order,
    }
    store = {"initial_stock": 15.0, "order": {"policy": "base_stock", "order_up_to": 25.0}}
    return serial([stage, store], [2, 1], rules=rules, periods=150, replications=2, seed=5)


def runs(policy: Callable[..., float], made: Scenario) -> list[Any]:
    engines = ("compiled", "agents")
    return [simulate(made, engine=engine, policies={"stage_1": policy}) for engine in engines]


@pytest.mark.parametrize("sequence", ["order_after_demand", "order_before_demand"])
@pytest.mark.parametrize("policy", [cautious, every_number])
def test_both_engines_give_the_same_bits(policy: Callable[..., float], sequence: str) -> None:
    one, other = runs(
        policy, shop({"policy": "base_stock", "order_up_to": 1.0, "order_multiple": 0.5}, sequence=sequence)
    )
    assert (one.engine, other.engine) == ("compiled", "agents")
    assert [notice.partition(":")[0] for notice in one.notices] == [
        "safety_stock"
    ]  # the level of 1 is a parameter here
    assert one.values.tobytes() == other.values.tobytes()
    assert column(one.values, "ordered").any()


def test_it_gives_the_numbers_of_the_rule_that_it_repeats() -> None:
    def level(position: float, order_up_to: float = 20.0) -> float:
        return max(order_up_to - position, 0.0)

    usual = simulate(shop({"policy": "base_stock", "order_up_to": 20.0, "fixed_cost": 3.0}))
    mine = simulate(shop({"policy": "base_stock", "order_up_to": 1.0, "fixed_cost": 3.0}), policies={"stage_1": level})
    np.testing.assert_array_equal(mine.values, usual.values)


@settings(max_examples=200)
@given(st.integers(0, 10_000), st.lists(st.floats(-200.0, 200.0), min_size=6, max_size=6))
def test_a_compiled_function_gives_the_bits_of_python(period: int, numbers: list[float]) -> None:
    import ctypes

    plugin = FunctionPlugin("every_number", given=every_number)
    view = PolicyView(period, "shop", "goods", *numbers)
    form = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, *[ctypes.c_double] * 6, ctypes.c_void_p)
    got = form(address_of(plugin))(period, *numbers, None)
    try:
        expected = every_number(**{name: getattr(view, name) for name in SEEN})
    except (ValueError, OverflowError, ZeroDivisionError):
        assert math.isnan(got)
    else:
        assert np.float64(got).tobytes() == np.float64(expected).tobytes()


YAML = """version: 1
name: shop
run: {{periods: 60, replications: 2, seed: 3}}
rules: {{unmet: lost, holding_cost_timing: end}}
nodes:
  - id: shop
    initial_stock: 20
    holding_cost: 1
    demand: {{mean: 6, sd: 2, price: 9}}
    order: {{policy: code, code: "mine.py:cautious", parameters: {{cover: 3}}}}
  - {{id: source, initial_stock: 100000}}
arcs:
  - {{buyer: shop, supplier: source, lead_time: 2}}
optimize:
  variables: [{{kind: order, parameter: {parameter}, absolute: [0.5, 8]}}]
  objectives: [fill_rate, cvar_net]
"""
CODE = """import math


def cautious(position, demand, cover, buffer=4.0):
    return cover * demand + buffer - position
"""


def written(folder: Path, code: str = CODE, parameter: str = "cover") -> Path:
    (folder / "scenario.yaml").write_text(YAML.format(parameter=parameter))
    (folder / "mine.py").write_text(code)
    return folder


def test_named_in_a_scenario_it_needs_leave_and_is_compiled(tmp_path: Path) -> None:
    folder = written(tmp_path)
    with pytest.raises(InputError, match="--allow-code"):
        simulate(folder)
    one, other = (simulate(folder, allow_code=True, engine=engine) for engine in ("compiled", "agents"))
    assert one.engine == "compiled"
    assert one.values.tobytes() == other.values.tobytes()


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    before = simulate(written(tmp_path), allow_code=True)
    after = simulate(written(tmp_path, CODE.replace("buffer - ", "2.0 * buffer - ")), allow_code=True)
    again = simulate(written(tmp_path), allow_code=True)
    assert not np.array_equal(before.values, after.values)
    np.testing.assert_array_equal(before.values, again.values)


def test_its_parameters_are_searched_and_planned(tmp_path: Path) -> None:
    made = load_scenario(written(tmp_path))
    search = {"population": 8, "generations": 3, "replications": 2, "held_out": 2, "seed": 1, "workers": 2}
    with pytest.raises(InputError, match="--allow-code"):
        optimize(made, **search)  # type: ignore[arg-type]
    optimize(made, **search, out=tmp_path / "front", allow_code=True)  # type: ignore[arg-type]
    plan = read_plan(tmp_path / "front" / "compromise.yaml")
    decided = plan.model_dump()["orders"][0]
    assert (decided["node"], decided["parameter"]) == ("shop", "cover")
    planned = [simulate(made, plan=plan, allow_code=True, engine=e) for e in ("compiled", "agents")]
    np.testing.assert_array_equal(planned[0].values, planned[1].values)
    text = (tmp_path / "scenario.yaml").read_text().replace("{cover: 3}", f"{{cover: {decided['value']!r}}}")
    (tmp_path / "scenario.yaml").write_text(text)
    np.testing.assert_array_equal(planned[0].values, simulate(tmp_path, allow_code=True).values)


def test_a_search_goes_on_only_with_the_function_that_it_began_with(tmp_path: Path) -> None:
    search = {"population": 8, "replications": 2, "held_out": 2, "seed": 1, "workers": 1, "allow_code": True}
    folder, out = written(tmp_path), tmp_path / "front"
    optimize(load_scenario(folder), generations=2, out=out, **search)  # type: ignore[arg-type]
    written(tmp_path, CODE.replace("4.0", "5.0"))
    with pytest.raises(InputError, match="code"):
        optimize(load_scenario(folder), generations=3, out=out, resume=True, **search)  # type: ignore[arg-type]


def test_a_plan_may_set_a_parameter_that_has_a_default(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(
        "version: 1\nkind: decisions\nname: p\norders:\n  - {node: shop, parameter: buffer, value: 9}\n"
    )
    made = load_scenario(written(tmp_path))
    decided = apply_plan(instance_of(made, allow_code=True), read_plan(tmp_path / "plan.yaml"))
    assert run_replications(decided, 1, [0]).periods.shape == (1, 60, len(PERIOD_COLUMNS))
    plugin = decided.plugins[0]
    assert isinstance(plugin, FunctionPlugin)
    assert plugin.values == {"cover": 3.0, "buffer": 9.0}


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("return position ** 2", 5, r"no power: write x \* x"),
        ("return [position][0]", 5, "no indices"),
        ("return sum(position)", 5, "'sum' cannot be called; these can: abs, float, int, math.ceil"),
        ("return position.real", 5, "'position.real' is not known"),
        ("try:\n        return 1.0\n    except ValueError:\n        return 2.0", 5, "no exceptions"),
        ("x = 1.0\n    import os\n    return x", 6, "import at the head of the file"),
        ("return math.sin(position)", 5, "'math.sin' cannot be called"),
        ("return stock - position", 5, "'stock' is no argument, no number assigned before"),
        ("for x in position:\n        pass\n    return 1.0", 5, "loops run over range"),
        ("return cautious(position, demand, cover)", 5, "no function calls itself"),
        ("return 'much'", 5, "'much' is not a number"),
        ("a, b = 1.0, 2.0\n    return a", 5, "no tuples"),
        ("return position & 3", 5, "no bitand"),
        ("return (x := 3.0)", 5, "no namedexpr"),
        ("global LEVEL\n    return 1.0", 5, "no global state"),
        ("return", 5, "return a quantity"),
    ],
)
def test_what_is_outside_the_subset_is_told_with_its_line(tmp_path: Path, body: str, line: int, message: str) -> None:
    code = CODE.replace("return cover * demand + buffer - position", body)
    with pytest.raises(InputError, match=rf"mine\.py:{line}: cautious: {message}"):
        simulate(written(tmp_path, code), allow_code=True)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("return 1.0 / (demand - demand)", 5),
        ("if period_of(demand) > 0.0:\n        return math.sqrt(-1.0 - demand)\n    return 0.0", 6),
        ("return math.log(demand - demand)", 5),
        ("return demand + math.exp(1000.0 + demand)", 5),
    ],
)
@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_what_python_refuses_is_refused_by_both_engines(tmp_path: Path, body: str, line: int, engine: Any) -> None:
    code = CODE.replace("return cover * demand + buffer - position", body)
    code += "\n\ndef period_of(demand):\n    return demand + 1.0\n"
    with pytest.raises(InputError, match=rf"mine\.py:{line}: cautious: \w+Error"):
        simulate(written(tmp_path, code), allow_code=True, engine=engine)


@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_what_is_no_quantity_is_refused_by_both_engines(tmp_path: Path, engine: Any) -> None:
    code = CODE.replace("return cover * demand + buffer - position", "return (position + 1e300) * 1e300")
    with pytest.raises(InputError, match=r"mine\.py:4: cautious returned inf for 'shop', not a quantity"):
        simulate(written(tmp_path, code), allow_code=True, engine=engine)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("def cautious(position, demand, cover, buffer):", "'cautious' needs a value of 'buffer'"),
        ("def cautious(position, demand, buffer=1.0, owed=1.0, coverage=2.0):", "'cover' is no argument"),
        ("def cautious(position, *demand):", "name every argument"),
        ("def cautious(position, cover, demand='a', buffer=2.0):", "the default 'a' is not a number"),
    ],
)
def test_a_head_that_does_not_fit_is_told_with_its_line(tmp_path: Path, head: str, message: str) -> None:
    code = CODE.replace("def cautious(position, demand, cover, buffer=4.0):", head)
    with pytest.raises(InputError, match=rf"mine\.py:[45]: .*{message}"):
        simulate(written(tmp_path, code), allow_code=True)


def test_a_parameter_that_there_is_not_is_refused(tmp_path: Path) -> None:
    code = CODE.replace("cover, buffer=4.0", "buffer=4.0").replace("cover *", "3.0 *")
    with pytest.raises(InputError, match=r"mine\.py:4: 'cautious' has no parameter 'cover'; it has buffer"):
        simulate(written(tmp_path, code), allow_code=True)


def test_numba_s_own_refusal_names_the_line(tmp_path: Path) -> None:
    code = CODE.replace("return cover", "if demand > 3.0:\n        extra = 1.0\n    return extra + cover")
    plugin = FunctionPlugin("cautious", written(tmp_path, code) / "mine.py", {"cover": 1.0})
    address_of(plugin)  # a name that may have no value is compiled as it is by numba ...
    wrong = CODE.replace("return cover * demand + buffer - position", "if demand > 3.0:\n        return 1.0")
    plugin = FunctionPlugin("cautious", written(tmp_path, wrong) / "mine.py", {"cover": 1.0})
    with pytest.raises(InputError, match=r"mine\.py:\d+: cautious: "):
        address_of(plugin)


def test_a_function_of_another_one_s_numbers_is_refused() -> None:
    level = 7.0

    def inner(position: float) -> float:
        return level - position

    with pytest.raises(InputError, match="'level' belongs to another function"):
        pure_function(inner)
    with pytest.raises(InputError, match="write it with def"):
        simulate(scenario(nodes=[{"id": "a"}]), policies={"a": lambda position: position})


def test_parameters_outlast_writing_a_scenario_with_tables(tmp_path: Path) -> None:
    made = load_scenario(written(tmp_path))
    write_scenario(made, tmp_path / "again")
    assert load_scenario(tmp_path / "again") == made
    assert (tmp_path / "again" / "arcs.csv").exists()


def test_other_parameters_of_a_function_do_not_check_it_again() -> None:
    plugin = FunctionPlugin("cautious", given=cautious)
    changed = plugin.with_parameters({**plugin.parameters, next(iter(plugin.pure.defaults)): 7.5})
    assert changed.pure is plugin.pure
    assert 7.5 in changed.values.values()
    assert 7.5 not in plugin.values.values()


def test_several_functions_in_one_network() -> None:
    nodes: list[dict[str, Any]] = [
        {"id": f"shop_{k}", "initial_stock": 9.0, "order": {"policy": "base_stock", "order_up_to": 3.0},
         "demand": {"mean": 4.0 + k, "sd": 2.0}}
        for k in range(3)
    ]  # fmt: skip
    nodes.append({"id": "source", "initial_stock": 1000.0})
    arcs = [{"buyer": f"shop_{k}", "supplier": "source", "lead_time": float(k)} for k in range(3)]
    made = scenario(nodes=nodes, arcs=arcs, run={"periods": 40})
    instance = instance_of(made, policies={"shop_0": cautious, "shop_2": every_number})
    assert instance.agent_features == ()
    both_engines(instance)


def test_a_policy_of_ten_lines_works_from_a_notebook_and_its_mistake_names_cell_and_line() -> None:
    """A notebook runs a cell under a made-up file name, and leaves its text where tracebacks look for it."""
    cell = (
        "def mine(position, demand, cover=3.0):\n"
        "    level = cover * demand\n"
        "    if level < 20.0:\n"
        "        level = 20.0\n"
        "    return max(level - position, 0.0){mistake}\n"
    )
    for mistake, engine in (("", "compiled"), (" / (demand - demand)", "compiled"), (" ** 2", "agents")):
        name, source = f"/tmp/ipykernel_7/{len(mistake)}.py", cell.format(mistake=mistake)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        namespace: dict[str, Any] = {}
        exec(compile(source, name, "exec"), namespace)
        made = shop({"policy": "base_stock", "order_up_to": 1.0})
        if not mistake:
            assert simulate(made, policies={"stage_1": namespace["mine"]}, engine="compiled").engine == engine
            continue
        with pytest.raises(InputError, match=rf"^{len(mistake)}\.py:5: mine: "):
            simulate(made, policies={"stage_1": namespace["mine"]})
