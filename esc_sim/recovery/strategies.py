"""Strategies that ask no cascade: restore in an order of load, degree or role until the budget ends, or by a policy of
one's own (Li, Zhao, Wang, Mi, sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from esc_sim.entries import named
from esc_sim.errors import InputError
from esc_sim.recovery.problem import BoolArray, RecoveryProblem

GIVEN: Final = "given"
"""Name of a set that the user gives."""
STRATEGY_WORDS: Final = {
    "memetic": "memetic search",
    "paper-memetic": "memetic search as published",
    "ga": "genetic algorithm",
    "exact": "all sets tried",
    "load-asc": "smallest load first",
    "load-desc": "largest load first",
    "degree-asc": "fewest partners first",
    "degree-desc": "most partners first",
    "suppliers-first": "suppliers first",
    "retailers-first": "retailers first",
    GIVEN: "your own set",
    "none": "nothing restored",
}
"""Strategies in words, for figures."""
SORTED: Final = {"load-asc": 1, "load-desc": -1, "degree-asc": 1, "degree-desc": -1}
BY_ROLE: Final = {"suppliers-first": 1, "retailers-first": -1}
"""By role in the direction of flow, or against it."""
GROUP: Final = "esc_sim.recovery"
"""Entry points of installed packages that name policies."""


class RecoveryPolicy(Protocol):
    """A rule of one's own: which of the failed nodes to restore."""

    def __call__(self, problem: RecoveryProblem) -> Iterable[str]:
        """Ids of the nodes to restore, within the budget: text, as the scenario writes them, never indices.

        Args:
            problem: failed nodes (`nodes`), what each takes of the budget (`load`), `budget`, and the `cascade`, which
                can be played. Nodes are indices there: `problem.cascade.network.id_of(node)` is the id of one.
        """


@cache
def own_policies() -> dict[str, RecoveryPolicy]:
    """Policies of installed packages, by name (entry points, group esc_sim.recovery)."""
    found = named(GROUP, [*STRATEGY_WORDS, "compare"], "recovery strategy")
    return {name: cast(RecoveryPolicy, point.load()) for name, point in found.items()}


def policy_name(policy: RecoveryPolicy) -> str:
    """The name of a policy: its own, or that of its class."""
    return str(getattr(policy, "__name__", type(policy).__name__))


def strategy_words(strategy: str) -> str:
    """A strategy in words; policies of one's own by their name."""
    return STRATEGY_WORDS.get(strategy, strategy)


def strategy_label(strategy: str) -> str:
    """A strategy as tables show it: as it is asked for, and in words."""
    words = STRATEGY_WORDS.get(strategy)
    return f"{strategy} ({words})" if words else strategy


def sorted_set(problem: RecoveryProblem, strategy: str) -> BoolArray:
    """The removed nodes in an order, up to the first that does not fit the budget.

    Ascending or descending in load or degree (customers plus suppliers), ties by ascending id; or by role in the
    direction of flow or against it, within a role the smallest load first.

    Args:
        problem: the removed nodes and the budget.
        strategy: one of `SORTED` or `BY_ROLE`.

    Returns:
        (R,) bool.
    """
    network, nodes = problem.cascade.network, problem.nodes
    loads = problem.cascade.loads[nodes]
    if strategy in BY_ROLE:
        place = {code: at for at, code in enumerate(network.roles_in_flow)}
        rank = np.array([place[code] for code in network.role[nodes].tolist()])
        order = np.lexsort((loads, BY_ROLE[strategy] * rank))
    else:
        measure: NDArray[np.float64] = loads if strategy.startswith("load") else network.degree[nodes].astype(float)
        order = np.argsort(SORTED[strategy] * measure, kind="stable")
    chosen = np.zeros(problem.size, dtype=bool)
    used = 0.0
    for at in order.tolist():
        used += problem.load[at]
        if used > problem.budget:
            break
        chosen[at] = True
    return chosen


def policy_set(problem: RecoveryProblem, policy: RecoveryPolicy) -> BoolArray:
    """The set that a policy of one's own chooses.

    Args:
        problem: the removed nodes and the budget.
        policy: the rule.

    Returns:
        (R,) bool.

    Raises:
        InputError: it gives no ids, names a node that did not fail, or more than the budget allows.
    """
    name = policy_name(policy)
    network = problem.cascade.network
    restored = network.index_of(_ids(name, policy(problem)), f"{name}: restored node")
    extra = np.setdiff1d(restored, problem.nodes)
    if len(extra):
        raise InputError([f"{name}: node '{network.id_of(int(node))}' did not fail, so it cannot be restored"
                          for node in extra[:5]])  # fmt: skip
    chosen = np.isin(problem.nodes, restored)
    if not problem.feasible(chosen[None])[0]:
        raise InputError(f"{name}: its nodes take {problem.used(chosen):g} of a budget of {problem.budget:g}")
    return chosen


def _ids(name: str, given: object) -> list[str]:
    """What a policy gave, if it is ids; indices are refused, for where ids are numbers they would be read as others."""
    wanted = "ids of the nodes to restore, as a list of text (none: [])"
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{name}: the policy must give {wanted}, not {given!r}")
    ids = list(given)
    wrong = [one for one in ids if not isinstance(one, str)]
    if wrong:
        raise InputError(
            f"{name}: the policy must give {wanted}; {wrong[0]!r} is none. `problem.nodes` holds indices: "
            "`problem.cascade.network.id_of(node)` is the id of one"
        )
    return ids
