"""Learning environments: the numbers of a simulation, the same from both engines and side by side, checkers content."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("gymnasium")  # neither is among the packages of the smallest set of tests
pytest.importorskip("pettingzoo")

import gymnasium
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RescaleAction
from gymnasium.wrappers.vector import RecordEpisodeStatistics
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pettingzoo.test import parallel_api_test, parallel_seed_test

from esc_sim import simulate
from esc_sim.envs import OBSERVED, SupplyEnv, SupplyParallelEnv, SupplyVectorEnv
from esc_sim.envs.episodes import Episodes
from esc_sim.errors import InputError
from esc_sim.network.model import network_of
from esc_sim.results.columns import NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.run import column
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import Content, chain_content, scenario_of, scenarios
from tests.helpers.runs import SCENARIOS

LEVELS = {"shop": 45.0, "middle": 52.5}
Floats = NDArray[np.float64]


def base_stock(**changes: Any) -> Scenario:
    """A chain of base-stock policies with drawn demand, a strike and orders that wait."""
    content = chain_content(
        run={"periods": 30, "replications": 4, "seed": 3},
        rules={"sequence": "order_before_demand", "unmet": "backorder", "unmet_orders": "backorder"},
        disruptions=[{"name": "strike", "nodes": ["middle"], "probability": 0.2, "duration": 2, "health": 0.3}],
    )
    for node in content["nodes"]:
        if node["id"] in LEVELS:
            node["order"] = {"policy": "base_stock", "order_up_to": LEVELS[node["id"]], "fixed_cost": 2.5}
        if "demand" in node:
            node["demand"] = {"mean": 10, "sd": 4, "price": 20, "shortage_cost": 3}
        if "production" in node:
            node |= {"production": {"mean": 14}, "target_stock": 60}
    return scenario_of(content | changes)


def chain() -> Scenario:
    """10 units a period are asked for at the shop; goods travel for one period."""
    content = chain_content()
    return scenario_of(content | {"arcs": [arc | {"lead_time": 1} for arc in content["arcs"]]})


def lifted(observation: Floats) -> Floats:
    """Orders of the base-stock policies, of one observation or of several."""
    on_hand, on_order, backorders, _, _ = np.split(observation, len(OBSERVED), axis=-1)
    return np.maximum(np.array(list(LEVELS.values())) - (on_hand + on_order - backorders), 0.0)


class Kept:
    """A reward that keeps all columns of every period, and rewards by the profit."""

    def __init__(self) -> None:
        self.periods: list[Floats] = []

    def __call__(self, period: Mapping[str, Floats]) -> Floats:
        self.periods.append(np.stack([period[name] for name in PERIOD_COLUMNS], axis=-1))
        return period["profit"]

    @property
    def table(self) -> Floats:
        """float64[R, T, K]."""
        return np.stack(self.periods, axis=1)


@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_the_base_stock_rule_played_from_outside_gives_the_simulation(engine: Any) -> None:
    scenario = base_stock()
    kept = Kept()
    env = SupplyEnv(scenario, controls={"shop": 200.0, "middle": 200.0}, reward=kept, engine=engine)
    rewards = []
    for episode in range(3):
        observation, info = env.reset(seed=7) if episode == 0 else env.reset()
        assert info == {"seed": 7, "replication": episode}
        truncated = False
        while not truncated:
            observation, reward, terminated, truncated, _ = env.step(lifted(observation))
            assert env.observation_space.contains(observation)
            assert not terminated
            rewards.append(reward)
    run = simulate(scenario, replications=3, seed=7)
    assert kept.table.reshape(run.values.shape).tobytes() == run.values.tobytes()
    assert rewards == column(run.values, "profit").ravel().tolist()
    assert (column(run.values, "fixed_cost") > 0).any()
    assert (column(run.values, "contracted") > column(run.values, "shipped")).any()


def test_replications_side_by_side_give_the_simulation_episode_after_episode() -> None:
    scenario = base_stock()
    kept = Kept()
    envs = SupplyVectorEnv(scenario, num_envs=3, controls={"shop": 200.0, "middle": 200.0}, reward=kept)
    observations, _ = envs.reset(seed=7)
    for period in range(2 * 30 + 1):
        before = observations
        observations, rewards, terminated, truncated, _ = envs.step(lifted(observations))
        assert envs.observation_space.contains(observations)
        assert not terminated.any()
        assert truncated.tolist() == [period in (29, 60)] * 3
        if period == 30:  # the step after the last one begins the next replications
            assert rewards.tolist() == [0.0] * 3
            assert not np.array_equal(before, observations)
            assert np.array_equal(observations, envs.reset(options={"replication": 3})[0])
    run = simulate(scenario, replications=6, seed=7).values
    expected = np.concatenate([run[:3], run[3:]], axis=1)
    assert kept.table.tobytes() == np.ascontiguousarray(expected).tobytes()


def played(env: Any, kept: Kept, orders: Floats, replication: int) -> tuple[Floats, Floats]:
    """What an environment shows and gives under orders, float64[T, R, M] or [T, M]."""
    seen = [env.reset(seed=5, options={"replication": replication})[0]]
    seen += [env.step(order)[0] for order in orders]
    return np.stack(seen), kept.table


def test_both_engines_and_replications_side_by_side_agree_on_networks_of_every_kind() -> None:
    moved, told = set[str](), set[str]()
    cases = 0

    @settings(max_examples=60)
    @given(scenarios(), st.integers(0, 2**32))
    def bit_for_bit(scenario: Scenario, number: int) -> None:
        nonlocal cases
        network = network_of(scenario)
        held = [network.item_name(item) for item in range(network.item_count)]
        limits = {network.item_name(item): 40.0 for item in sorted(set(network.arc_buyer.tolist()))}
        chosen = np.random.default_rng(number)
        orders = chosen.uniform(0.0, 40.0, (scenario.run.periods, 2, len(limits)))
        orders[chosen.random(orders.shape) < 0.3] = 0.0
        try:
            kept = Kept()
            envs = SupplyVectorEnv(scenario, num_envs=2, controls=limits, observe=held, reward=kept)
        except InputError as refusal:
            told.add(str(refusal).partition(" of ")[0])
            reject()
        seen, table = played(envs, kept, orders, 1)
        for engine in ("agents", "compiled"):
            for row in range(2):
                kept = Kept()
                env = SupplyEnv(scenario, controls=limits, observe=held, reward=kept, engine=engine)  # type: ignore[arg-type]
                alone, own = played(env, kept, orders[:, row], 1 + row)
                assert alone.tobytes() == np.ascontiguousarray(seen[:, row]).tobytes()
                assert own[0].tobytes() == table[row].tobytes()
        cases += 1
        parts = np.split(seen, len(OBSERVED), axis=-1)
        moved.update(name for name, part in zip(OBSERVED, parts, strict=True) if np.ptp(part, axis=0).any())

    bit_for_bit()
    assert cases >= 40
    assert told <= {"controls: the target stock"}  # which caps what is made, and changes orders as well
    assert moved == set(OBSERVED)


@pytest.mark.parametrize("name", ["quickstart", "oil_gas", "bakery", "agro_food", "stock_levels", "three_tier"])
def test_shipped_scenarios_give_the_same_on_both_engines(name: str) -> None:
    scenario = load_scenario(SCENARIOS / name, ["run.periods=12", "run.warm_up=0"])
    network = network_of(scenario)
    limits = {network.item_name(item): 60.0 for item in sorted(set(network.arc_buyer.tolist()))}
    found = []
    for engine in ("agents", "compiled"):
        kept = Kept()
        env = SupplyEnv(scenario, controls=limits, reward=kept, engine=engine)  # type: ignore[arg-type]
        orders = np.random.default_rng(1).uniform(0.0, 60.0, (12, len(limits)))
        found.append(played(env, kept, orders, 0))
    assert found[0][0].tobytes() == found[1][0].tobytes()
    assert found[0][1].tobytes() == found[1][1].tobytes()


# Amounts of goods have no upper limit, and orders are in units; the checker would have all bounded and scaled.
@pytest.mark.filterwarnings("ignore:.*Box observation space m.* value is.*infinity:UserWarning")
@pytest.mark.filterwarnings("ignore:.*we recommend using a symmetric and normalized space:UserWarning")
@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_gymnasiums_checker(engine: Any) -> None:
    check_env(SupplyEnv(base_stock(), engine=engine), skip_render_check=True)


def test_it_is_registered() -> None:
    env = gymnasium.make("esc_sim/Supply-v0", scenario=base_stock(), reward="fill_rate")
    assert isinstance(env.unwrapped, SupplyEnv)
    envs = gymnasium.make_vec("esc_sim/Supply-v0", num_envs=3, scenario=base_stock())
    assert isinstance(envs.unwrapped, SupplyVectorEnv)
    assert envs.action_space.shape == (3, 2)


def test_gymnasiums_wrappers_take_both() -> None:
    envs = RecordEpisodeStatistics(SupplyVectorEnv(base_stock(), num_envs=2))
    _, _ = envs.reset(seed=7)
    total = np.zeros(2)
    for _ in range(30):
        _, rewards, _, _, infos = envs.step(np.full((2, 2), 10.0))
        total += rewards
    assert np.allclose(infos["episode"]["r"], total)
    scaled = RescaleAction(SupplyEnv(base_stock(), controls={"shop": 20.0}), -1.0, 1.0)
    plain = SupplyEnv(base_stock(), controls={"shop": 20.0})
    for env in (scaled, plain):
        env.reset(seed=7)
    assert scaled.step(np.array([-0.5]))[1] == plain.step(np.array([5.0]))[1]


def test_others_may_be_decided_by_code(tmp_path: Path) -> None:
    scenario = yaml.safe_load(base_stock().to_yaml())
    scenario["nodes"][1]["order"] = {"policy": "code", "code": "mine.py:lifted"}
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(scenario))
    (tmp_path / "mine.py").write_text("def lifted(period, position):\n    return (52.5 - position) / (20 - period)\n")
    with pytest.raises(InputError, match="order of 'middle': the scenario names Python code"):
        SupplyEnv(tmp_path, controls={"shop": 30.0})
    seen = []
    for engine in ("agents", "compiled"):
        env = SupplyEnv(tmp_path, controls={"shop": 30.0}, engine=engine, allow_code=True)  # type: ignore[arg-type]
        env.reset(seed=7)
        seen.append([env.step([10.0])[0].tolist() for _ in range(20)])
        with pytest.raises(InputError, match=r"mine.py:2: lifted: ZeroDivisionError: .*division by zero"):
            env.step([10.0])
    assert seen[0] == seen[1]
    SupplyEnv(tmp_path, controls={"middle": 30.0, "shop": 30.0})  # then nobody asks the code


def test_pettingzoos_checkers() -> None:
    env = SupplyParallelEnv(base_stock(), engine="compiled")
    parallel_api_test(env, num_cycles=100)
    parallel_seed_test(lambda: SupplyParallelEnv(base_stock(), engine="compiled"))


@pytest.mark.parametrize("engine", ["compiled", "agents"])
def test_every_member_is_rewarded_by_its_own_money(engine: Any) -> None:
    scenario = base_stock()
    env = SupplyParallelEnv(scenario, controls={"middle": 200.0, "shop": 200.0}, engine=engine)
    assert env.possible_agents == ["middle", "shop"]
    assert env.action_names("shop") == ("shop",)
    assert env.observation_names("shop")[1] == "shop.on_order"
    seen, _ = env.reset(seed=7)
    money = []
    while env.agents:
        orders = {name: np.maximum(LEVELS[name] - (own[:1] + own[1:2] - own[2:3]), 0.0) for name, own in seen.items()}
        seen, rewards, _, truncations, _ = env.step(orders)
        money.append([rewards["shop"], rewards["middle"]])
    assert truncations == {"middle": True, "shop": True}
    traces = simulate(scenario, replications=1, seed=7, trace=True).traces
    assert traces is not None
    assert np.array_equal(np.array(money), traces.nodes[0, :, :2, NODE_COLUMNS.index("profit")])


def test_a_shared_reward_is_that_of_the_network() -> None:
    env = SupplyParallelEnv(base_stock(), reward="cost", shared=True)
    single = SupplyEnv(base_stock(), reward="cost")
    env.reset(seed=2)
    single.reset(seed=2)
    for _ in range(5):
        _, rewards, _, _, _ = env.step({"shop": [12.0], "middle": [9.0]})
        assert set(rewards.values()) == {single.step([12.0, 9.0])[1]}


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        ("cost", lambda run: -column(run, "cost")),
        ("backlog", lambda run: -column(run, "backlog")),
        ("fill_rate", lambda run: column(run, "filled") / column(run, "demand")),
        ("net_cost_per_period", lambda run: column(run, "internal_income") - column(run, "cost")),
        (lambda period: period["served"] - period["stock"], lambda run: column(run, "served") - column(run, "stock")),
    ],
)
def test_rewards(reward: Any, expected: Callable[[Floats], Floats]) -> None:
    scenario = base_stock()
    env = SupplyEnv(scenario, controls={"shop": 200.0, "middle": 200.0}, reward=reward)
    observation, _ = env.reset(seed=7)
    found = []
    for _ in range(30):
        observation, value, _, _, _ = env.step(lifted(observation))
        found.append(value)
    assert np.array_equal(found, expected(simulate(scenario, replications=1, seed=7).values)[0])


def test_limits_come_from_demand_and_lead_time() -> None:
    env = SupplyEnv(chain())
    # 10 units a period are asked for; lead times of one period, and two more.
    assert env.action_names == ("shop", "middle")
    assert env.action_space.high.tolist() == [30.0, 30.0]
    assert SupplyEnv(chain(), controls=["middle"]).action_space.high.tolist() == [30.0]


def test_others_go_on_as_the_scenario_says() -> None:
    scenario = base_stock()
    kept = Kept()
    env = SupplyEnv(scenario, controls={"middle": 200.0}, observe=["middle", "shop", "source"], reward=kept)
    assert len(env.observation_names) == 3 * len(OBSERVED)
    observation, _ = env.reset(seed=7)
    for _ in range(30):
        own = observation.reshape(len(OBSERVED), 3)[:, 0]
        observation, *_ = env.step(np.maximum([LEVELS["middle"] - (own[0] + own[1] - own[2])], 0.0))
    run = simulate(scenario, replications=1, seed=7).values
    assert kept.table.tobytes() == run.tobytes()


def test_customers_at_any_time_are_left_to_the_agents() -> None:
    content: Content = chain_content()
    content["nodes"][0]["demand"] = {"arrivals": [{"between": 0.5, "size": 2.0}], "price": 20}
    scenario = scenario_of(content)
    env = SupplyEnv(scenario, controls={"shop": 30.0, "middle": 30.0})
    env.reset(seed=1)
    demands = [env.step([10.0, 10.0])[0].reshape(len(OBSERVED), 2)[3].tolist() for _ in range(12)]
    assert demands[1] == [4.0, 10.0]  # two customers want two units each; the middle is asked for what the shop orders
    with pytest.raises(InputError, match=r"the compiled engine cannot run this: customers of shop.*SyncVectorEnv"):
        SupplyVectorEnv(scenario, num_envs=2, controls={"shop": 30.0})
    with pytest.raises(InputError, match="the compiled engine cannot run this: customers of shop"):
        SupplyEnv(scenario, controls={"shop": 30.0}, engine="compiled")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([10.0, 31.0], r"action of 'middle': 31 is not between 0 and 30 units; clip it"),
        ([-1.0, 3.0], r"action of 'shop': -1 is not between 0 and 30 units"),
        ([10.0, float("nan")], r"action of 'middle': not a number; give units from 0 to 30"),
        (
            [10.0],
            r"action: an array of shape \(2,\) is wanted, one order for each of shop, middle; this one has \(1,\)",
        ),
        (10.0, r"action: an array of shape \(2,\) is wanted"),
        ([[10.0, 3.0]], r"action: an array of shape \(2,\) is wanted.*has \(1, 2\)"),
        (["a", "b"], r"action: \['a', 'b'\] are no numbers"),
    ],
)
def test_actions_outside_their_space(action: Any, message: str) -> None:
    env = SupplyEnv(chain())
    env.reset()
    with pytest.raises(InputError, match=message):
        env.step(action)


def test_actions_side_by_side_and_of_members_outside_their_space() -> None:
    envs = SupplyVectorEnv(chain(), num_envs=2)
    envs.reset()
    with pytest.raises(InputError, match=r"action of 'middle' in replication 1: 99 is not between 0 and 30 units"):
        envs.step([[1.0, 2.0], [3.0, 99.0]])
    with pytest.raises(InputError, match=r"an array of shape \(2, 2\) is wanted.*this one has \(2,\)"):
        envs.step([1.0, 2.0])
    with pytest.raises(InputError, match="num_envs: 0 is not a number of replications"):
        SupplyVectorEnv(chain(), num_envs=0)
    env = SupplyParallelEnv(chain())
    env.reset()
    with pytest.raises(InputError, match="action of 'middle': is missing; every learner orders"):
        env.step({"shop": [1.0]})
    with pytest.raises(InputError, match=r"action of 'shop': an array of shape \(1,\) is wanted, not \(2,\)"):
        env.step({"shop": [1.0, 2.0], "middle": [1.0]})
    with pytest.raises(InputError, match="action of 'shop': not a number"):
        env.step({"shop": [float("nan")], "middle": [1.0]})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"controls": ["shp"]}, "controls: there is no node 'shp'; did you mean 'shop'?"),
        ({"controls": ["source"]}, "controls: 'source' buys nothing: no arc leads to it"),
        ({"controls": 5}, "controls: give a list of names, not 5"),
        ({"controls": {"shop": True}}, "controls: 'shop': True is no largest order"),
        ({"observe": 5}, "observe: give a list of names, not 5"),
        ({"allow_code": "yes"}, "allow_code: True or False belongs here, not 'yes'"),
        ({"controls": ["shop/tea"]}, "controls: there is no 'shop/tea'; 'shop' holds shop/"),
        ({"controls": []}, "controls: nothing is controlled"),
        ({"controls": {"shop": 0.0}}, "controls: 'shop': 0.0 is no largest order; give a number of units above 0"),
        ({"controls": {"shop": "many"}}, "controls: 'shop': 'many' is no largest order"),
        ({"controls": {"shop": float("nan")}}, "controls: 'shop': nan is no largest order"),
        ({"observe": ["midle"]}, "observe: there is no node 'midle'; did you mean 'middle'?"),
        ({"observe": []}, "observe: nothing is observed"),
        ({"reward": "proft"}, "reward: 'proft' cannot be one; did you mean 'profit'?"),
        ({"reward": "stock"}, "reward: 'stock' cannot be one"),
        ({"reward": "cvar"}, "reward: 'cvar' cannot be one"),
        ({"engine": "fast"}, "engine: there is no 'fast'; take auto, compiled or agents"),
    ],
)
def test_arguments_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as told:
        SupplyEnv(chain(), **arguments)
    assert message in str(told.value)


def test_more_that_cannot_be_used() -> None:
    env = SupplyEnv(chain(), reward=lambda period: "much")
    with pytest.raises(InputError, match=r"step: no episode has begun; call reset\(\) first"):
        env.step([1.0, 1.0])
    with pytest.raises(InputError, match="reset: seed: -1 is not between"):
        env.reset(seed=-1)
    with pytest.raises(InputError, match=r"reset: replication: 1\.5 is no number of a replication"):
        env.reset(options={"replication": 1.5})
    env.reset()
    with pytest.raises(InputError, match="reward: <lambda> returned 'much'; 1 finite number"):
        env.step([1.0, 1.0])
    with pytest.raises(InputError, match="reward: a function is one of the whole network: say shared=True"):
        SupplyParallelEnv(chain(), reward=lambda period: period["profit"])
    with pytest.raises(InputError, match="reward: 'fill_rate' cannot be a member's own"):
        SupplyParallelEnv(chain(), reward="fill_rate")
    content = chain_content()
    del content["nodes"][0]["demand"]
    with pytest.raises(InputError, match=r"no final demand lies downstream of 'shop'.*controls=\{'shop': 100.0\}"):
        SupplyEnv(scenario_of(content))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seed": "x"}, "reset: seed: a whole number belongs here, not 'x'"),
        ({"seed": 1.5}, "reset: seed: a whole number belongs here, not 1.5"),
        ({"options": 5}, "reset: options: give a dict, such as {'replication': 5}, not 5"),
    ],
)
def test_episodes_begin_with_values_of_the_right_kind(values: dict[str, Any], message: str) -> None:
    envs: list[Any] = [SupplyEnv(chain()), SupplyVectorEnv(chain(), num_envs=2), SupplyParallelEnv(chain())]
    for env in envs:
        with pytest.raises(InputError) as told:
            env.reset(**values)
        assert str(told.value) == message
        env.reset(seed=np.int64(3))


@pytest.mark.parametrize("count", ["a", 2.5, True, None])
def test_numbers_of_environments_are_whole(count: Any) -> None:
    with pytest.raises(InputError, match="num_envs: a whole number belongs here, not"):
        SupplyVectorEnv(chain(), num_envs=count)


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (None, "step: actions: give them by name, as a dict, not NoneType"),
        ({"shp": [1.0], "middle": [1.0]}, "step: actions: there is no learner 'shp'; did you mean 'shop'?"),
        ({"shop": [1.0], "middle": [1.0], "moon": [1.0]}, "step: actions: there is no learner 'moon'"),
    ],
)
def test_learners_act_by_their_names(actions: Any, message: str) -> None:
    env = SupplyParallelEnv(chain())
    env.reset(seed=3)
    with pytest.raises(InputError) as told:
        env.step(actions)
    assert message in str(told.value)


def test_what_a_reward_raises_is_told_with_its_cause() -> None:
    env = SupplyEnv(chain(), reward=lambda period: period["costt"])
    env.reset()
    message = r"^reward: <lambda> \(line \d+\): KeyError: no column .* called 'costt'; did you mean 'cost'\?"
    with pytest.raises(InputError, match=message) as caught:
        env.step([1.0, 1.0])
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_episode_ends_at_the_horizon() -> None:
    env = SupplyEnv(chain())
    env.reset()
    ends = [env.step([10.0, 10.0])[3] for _ in range(12)]
    assert ends == [False] * 11 + [True]
    with pytest.raises(InputError, match=r"step: the episode is over; call reset\(\) for the next one"):
        env.step([10.0, 10.0])


def test_horizons_that_are_drawn_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    from esc_sim.engine.compiled import steps

    orders = np.random.default_rng(1).uniform(0.0, 100.0, (30, 2, 2))
    found = []
    for values in (steps._BLOCK_VALUES, 40):
        monkeypatch.setattr(steps, "_BLOCK_VALUES", values)
        kept = Kept()
        envs = SupplyVectorEnv(base_stock(), num_envs=2, controls={"shop": 200.0, "middle": 200.0}, reward=kept)
        found.append(played(envs, kept, orders, 0))
    assert found[0][0].tobytes() == found[1][0].tobytes()
    assert found[0][1].tobytes() == found[1][1].tobytes()


def test_the_agents_play_while_the_compiled_engine_is_not_there() -> None:
    class Coming:
        """A kernel that is there from the second time on that it is asked for."""

        asked = started = 0

        def is_there(self) -> bool:
            self.asked += 1
            return self.asked > 1

        def comes(self) -> bool:
            self.started += 1
            return True

    episodes = Episodes(base_stock())
    kernel = episodes._kernel = Coming()  # type: ignore[assignment]
    players = []
    for _ in range(3):
        episodes.reset(None, None)
        players.append(type(episodes.stepper).__name__)
    assert players == ["AgentStepper", "CompiledStepper", "CompiledStepper"]
    assert (kernel.asked, kernel.started) == (2, 1)


@pytest.mark.parametrize("missing", ["gymnasium", "pettingzoo"])
def test_the_extra_is_named_where_it_is_missing(missing: str) -> None:
    code = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from esc_sim.errors import InputError\n"
        "try:\n    import esc_sim.envs\nexcept InputError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"learning environments need the package {missing}: pip install 'esc_sim[rl]' (gymnasium and pettingzoo)\n"
    )


def from_backlog(period: Mapping[str, Floats]) -> Floats:
    """A reward at the top of a file, as another process must find it."""
    return -period["backlog"]


@pytest.mark.parametrize("reward", ["profit", "fill_rate", from_backlog])
def test_environments_that_have_not_begun_can_be_pickled(reward: Any) -> None:
    orders = {"shop": [9.0], "middle": [8.0]}
    for fresh, action in (
        (SupplyEnv(chain(), reward=reward), [9.0, 8.0]),
        (SupplyVectorEnv(chain(), num_envs=2, reward=reward), [[9.0, 8.0]] * 2),
        (SupplyParallelEnv(chain(), reward=reward, shared=True), orders),
        (SupplyParallelEnv(chain(), reward="income"), orders),
    ):
        seen = []
        for env in (fresh, pickle.loads(pickle.dumps(fresh))):
            env.reset(seed=3)
            seen.append([env.step(action)[:2] for _ in range(5)])
        np.testing.assert_equal(seen[1], seen[0])


def test_an_episode_that_has_begun_is_not_copied_into_a_wrong_one() -> None:
    fresh = SupplyEnv(scenario_of(chain_content()))
    other = copy.deepcopy(fresh)
    for env in (fresh, other):
        env.reset(seed=3)
    assert fresh.step(fresh.action_space.low)[1] == other.step(other.action_space.low)[1]
    with pytest.raises(InputError, match="cannot be copied or pickled once an episode has begun"):
        copy.deepcopy(fresh)
