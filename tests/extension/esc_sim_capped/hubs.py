"""A recovery policy: most partners first, skipping what no longer fits the budget."""

from __future__ import annotations

from esc_sim.recovery.problem import RecoveryProblem


def hubs_that_fit(problem: RecoveryProblem) -> list[str]:
    """Ids of the nodes to restore."""
    network, left, chosen = problem.cascade.network, problem.budget, []
    for node in sorted(problem.nodes.tolist(), key=lambda node: -network.degree[node]):
        if problem.cascade.loads[node] <= left:
            chosen.append(network.id_of(node))
            left -= float(problem.cascade.loads[node])
    return chosen
