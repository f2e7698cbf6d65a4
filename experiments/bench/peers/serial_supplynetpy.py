"""Four stages in a row in SupplyNetPy: python serial_supplynetpy.py PERIODS (in an environment that has it)."""

import random
import sys
import time

from report import LEVEL, STAGES, report
from SupplyNetPy import Components


def network() -> dict:
    """Infinite supplier, stages 4 to 1, customers at stage 1; every stage reviews its position once a period."""
    nodes = [{"ID": "S", "name": "source", "node_type": "infinite_supplier"}]
    links = []
    for stage in range(STAGES, 0, -1):
        nodes.append(
            {
                "ID": f"N{stage}",
                "name": f"stage {stage}",
                "node_type": "retailer" if stage == 1 else "distributor",
                "capacity": 100 * LEVEL,
                "initial_level": LEVEL,
                "inventory_holding_cost": 5 - stage,
                "replenishment_policy": Components.SSReplenishment,
                "policy_param": {"s": LEVEL, "S": LEVEL, "period": 1},
                "product_buy_price": 10 * (5 - stage),
                "product_sell_price": 10 * (6 - stage),
            }
        )
        source = "S" if stage == STAGES else f"N{stage + 1}"
        links.append({"ID": f"L{stage}", "source": source, "sink": f"N{stage}", "cost": 0, "lead_time": lambda: 1})
    demand = {
        "ID": "D",
        "name": "customers",
        "order_arrival_model": lambda: 1,
        "order_quantity_model": lambda: max(0.001, random.gauss(100, 10)),
        "demand_node": "N1",
        "tolerance": float("inf"),
        "order_min_split_ratio": 0.01,
    }
    return Components.create_sc_net(nodes=nodes, links=links, demands=[demand])


def main() -> None:
    """Simulate and print what it took."""
    periods = int(sys.argv[1])
    random.seed(1)
    chain = network()
    start = time.process_time()
    Components.simulate_sc_net(chain, sim_time=periods, logging=False)
    used = time.process_time() - start
    shipped = chain["fulfillment_received_by_customers"][1]
    report(used, STAGES * periods, shipped / periods)


if __name__ == "__main__":
    main()
