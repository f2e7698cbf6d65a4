"""What nodes do with goods beside trading them, over records: recipes, expiry, by-products."""

from __future__ import annotations

from typing import Final

from esc_sim.behaviours.byproducts import dispose, excess, give, hand_over
from esc_sim.behaviours.perish import become_waste, expire
from esc_sim.behaviours.recipes import make_output, mature, possible_runs, spend_on_runs, take_back, use_input
from esc_sim.behaviours.sell import reduced
from esc_sim.disruptions.registry import row_of
from esc_sim.engine.compiled.arrays import Net, Now, State, Work

PRODUCE: Final = row_of("produce")
RECEIVE: Final = row_of("receive")
SHIP: Final = row_of("ship")


def run_recipes(net: Net, state: State, work: Work, now: Now) -> None:
    """Outputs of earlier runs come in; then each node runs its recipes, in the order in which they are listed."""
    making = net.making
    for k in range(len(making.lagged)):
        i, slot = making.lagged[k], now.period % state.maturing.shape[0]
        mature(state.goods[i], state.items[i], state.maturing[slot, i])
        state.maturing[slot, i] = 0.0
    for q in range(len(making.recipes)):
        recipe = making.recipes[q]
        node, health = work.nodes[recipe.node], work.levels[PRODUCE, recipe.node]
        runs = possible_runs(net, making, recipe, state.goods, state.items, node, health)
        if runs > 0.0:
            _run(net, state, work, now, q, runs)


def _run(net: Net, state: State, work: Work, now: Now, q: int, runs: float) -> None:
    recipe = net.making.recipes[q]
    for k in range(recipe.first_input, recipe.end_input):
        part = net.making.inputs[k]
        use_input(net, part, state.goods[part.item], state.items[part.item], runs)
    ripening = state.maturing[(now.period + recipe.lag) % state.maturing.shape[0]]
    for k in range(recipe.first_output, recipe.end_output):
        part = net.making.outputs[k]
        make_output(net, recipe, part, state.goods[part.item], state.items[part.item], ripening, runs)
    spend_on_runs(net, recipe, work.nodes[recipe.node], work.network[0], runs)


def leave_behind(net: Net, state: State) -> None:
    """What customers leave of what they bought in this period comes back."""
    for k in range(len(net.making.leftovers)):
        take_back(net, net.making.leftovers[k], state.goods)


def end_shelf_lives(net: Net, state: State, work: Work, now: Now) -> None:
    """At the end of a period, what has outlived its shelf life becomes waste, or is disposed of."""
    for k in range(len(state.perishables)):
        i = state.perishables[k].item
        expire(net, state.perishables[k], state.goods[i], state.items[i], state.entered, now.period)
    for k in range(len(state.perishables)):
        perishable = state.perishables[k]
        node = work.nodes[state.goods[perishable.item].node]
        become_waste(perishable, state.goods, state.items, state.perishables, node)


def offer_byproducts(net: Net, state: State, work: Work) -> None:
    """What no order waits for and no store has room for goes to takers in rising cost; the rest is disposed of."""
    making = net.making
    for g in range(len(making.givers)):
        giver = making.givers[g]
        goods, item = state.goods[giver.item], state.items[giver.item]
        left = excess(goods, item)
        if left <= 0.0:
            continue
        offered = reduced(left, work.levels[SHIP, goods.node], net.offset)
        for k in range(giver.first_taker, giver.end_taker):
            taker = making.takers[k]
            to = state.goods[taker.item].node
            health = work.levels[RECEIVE, to]
            amount = give(net, giver, taker, state.goods, state.items, state.perishables, offered, health)
            if amount > 0.0:
                hand_over(taker, work.money[goods.node], work.money[to], work.network[0], amount)
                offered -= amount
                left -= amount
        dispose(goods, item, work.nodes[goods.node], left)
