"""Makes stockpyl_networks.json with stockpyl and simulates its networks: python stockpyl_networks.py [PERIODS RUNS].

In an environment that has stockpyl 1.0.2 (MIT License, Copyright Larry Snyder). Without arguments it writes the file
beside this one; with them it prints the mean cost of a period of each network, and half of its 95 % interval.
"""

import math
import sys
import warnings
from pathlib import Path
from statistics import fmean, stdev

from stockpyl.demand_source import DemandSource
from stockpyl.disruption_process import DisruptionProcess
from stockpyl.instances import load_instance, save_instance
from stockpyl.policy import Policy
from stockpyl.sim import simulation
from stockpyl.supply_chain_network import SupplyChainNetwork
from stockpyl.supply_chain_node import SupplyChainNode

FILE = Path(__file__).with_suffix(".json")
LISTED = [4, 7, 0, 12, 5, 5, 9, 3, 8, 6, 2, 11]


def stage(index, name, policy, **attributes):
    """A node with its policy."""
    node = SupplyChainNode(index, name=name, supply_type="U" if index == 3 else None, **attributes)
    node.inventory_policy = Policy(node=node, **policy)
    return node


def base_stocks(*levels, kind="BS"):
    """A policy for each level."""
    return [{"type": kind, "base_stock_level": level} for level in levels]


def chain(policies, demand, **last):
    """Shop, depot and plant in a row; goods take 1, 2 and 2 periods."""
    shop = stage(1, "shop", policies[0], local_holding_cost=3, stockout_cost=24, shipment_lead_time=1, **last)
    shop.demand_source = demand
    depot = stage(2, "depot", policies[1], local_holding_cost=1.5, shipment_lead_time=2)
    plant = stage(3, "plant", policies[2], local_holding_cost=1, in_transit_holding_cost=0.4, shipment_lead_time=2)
    network = SupplyChainNetwork()
    network.add_node(shop)
    network.add_predecessor(shop, depot)
    network.add_predecessor(depot, plant)
    return network


def pauses(kind):
    """Five periods of every twenty in which something does not move."""
    states = [7 <= period < 12 for period in range(20)]
    return DisruptionProcess(random_process_type="E", disruption_type=kind, disruption_state_list=states)


def tree():
    """A depot that serves two shops; the plant sends what it wants."""
    network = chain(base_stocks(9, 21, 18), DemandSource(type="P", mean=5))
    kiosk = stage(4, "kiosk", *base_stocks(6), local_holding_cost=3.5, stockout_cost=20, shipment_lead_time=2)
    kiosk.demand_source = DemandSource(type="UD", lo=0, hi=4)
    network.add_successor(network.nodes_by_index[2], kiosk)
    return network


def networks():
    """The networks by name, each with what it is."""
    normal = DemandSource(type="N", mean=10, standard_deviation=3)
    levels = [
        {"type": "sS", "reorder_point": 6, "order_up_to_level": 15},
        {"type": "rQ", "reorder_point": 13, "order_quantity": 20},
        {"type": "BS", "base_stock_level": 25},
    ]
    due = DemandSource(type="D", demand_list=LISTED)
    steady = [levels[0], *base_stocks(18, 25)]
    paused = {
        f"{what} pause": ("Of the shop, in 5 of 20 periods", chain(steady, due, disruption_process=pauses(kind)))
        for what, kind in (("orders", "OP"), ("shipments", "SP"), ("receipts", "RP"))
    }
    return {
        "chain": ("Three stages with base stocks", chain(base_stocks(14, 23, 20), normal)),
        "listed": (
            "Demands period by period; (s, S), (r, Q)",
            chain(levels, due),
        ),
        "tree": ("A depot serves two shops", tree()),
        "echelon": ("Three stages with echelon base stocks", chain(base_stocks(14, 37, 58, kind="EBS"), normal)),
        **paused,
    }


def main():
    """Write the file, or simulate its networks."""
    if len(sys.argv) == 1:
        for number, (name, (words, network)) in enumerate(networks().items()):
            save_instance(name, network, words, filepath=str(FILE), delete_if_exists=number == 0)
        return
    periods, runs = map(int, sys.argv[1:])
    warnings.simplefilter("ignore")
    for name, (_, made) in networks().items():
        listed = made.nodes_by_index[1].demand_source.type == "D"
        costs = []
        for seed in range(2 if listed else runs):
            network = load_instance(name, filepath=str(FILE))
            simulation(network, periods, rand_seed=seed, progress_bar=False, consistency_checks="N")
            costs.append(
                sum(n.state_vars[t].total_cost_incurred for n in network.nodes for t in range(periods)) / periods
            )
        half = 1.96 * stdev(costs) / math.sqrt(len(costs))
        print(f"{name}: {fmean(costs):.6f} +- {half:.6f}")


if __name__ == "__main__":
    main()
