"""Negotiation protocols: the standard one by objects is the standard one to the bit, and none makes goods or money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.agents.runner import run_replications
from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.negotiation import negotiated
from esc_sim.negotiations.contract_net import ContractNet
from esc_sim.negotiations.lowest_cost import LowestCost
from esc_sim.negotiations.most_reliable import MostReliable
from esc_sim.negotiations.protocol import Bid, Call, Deal, NegotiationProtocol, Offer
from esc_sim.negotiations.registry import PROTOCOLS, GivenProtocol
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.engine.test_conservation import assert_goods_conserved, assert_money_conserved
from tests.helpers.networks import scenario_of, scenarios
from tests.helpers.runs import SCENARIOS, agents, differences, item, period


class Standard(LowestCost):
    """The standard protocol, held by the markets that follow an object."""


class Stingy(NegotiationProtocol):
    """Asks the dearest, for a third of what is wanted, and suppliers give half of what they are asked for."""

    def ask(self, call: Call) -> Offer:
        return call.offers[-1]

    def bid(self, offer: Offer, wanted: float) -> float:
        return wanted / 3

    def accept(self, bids: Sequence[Bid], limit: float) -> list[float]:
        return [bid.asked / 2 for bid in bids]


def held(scenario: Scenario, given: GivenProtocol, replications: int = 1) -> Block:
    """Replications of a scenario with a protocol, everything recorded."""
    instance = negotiated(instance_of(scenario), given)
    return run_replications(instance, scenario.run.seed, range(replications), stock=True, trace=True)


@settings(max_examples=150)
@given(scenarios(True, trading=True))
def test_the_standard_protocol_as_an_object_is_the_standard_one(scenario: Scenario) -> None:
    assert differences(agents(scenario), held(scenario, Standard)) == []


@pytest.mark.parametrize("protocol", [MostReliable, ContractNet(0.5, 0.1), Stingy])
@settings(max_examples=60)
@given(scenario=scenarios(True, trading=True))
def test_no_protocol_makes_goods_or_money(protocol: GivenProtocol, scenario: Scenario) -> None:
    block = held(scenario, protocol)
    assert_goods_conserved(scenario, block)
    assert_money_conserved(scenario, block)
    grid = 2.0**scenario.rules.goods_quantum
    for name in ("stock", "shipped", "contracted"):
        amounts = item(block, name) * grid
        np.testing.assert_array_equal(amounts, np.round(amounts))
        assert (amounts >= 0).all()


def two_suppliers(**changes: Any) -> Scenario:
    """A shop that wants 10 units a period from a cheap supplier or a dear one."""
    return scenario_of(
        {
            "nodes": [
                {"id": "shop", "order": {"mean": 10}},
                {"id": "cheap", "role": "maker", "initial_stock": 1000},
                {"id": "dear", "role": "maker", "initial_stock": 1000},
            ],
            "arcs": [
                {"buyer": "shop", "supplier": "cheap", "price": 10, "other_cost": 1},
                {"buyer": "shop", "supplier": "dear", "price": 12, "other_cost": 1},
            ],
            "run": {"periods": 8, "replications": 1, "seed": 1},
        }
        | changes
    )


OUTAGE = {"name": "outage", "nodes": ["cheap"], "dates": [{"start": 2, "duration": 1}]}


def test_the_most_reliable_supplier_is_asked_until_a_failure_is_forgotten() -> None:
    scenario = two_suppliers(disruptions=[OUTAGE], rules={"known_after": 1000})
    usual = item(agents(scenario), "shipped")[0, :, 1:3]
    assert usual.T.tolist() == [[10, 10, 0, 10, 10, 10, 10, 10], [0] * 8]
    found = item(held(scenario, MostReliable(memory=3)), "shipped")[0, :, 1:3]
    # Of 30 units asked for in periods 0 to 2 the cheap one sent 20; review 6 looks at periods 3 to 5 only.
    assert found.T.tolist() == [[10, 10, 0, 0, 0, 0, 10, 10], [0, 0, 0, 10, 10, 10, 0, 0]]


def test_suppliers_outbid_one_another_down_to_the_price_that_the_second_takes_at_least() -> None:
    scenario = two_suppliers()
    block = held(scenario, ContractNet(floor=0.75, step=0.05))
    # The dear one goes down to 9; the cheap one follows from 10 by steps of 0.5, to the first that wins: 9.5 - 0.5.
    assert item(block, "shipped")[0, :, 1:3].T.tolist() == [[10] * 8, [0] * 8]
    assert period(block, "procurement")[0].tolist() == [100.0] * 8
    assert period(block, "internal_income")[0].tolist() == [90.0] * 8
    usual = agents(scenario)
    np.testing.assert_allclose(period(block, "profit"), period(usual, "profit"), rtol=1e-12)


def test_negotiated_prices_move_no_goods_where_suppliers_keep_their_order() -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas", ["run.periods=120"])
    usual, net = agents(scenario), held(scenario, ContractNet(floor=0.999, step=0.001))
    assert item(usual, "shipped").tobytes() == item(net, "shipped").tobytes()
    np.testing.assert_allclose(period(net, "profit"), period(usual, "profit"), rtol=1e-12)
    assert (period(net, "cost") <= period(usual, "cost")).all()
    assert period(net, "cost").mean() < period(usual, "cost").mean()


def test_each_replication_has_a_copy_and_prices_return_to_the_list() -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas", ["run.periods=60"])
    protocol = MostReliable(memory=5)
    twice = [simulate(scenario, replications=2, seed=1, negotiation=protocol).values for _ in range(2)]
    assert twice[0].tobytes() == twice[1].tobytes()
    assert protocol._past == {}
    model = SupplyChainModel(scenario, negotiation="contract_net")
    listed = model.books.of_arcs("price")
    model.run()
    assert model.books.of_arcs("price") == listed


def test_a_protocol_is_named_by_the_scenario_or_by_the_caller() -> None:
    options: dict[str, Any] = {"replications": 2, "seed": 3}
    path = SCENARIOS / "oil_gas"
    usual = simulate(path, engine="agents", overrides=["run.periods=60"], **options)
    named = simulate(path, overrides=["run.periods=60", "rules.negotiation=most_reliable"], **options)
    given = simulate(path, overrides=["run.periods=60"], negotiation=MostReliable, **options)
    assert named.values.tobytes() == given.values.tobytes() != usual.values.tobytes()
    assert named.notices[0] == "run by the agent engine: markets negotiate by most_reliable"
    back = simulate(
        path, engine="agents", overrides=["run.periods=60", "rules.negotiation=most_reliable"],
        negotiation="lowest_cost", **options,
    )  # fmt: skip
    assert back.values.tobytes() == usual.values.tobytes()


def test_all_protocols_of_the_registry_can_be_made_and_say_what_they_are() -> None:
    for name, kind in PROTOCOLS.items():
        assert kind().name == name
        assert kind.words


class Asks(NegotiationProtocol):
    """Asks an offer of its own."""

    def ask(self, call: Call) -> Any:
        return "the best"


class Bids(NegotiationProtocol):
    """Bids no number."""

    def bid(self, offer: Offer, wanted: float) -> Any:
        return None


class Accepts(NegotiationProtocol):
    """Accepts one bid too many."""

    def accept(self, bids: Sequence[Bid], limit: float) -> list[float]:
        return [1.0] * (len(bids) + 1)


class Refuses(NegotiationProtocol):
    """Accepts less than nothing."""

    def accept(self, bids: Sequence[Bid], limit: float) -> list[float]:
        return [-1.0 for _ in bids]


class Nothing(NegotiationProtocol):
    """Accepts one number for all."""

    def accept(self, bids: Sequence[Bid], limit: float) -> Any:
        return 5


class Prices(NegotiationProtocol):
    """Sets a price that is none."""

    def open(self, calls: Sequence[Call]) -> None:
        for call in calls:
            call.offers[0].price = float("nan")


class Needy(NegotiationProtocol):
    """Cannot be made without arguments."""

    def __init__(self, what: float) -> None:
        self.what = what


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        (Asks, r"negotiation \(class Asks\): ask returned 'the best', which is none of the buyer's offers"),
        (Bids, r"negotiation \(class Bids\): bid returned None, not a quantity of at least 0"),
        (Accepts, r"negotiation \(class Accepts\): accept returned 2 amounts for 1 bids"),
        (Refuses, r"negotiation \(class Refuses\): accept returned -1.0, not a quantity"),
        (Nothing, r"negotiation \(class Nothing\): accept returned 5, not the units of each bid"),
        (Prices, r"negotiation \(class Prices\): set the price of cheap for shop to nan, not a price"),
        (Needy, r"negotiation: Needy cannot be made without arguments"),
        ("contract_nett", r"negotiation: there is no protocol 'contract_nett'; did you mean 'contract_net'\?"),
        (3, r"3 is no protocol: give a name \(lowest_cost, most_reliable, contract_net\), a class"),
        (lambda price: price, "is no plain function: write it with def"),
        (dict, r"is no protocol"),
    ],
)  # fmt: skip
def test_nonsense_is_told(protocol: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        held(two_suppliers(), protocol)


class Fails(NegotiationProtocol):
    """Breaks when it is made."""

    def __init__(self) -> None:
        raise OSError("no licence")


@pytest.mark.parametrize("method", ["open", "ask", "bid", "accept", "close"])
def test_what_a_protocol_raises_is_told_with_its_cause(method: str) -> None:
    def fails(self: Any, *args: Any) -> Any:
        return 1 / 0

    fails.__name__ = method
    kind = type("Odd", (NegotiationProtocol,), {method: fails, "__module__": __name__})
    message = rf"^negotiation \(class Odd\): {method} \(line \d+\): ZeroDivisionError: division by zero"
    with pytest.raises(InputError, match=message) as caught:
        held(two_suppliers(), kind)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_protocol_that_cannot_be_made_is_told() -> None:
    with pytest.raises(InputError, match=r"^negotiation \(class Fails\): __init__ \(line \d+\): OSError: no licence"):
        held(two_suppliers(), Fails)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="MostReliable: memory: 0 is no number of periods"):
        MostReliable(memory=0)
    with pytest.raises(InputError, match=r"ContractNet: floor: 1\.5 is no share"):
        ContractNet(floor=1.5)


def test_orders_at_any_time_have_no_market() -> None:
    scenario = two_suppliers()
    order = {"policy": "base_stock", "order_up_to": 5, "review": "continuous"}
    content = scenario.model_dump(by_alias=True, exclude_unset=True)
    content["nodes"][0] = {"id": "shop", "order": order}
    with pytest.raises(InputError, match="markets are held at reviews, and 'shop' orders at any time"):
        negotiated(instance_of(scenario_of(content)), "most_reliable")


def test_what_a_protocol_is_told() -> None:
    seen: list[tuple[int, list[tuple[str, float, float]]]] = []

    class Curious(NegotiationProtocol):
        """Keeps what it is told; all copies share the list."""

        def close(self, period: int, deals: Sequence[Deal]) -> None:
            seen.append((period, [(deal.offer.supplier, deal.asked, deal.shipped) for deal in deals]))

    held(two_suppliers(disruptions=[OUTAGE], rules={"known_after": 1000}), Curious)
    assert seen[1] == (1, [("cheap", 10.0, 10.0)])
    assert seen[2] == (2, [("cheap", 10.0, 0.0)])
