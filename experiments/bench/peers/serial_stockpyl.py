"""Four stages in a row in stockpyl: python serial_stockpyl.py PERIODS (in an environment that has it)."""

import sys
import time

from report import LEVEL, STAGES, report
from stockpyl.sim import simulation
from stockpyl.supply_chain_network import serial_system


def main() -> None:
    """Simulate and print what it took."""
    periods = int(sys.argv[1])
    chain = serial_system(
        STAGES,
        node_order_in_system=[4, 3, 2, 1],
        node_order_in_lists=[1, 2, 3, 4],
        local_holding_cost=[4, 3, 2, 1],
        stockout_cost=[40, 0, 0, 0],
        shipment_lead_time=1,
        demand_type="N",
        mean=100,
        standard_deviation=10,
        policy_type="BS",
        base_stock_level=LEVEL,
    )
    start = time.process_time()
    simulation(chain, periods, rand_seed=1, progress_bar=False, consistency_checks="N")
    used = time.process_time() - start
    first = chain.nodes_by_index[1]
    sent = sum(sum(state.outbound_shipment[None].values()) for state in first.state_vars[:periods])
    report(used, STAGES * periods, sent / periods)


if __name__ == "__main__":
    main()
