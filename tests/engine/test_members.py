"""Members of a user's own class: what they change, where they run, and what is said where they do nonsense."""

from __future__ import annotations

import math
from types import FunctionType
from typing import Any

import pytest

import esc_sim
from esc_sim.engine.agents.agents import Retailer, SupplyAgent, Trader
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.fields.item import Item
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.manifest import build_manifest
from esc_sim.scenario.reader import load_scenario
from esc_sim.simulation import simulate
from tests.helpers.networks import chain
from tests.helpers.runs import SCENARIOS

OIL_GAS = SCENARIOS / "oil_gas"
SHORT = ["run.periods=40"]


class Cautious(SupplyAgent):
    """Orders a fifth more while anything in the network is disrupted."""

    def wants(self, item: Item, planned: float) -> float:
        """More in bad times."""
        return 1.2 * planned if self.model.hazards.active else planned


class Calm(SupplyAgent):
    """Does what the house's agents do."""

    def wants(self, item: Item, planned: float) -> float:
        """What the policy says."""
        return planned


def test_members_that_change_nothing_change_no_bit() -> None:
    usual = simulate(OIL_GAS, overrides=SHORT, replications=2, seed=1, engine="compiled")
    calm = simulate(OIL_GAS, overrides=SHORT, replications=2, seed=1, members={"terminal": Calm, "refinery": Calm})
    assert calm.values.tobytes() == usual.values.tobytes()
    assert calm.twin is not None
    assert usual.twin is not None
    assert calm.twin.tobytes() == usual.twin.tobytes()


def test_members_by_role_and_by_node() -> None:
    usual = simulate(OIL_GAS, overrides=SHORT, replications=3, seed=1, engine="agents")
    role = simulate(OIL_GAS, overrides=SHORT, replications=3, seed=1, members={"terminal": Cautious})
    names = {f"terminal_{k}": Cautious for k in (1, 2, 3)}
    nodes = simulate(OIL_GAS, overrides=SHORT, replications=3, seed=1, members=names)
    assert role.values.tobytes() == nodes.values.tobytes() != usual.values.tobytes()
    one = simulate(
        OIL_GAS, overrides=SHORT, replications=3, seed=1, members={"terminal": Cautious, "terminal_1": Calm,
        "terminal_2": Calm, "terminal_3": Calm},
    )  # fmt: skip
    assert one.values.tobytes() == usual.values.tobytes()


def test_a_run_says_who_acted() -> None:
    run = simulate(
        OIL_GAS, overrides=SHORT, replications=1, seed=1, members={"terminal": Cautious}, negotiation="contract_net"
    )
    assert run.engine == "agents"
    assert run.notices[0] == (
        "run by the agent engine: terminal_1, terminal_2, terminal_3 act by the class Cautious; "
        "markets negotiate by contract_net"
    )
    manifest = build_manifest(run)
    assert manifest["members"] == dict.fromkeys(["terminal_1", "terminal_2", "terminal_3"], "Cautious")
    assert manifest["negotiation"] == "contract_net"
    usual = build_manifest(simulate(OIL_GAS, overrides=SHORT, replications=1, engine="agents"))
    assert not {"members", "negotiation"} & usual.keys()


def test_members_run_in_processes() -> None:
    options: dict[str, Any] = {"replications": 32, "seed": 1, "members": {"terminal": Cautious}}
    one = simulate(OIL_GAS, overrides=["run.periods=365"], **options)
    two = simulate(OIL_GAS, overrides=["run.periods=365"], workers=2, **options)
    assert one.values.tobytes() == two.values.tobytes()


def test_a_class_that_no_other_process_finds_is_refused_before() -> None:
    class Local(SupplyAgent):
        """Written in a function."""

    with pytest.raises(InputError, match="Local cannot be found by other processes: write it at the top of a"):
        simulate(OIL_GAS, replications=1, workers=2, members={"terminal": Local})
    simulate(OIL_GAS, overrides=SHORT, replications=1, workers=1, members={"terminal": Local})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"terminals": Calm},
            r"members: there is no role or node 'terminals'; did you mean 'terminal_3'\?|'terminal'\?",
        ),
        ({"xyz": Calm}, "there is no role or node 'xyz'; roles are producer, refinery, retailer, storage, terminal"),
        (
            {"terminal": 3},
            r"members: 3 for 'terminal' is no class of agents: write class Terminal\(esc_sim.SupplyAgent",
        ),
        ({"terminal": dict}, "members: <class 'dict'> for 'terminal' is no class of agents"),
        ({"terminal_1": lambda: 1}, "for 'terminal_1' is no class of agents"),
    ],
)
def test_what_is_no_class_of_members_is_refused(members: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(OIL_GAS, replications=1, members=members)
    with pytest.raises(InputError, match=message):
        SupplyChainModel(OIL_GAS, members=members)


@pytest.mark.parametrize("value", [None, math.nan, -1.0, math.inf, "ten", True])
def test_a_quantity_that_is_none_is_told_with_member_and_class(value: Any) -> None:
    class Odd(SupplyAgent):
        """Wants what is no quantity."""

        def wants(self, item: Item, planned: float) -> Any:
            return value

    with pytest.raises(InputError) as caught:
        simulate(OIL_GAS, overrides=SHORT, replications=1, members={"terminal": Odd})
    text = f"member 'terminal_1' (class Odd): wants returned {value!r} for 'terminal_1', not a quantity of at least 0"
    assert caught.value.problems == [text]


def test_a_quantity_beyond_the_grid_of_goods_is_told() -> None:
    class Greedy(SupplyAgent):
        """Wants more than there can be."""

        def wants(self, item: Item, planned: float) -> float:
            return 2.0**31

    message = r"member 'terminal_1' \(class Greedy\): wants returned 2147483648.0 .*, which is not below 2,147,483,648"
    with pytest.raises(InputError, match=message):
        simulate(OIL_GAS, overrides=SHORT, replications=1, members={"terminal": Greedy})


def test_order_quantity_is_looked_at_too() -> None:
    class Odd(SupplyAgent):
        """Wants what is no quantity."""

        def order_quantity(self, item: Item) -> float:
            return math.nan

    with pytest.raises(InputError, match=r"member 'shop' \(class Odd\): order_quantity returned nan for 'shop'"):
        simulate(SCENARIOS / "stock_levels", replications=1, members={"shop": Odd})


class Fails(SupplyAgent):
    """Asks for what is not there."""

    def wants(self, item: Item, planned: float) -> float:
        return float({}["plan"])


class Misreads(SupplyAgent):
    """Takes other arguments."""

    def wants(self, item: Item) -> float:  # type: ignore[override]
        return 1.0


class Needs(SupplyAgent):
    """Cannot be made as members are."""

    def __init__(self, model: Any, node: int, share: float) -> None:
        super().__init__(model, node)


class Forgets(SupplyAgent):
    """Leaves out what the house prepares."""

    def __init__(self, model: Any, node: int) -> None:
        self.share = 0.5


class Stopped(SupplyAgent):
    """The user presses Ctrl-C."""

    def wants(self, item: Item, planned: float) -> float:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("kind", "message", "cause"),
    [
        (Fails, r"\(class Fails\): wants \(line \d+\): KeyError: plan", KeyError),
        (Misreads, r"\(class Misreads\): wants \(line \d+\): TypeError: .*positional arguments", TypeError),
        (Needs, r"\(class Needs\): __init__ \(line \d+\): TypeError: .*'share'", TypeError),
        (Forgets, r"\(class Forgets\): let __init__\(self, model, node\) begin with super\(\)", type(None)),
    ],
)
@pytest.mark.parametrize("lots", [False, True])
def test_what_a_member_raises_is_told_with_its_cause(
    kind: type[SupplyAgent], message: str, cause: type, lots: bool
) -> None:
    with pytest.raises(InputError, match=r"^member 'terminal_1' " + message) as caught:
        simulate(OIL_GAS, overrides=SHORT, replications=1, members={"terminal": kind}, lots=lots)
    assert isinstance(caught.value.__cause__, cause)


def test_ctrl_c_in_a_member_stays_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        SupplyChainModel(OIL_GAS, members={"terminal": Stopped}).run(3)


def test_the_house_pays_nothing_for_looking() -> None:
    methods = [*vars(SupplyAgent).values(), *vars(Trader).values()]
    assert not any(hasattr(method, "__wrapped__") for method in methods if isinstance(method, FunctionType))
    assert hasattr(Calm.wants, "__wrapped__")


@pytest.mark.parametrize(
    ("name", "book", "value"),
    [
        ("order", "residual", math.nan),
        ("open_book", "limits", -3.0),
        ("receive", "stock", None),
        ("choose", "limits", -1),
    ],
)
def test_books_that_a_behaviour_leaves_in_disorder_are_told(name: str, book: str, value: Any) -> None:
    def behaviour(self: SupplyAgent, *args: Any) -> None:
        getattr(SupplyAgent, name)(self, *args)
        if book == "limits":
            self.books.limits[self.items[0].index] = value
        else:
            setattr(self.items[0], book, value)

    odd = type("Odd", (SupplyAgent,), {name: behaviour, "__module__": __name__})
    behaviour.__name__ = name
    with pytest.raises(InputError) as caught:
        SupplyChainModel(chain(), members={"middle": odd}).run()
    text = f"member 'middle' (class Odd): {name} left {book} of 'middle' at {value!r}, not a quantity"
    assert caught.value.problems[0].startswith(text)


class Endless(Trader):
    """Says that it asked somebody, and asks nobody."""

    def respond(self, line: int) -> bool:
        """Always."""
        return True


class Silent(Trader):
    """Does not say whether it asked somebody."""

    def respond(self, line: int) -> Any:
        """Nothing."""


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Endless, "respond never ends: return False when there is no supplier left"),
        (Silent, r"respond returned None, not whether it asked a supplier \(True or False\)"),
    ],
)
def test_a_response_that_is_none_is_told(kind: type[SupplyAgent], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SupplyChainModel(chain(), members={"middle": kind}).run()


def test_a_class_that_leaves_out_what_a_member_must_do_is_refused() -> None:
    with pytest.raises(InputError, match="members: a Trader does not serve final demand, which retailer_1 must"):
        SupplyChainModel(OIL_GAS, members={"retailer": Trader})
    with pytest.raises(InputError, match="members: a Retailer does not produce, which producer_1 must"):
        SupplyChainModel(OIL_GAS, members={"producer": Retailer})


def test_wants_holds_for_every_policy_and_stays_on_the_grid() -> None:
    class Half(SupplyAgent):
        """Wants a third of what its policy does."""

        def wants(self, item: Item, planned: float) -> float:
            return planned / 3

    for name, role in (("stock_levels", "shop"), ("oil_gas", "terminal")):
        model = SupplyChainModel(load_scenario(SCENARIOS / name, SHORT), members={role: Half}, seed=1)
        usual = SupplyChainModel(load_scenario(SCENARIOS / name, SHORT), seed=1)
        model.step(), usual.step()
        for item in model.agents_by_type[Half][0].bought:
            assert abs(item.ordered - usual.books.items[item.index].ordered / 3) < 1e-6
            assert (item.ordered * 2**20).is_integer()


def test_sweeps_and_comparisons_play_them() -> None:
    changed = {"as it is": {}, "more outages": {"disruptions.refinery_3_outage.probability": 0.3}}
    options: dict[str, Any] = {"replications": 2, "members": {"terminal": Cautious}}
    compared = esc_sim.compare(str(OIL_GAS), changed, seed=1, **options)
    run = simulate(OIL_GAS, seed=1, **options)
    (profit,) = [row for row in compared.rows if (row.kpi, row.variant) == ("profit_total", "as it is")]
    assert profit.value.mean == run.values[:, :, PERIOD_COLUMNS.index("profit")].sum(axis=1).mean()
    swept = esc_sim.sweep(str(OIL_GAS), {"risk.level": [0.9, 0.95]}, seed=1, **options)
    assert swept.table["profit_total.mean"].tolist() == [profit.value.mean] * 2
