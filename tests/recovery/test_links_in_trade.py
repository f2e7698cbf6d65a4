"""Links that a cascade makes carry orders, and strengthened relations more of them (``cascade.links_trade``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.links import joined_links, links_line
from esc_sim.results.writing import write_run
from esc_sim.views.report.sentences import run_answer
from tests.engine.test_conservation import assert_goods_conserved, assert_limits_kept, assert_on_grid
from tests.helpers.runs import agents, compiled, period
from tests.recovery.test_on_the_clock import played, small

ON = {"cascade.links_trade": True, "cascade.delay": 2}
LOST = PERIOD_COLUMNS.index("lost_demand")


def linked(**changes: Any) -> SupplyChainModel:
    return played(small(**(ON | changes)))


def test_links_carry_orders_and_less_demand_is_lost() -> None:
    without, model = linked(**{"cascade.links_trade": False}), linked()
    assert without.links.made == []
    before = slice(0, 62)  # until the first round is over
    assert np.array_equal(model.recorder.periods[before], without.recorder.periods[before])
    assert model.recorder.periods[:, LOST].sum() < 0.9 * without.recorder.periods[:, LOST].sum()
    used = [link for link in model.links.made if model.books.arc_total[link.arc] > 0]
    assert [(link.since, link.supplier, link.buyer, link.instead_of) for link in used] == [
        (62.0, "3", "32", "0"),
        (62.0, "3", "26", "6"),
        (62.0, "3", "14", "9"),
    ]


def test_a_link_has_the_terms_of_the_relation_that_it_replaces_and_joins_competitors() -> None:
    model = linked()
    network, books = model.instance.network, model.books
    arcs = {(arc.supplier, arc.buyer): arc for arc in small().arcs}
    for link in model.links.made:
        nodes = network.node_index
        sells = (link.instead_of, link.buyer) in arcs  # else the one who failed was a customer
        rival = link.supplier if sells else link.buyer
        assert network.roles[nodes[rival]] == network.roles[nodes[link.instead_of]]
        assert (link.supplier, link.buyer) not in arcs
        replaced = arcs[(link.instead_of, link.buyer) if sells else (link.supplier, link.instead_of)]
        assert books.arcs[link.arc].price == replaced.price
        assert books.arcs[link.arc].unit_cost == pytest.approx(replaced.price + replaced.other_cost)
        assert model.env.clock.periods(books.lead_time[link.arc]) == replaced.lead_time
    ends = [(link.supplier, link.buyer) for link in model.links.made]
    assert len(set(ends)) == len(ends)


def test_buyers_ask_their_own_suppliers_first() -> None:
    """No link is asked in a market before all suppliers of the line were: its bids come last of its line."""
    model = SupplyChainModel(small(**ON), seed=1, watch=True)
    model.run(63)
    links = {link.arc for link in model.links.made}
    seen = 0
    for _ in range(20):
        model.step()
        assert model.watch is not None
        asked: dict[int, list[bool]] = {}
        for arc, _, _ in model.watch.bids:
            asked.setdefault(model.books.arcs[arc].buyer, []).append(arc in links)
        for over_links in asked.values():
            assert over_links == sorted(over_links)
            seen += sum(over_links)
    assert seen > 0


def test_where_no_link_is_made_nothing_changes() -> None:
    for changes in ({"cascade.link_probability": 0}, {"disruptions": []}):
        one, other = linked(**changes), linked(**changes, **{"cascade.links_trade": False})
        assert one.links.made == []
        assert np.array_equal(one.recorder.periods, other.recorder.periods)


def test_strengthened_relations_carry_at_most_alpha_times_as_much() -> None:
    tight = {"arcs.*.cap": 20, "cascade.link_probability": 0}
    model, plain = linked(**tight), linked(**tight, **{"cascade.links_trade": False})
    caps = np.array(model.books.cap)
    assert set(np.unique(np.round(caps, 5))) == {20.0, 21.0}
    assert (caps > 20).sum() > 10
    assert model.recorder.periods[:, LOST].sum() < plain.recorder.periods[:, LOST].sum()


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"rules.unmet_orders": "backorder", "rules.known_after": 3, "arcs.*.cap": 30},
        {"rules.unmet": "backorder", "rules.partial": False},
    ],
)
def test_goods_and_money_are_conserved(rules: dict[str, Any]) -> None:
    ours = small(True, **ON, **rules, **{"cascade.link_probability": 1, "cascade.spare_above_initial": False})
    block = agents(ours, [0])
    assert_goods_conserved(ours, block)
    assert_on_grid(ours, block)
    assert_limits_kept(ours, block)
    over_links = sum(amount for amount, _ in block.links.values())
    assert over_links > 0
    assert block.arc_shipped.sum() + over_links == period(block, "shipped").sum()
    model = played(ours)
    costs = np.array(model.books.of_arcs("unit_cost")) - np.array(model.books.of_arcs("price"))
    assert len(costs) == len(ours.arcs) + len(model.links.made)
    paid_to_members = period(block, "procurement") - period(block, "internal_income")
    assert paid_to_members.sum() == pytest.approx(costs @ np.array(model.books.arc_total))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rules.negotiation": "most_reliable"}, "the usual negotiation"),
        (
            {"nodes.36.order": {"policy": "base_stock", "order_up_to": 50, "review": "continuous"}},
            "orders and customers at reviews",
        ),
    ],
)
def test_what_cannot_carry_them_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"cascade.links_trade: orders over new links take {message}"):
        SupplyChainModel(small(**ON, **changes))


def test_only_agents_run_it_and_its_results_list_the_links(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="links that a cascade makes carry orders"):
        compiled(small(**ON))
    run = esc.simulate(small(**ON), replications=2, seed=1)
    assert run.engine == "agents"
    assert any("links_trade" in notice for notice in run.notices)
    model = linked()
    link = max(model.links.made, key=lambda link: model.books.arc_total[link.arc])
    (row,) = (row for row in run.links if (row.supplier, row.buyer) == (link.supplier, link.buyer))
    assert row.replications == 2
    assert row.shipped > 0
    assert row.product == link.product
    write_run(run, tmp_path / "run")
    lines = (tmp_path / "run" / "links.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "supplier,buyer,product,shipped,replications"
    assert len(lines) == 1 + len(run.links)
    assert joined_links([(run.links, 2), ((), 2)])[0].shipped == run.links[0].shipped / 2
    assert esc.simulate(small(), replications=1, engine="agents").links == ()


def test_links_are_told_and_drawn(tmp_path: Path) -> None:
    run = esc.simulate(small(**ON), replications=1, seed=1, engine="agents")
    used = [row for row in run.links if row.shipped > 0]
    block = run.summary["links"]
    assert (block["made"], block["used"]) == (len(run.links), len(used)) == (len(run.links), 3)
    assert block["shipped"] == pytest.approx(sum(row.shipped for row in used))
    line = links_line(run.summary)
    assert line.startswith(f"Cascades made {len(run.links)} links; 3 of them carried goods")
    read = esc.load_result(run.save(tmp_path / "run"))
    for one in (run, read):
        assert line in run_answer({}, one.summary)
        assert one.about.link_ends.tolist() == run.about.link_ends.tolist()
        (legend,) = one.plot.network_map().legends
        assert {text.get_text() for text in legend.get_texts()} >= {
            "link made in a cascade",
            "the same, carried nothing",
        }
    assert links_line({"links": {"made": 1, "used": 0}, "units": {}}) == "Cascades made 1 link; no goods went over it."
    assert links_line({}) == ""
