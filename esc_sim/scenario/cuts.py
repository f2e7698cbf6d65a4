"""Laws that are cut: at 0, which amounts and times cannot fall below, or at a longest lead time; and what that does
to their means.

A normal law with mean 10 and sd 20 has the mean 14 once what falls below 0 counts as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from esc_sim.fields.parts import arc_path
from esc_sim.policies.mean import MeanOrder
from esc_sim.scenario.demand import Demand, Production
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.items import items_of
from esc_sim.scenario.laws import (
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Geometric,
    Intermittent,
    Law,
    Lognormal,
    NegativeBinomial,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
    mean_of,
)
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.series_ends import following_law
from esc_sim.scenario.three_points import Pert, Triangular

TOLERANCE = 0.01
"""Share of a mean by which a cut may move it without a word."""
_PERIODS = 20_000
"""Periods of a demand that changes with time which are looked at; of a longer run, so many spread over it."""


def _density(z: float) -> float:
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _below(z: float) -> float:
    """Distribution function of the standard normal law."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_mean_cut_at_zero(mean: float, sd: float) -> float:
    """Mean of max(0, X), X normal: mean Phi(mean / sd) + sd phi(mean / sd)."""
    if sd <= 0.0:
        return max(mean, 0.0)
    return mean * _below(mean / sd) + sd * _density(mean / sd)


def cut_mean(law: Law, most: float = math.inf) -> float:
    """Mean of a law's values, none below 0 and none above ``most``."""
    if most >= law.upper:
        most = math.inf
    match law:
        case Constant():
            return min(law.value, most)
        case Discrete():
            return math.fsum(p * min(v, most) for v, p in zip(law.values, law.probabilities, strict=True))
        case Uniform():
            return _cut_uniform(law, most)
        case Normal():
            whole = normal_mean_cut_at_zero(law.mean, law.sd)
            return whole if most == math.inf else whole - normal_mean_cut_at_zero(law.mean - most, law.sd)
        case TruncatedNormal():
            return _cut_truncated(law, most)
        case Exponential():
            return law.mean * -math.expm1(-most / law.mean)
        case Gamma():
            return _cut_gamma(law, most)
        case Poisson() | Geometric():
            return _cut_count(law, most)
        case Lognormal():
            return _cut_lognormal(law, most)
        case NegativeBinomial():
            return _cut_negative_binomial(law, most)
        case Triangular():
            return _cut_triangular(law, most)
        case Pert():
            return _cut_pert(law, most)
        case Empirical():
            return law.mean if most == math.inf else law.mean_below(most)
        case Intermittent():
            return law.probability * cut_mean(law.size, most)
    raise TypeError(f"no such law: {law!r}")


def _cut_uniform(law: Uniform, most: float) -> float:
    if most >= law.high:
        return 0.5 * (law.low + law.high)
    if most <= law.low:
        return most
    return (0.5 * (most * most - law.low * law.low) + most * (law.high - most)) / (law.high - law.low)


def _cut_truncated(law: TruncatedNormal, most: float) -> float:
    high = min(law.high, most)
    if high <= law.low:
        return most
    a, b, end = ((x - law.mean) / law.sd for x in (law.low, high, law.high))
    inside = law.mean * _between(a, b) + law.sd * (_density(a) - _density(b))
    return min(max((inside + high * _between(b, end)) / _between(a, end), law.low), high)


def _between(low: float, high: float) -> float:
    """Chance that a standard normal value lies between the two, from the tail in which both keep their digits."""
    return _below(-low) - _below(-high) if low > 0.0 else _below(high) - _below(low)


def _cut_gamma(law: Gamma, most: float) -> float:
    if most == math.inf:
        return law.mean
    from esc_sim.special import gammainc

    shape = (law.mean / law.sd) * (law.mean / law.sd)
    z = most * shape / law.mean
    return float(law.mean * gammainc(shape + 1.0, z) + most * (1.0 - gammainc(shape, z)))


def _cut_count(law: Poisson | Geometric, most: float) -> float:
    """Sum of the chances to exceed 0, 1, 2 ... up to the cut."""
    if most == math.inf:
        return law.mean if isinstance(law, Poisson) else 1.0 / law.probability
    mean, exceeded, k = 0.0, 1.0, 0
    while k < most and exceeded > 1e-15:
        if isinstance(law, Poisson):
            exceeded -= math.exp(k * math.log(law.mean) - law.mean - math.lgamma(k + 1))
        elif k > 0:
            exceeded *= 1.0 - law.probability
        mean += max(exceeded, 0.0) * min(1.0, most - k)
        k += 1
    return mean


def _cut_lognormal(law: Lognormal, most: float) -> float:
    if most == math.inf:
        return law.mean
    if most <= 0.0:
        return 0.0
    z = (math.log(most) - law.log_mean) / law.log_sd
    return law.mean * _below(z - law.log_sd) + most * _below(-z)


def _cut_negative_binomial(law: NegativeBinomial, most: float) -> float:
    """Sum of the chances to exceed 0, 1, 2 ... up to the cut."""
    if most == math.inf:
        return law.mean
    from esc_sim.special import betainc

    below = np.arange(math.ceil(most))
    exceeded = betainc(below + 1.0, law.size, 1.0 - law.mean / (law.sd * law.sd))
    return float(exceeded @ np.minimum(1.0, most - below))


def _cut_triangular(law: Triangular, most: float) -> float:
    """The mean less what lies above the cut, which is 0, a cube, or the mean less the cut and a cube."""
    low, usual, high = law.low, law.most_likely, law.high
    if most >= high:
        return law.mean
    if most >= usual:
        return law.mean - (high - most) ** 3 / (3.0 * (high - low) * (high - usual))
    return most if most <= low else most - (most - low) ** 3 / (3.0 * (high - low) * (usual - low))


def _cut_pert(law: Pert, most: float) -> float:
    if most >= law.high or most <= law.low:
        return min(law.mean, most)
    from esc_sim.special import betainc

    (a, b), width = law.shapes, law.high - law.low
    share = (most - law.low) / width
    inside = law.low * betainc(a, b, share) + width * a / (a + b) * betainc(a + 1.0, b, share)
    return float(inside + most * (1.0 - betainc(a, b, share)))


def cut_warnings(scenario: Scenario) -> Iterator[Problem]:
    """Laws whose mean a cut moves by more than the tolerance, by how much, and what to do."""
    for path, item in items_of(scenario).values():
        if item.demand is not None:
            yield from _of_demand(scenario, item.demand, (*path, "demand"))
        for name, part in (("production", item.production), ("order", item.order)):
            law = getattr(part, "law", None)
            if law is not None:
                yield from _of_law(law, (*path, name, "law"))
            elif isinstance(part, Production | MeanOrder):
                yield from _of_normal(part.mean or 0.0, part.sd, (*path, name))
    for number, arc in enumerate(scenario.arcs):
        if not isinstance(arc.lead_time, float):
            most = math.inf if arc.max_lead_time is None else arc.max_lead_time
            yield from _of_law(arc.lead_time, ("arcs", number, "lead_time"), most)
    for number, disruption in enumerate(scenario.disruptions):
        for name in ("duration", "time_between_failures", "time_to_repair", "known_after"):
            yield from _of_time(getattr(disruption, name), ("disruptions", number, name))
    for number, joint in enumerate(scenario.joint_disruptions):
        yield from _of_time(joint.known_after, ("joint_disruptions", number, "known_after"))
    yield from _of_time(scenario.rules.known_after, ("rules", "known_after"))
    for number, field in enumerate(scenario.fields):
        if field.weather is not None:
            yield from _of_law(field.weather, ("fields", number, "weather"))
        yield from _of_normal(1.0, field.yield_sd, ("fields", number, "yield_sd"))
    if scenario.power is not None and scenario.power.sun is not None:
        yield from _of_law(scenario.power.sun, ("power", "sun"))


def _of_time(time: float | Law | None, path: Path) -> Iterator[Problem]:
    if time is not None and not isinstance(time, float):
        yield from _of_law(time, path)


def _of_law(law: Law, path: Path, most: float = math.inf) -> Iterator[Problem]:
    before, after = mean_of(law), cut_mean(law, most)
    if not _moved(before, after):
        return
    text = _moves(before, after)
    if isinstance(law, TruncatedNormal) and most >= law.high:
        yield _warning(
            path,
            f"mean {law.mean:g} and sd {law.sd:g} are those before the cut at {law.low:g} and {law.high:g}, which "
            f"{text}: change the mean until what is left has the one that is meant, or take a smaller sd",
        )
    elif most < law.upper and not _moved(before, cut_mean(law)):
        yield _warning(path, f"max_lead_time {most:g} cuts this law, which {text}: a longer one leaves more of the law")
    else:
        yield _warning(
            path, f"what falls below 0 counts as 0, which {text}: {_instead(before, getattr(law, 'sd', 0.0))}"
        )


def _of_normal(mean: float, sd: float, path: Path) -> Iterator[Problem]:
    after = normal_mean_cut_at_zero(mean, sd)
    if _moved(mean, after):
        text = f"with mean {mean:g} and sd {sd:g}, what falls below 0 counts as 0, which {_moves(mean, after)}"
        yield _warning(path, f"{text}: {_instead(mean, sd)}")


def _of_demand(scenario: Scenario, demand: Demand, path: Path) -> Iterator[Problem]:
    for number, source in enumerate(demand.arrivals):
        parts: Mapping[str, float | Law] = {"between": source.between, "size": source.size}
        for name, law in parts.items():
            if not isinstance(law, float):
                yield from _of_law(law, (*path, "arrivals", number, name))
    if demand.arrivals:
        return
    if demand.law is not None:
        yield from _of_law(demand.law, (*path, "law"))
    elif not demand.has_course:
        yield from _of_normal(demand.mean or 0.0, demand.sd, path)
    else:
        yield from _of_course(scenario, demand, path)


def _of_course(scenario: Scenario, demand: Demand, path: Path) -> Iterator[Problem]:
    """Demand that changes with time: the mean over the run's periods, before and after the cut."""
    series = scenario.series.get(demand.series, ()) if demand.series is not None else ()
    levels: list[float] = list(series) or [demand.mean or 0.0]
    periods, factors = scenario.run.periods, demand.season or [1.0]
    law = None
    if series and len(series) < periods and demand.then is not None:
        law = following_law(demand.then, series)
    if law is not None:
        yield from _of_law(law, (*path, "then"))
    step = max(1, periods // _PERIODS)
    while math.gcd(step, len(levels) * len(factors)) > 1:  # or only some of the season would be seen
        step += 1
    before, after, count = 0.0, 0.0, 0
    for t in range(0, periods, step):
        level = levels[min(t, len(levels) - 1)]
        if t >= len(levels) > 1:
            level = cut_mean(law) if law else 0.0 if demand.then == "zero" else level
            level = levels[t % len(levels)] if demand.then == "repeat" else level
        mean = (level + demand.trend * t) * factors[t % len(factors)]
        before, after, count = before + mean, after + normal_mean_cut_at_zero(mean, demand.sd), count + 1
    if _moved(before / count, after / count):
        text = f"what falls below 0 counts as 0, which {_moves(before / count, after / count)}, over the run"
        yield _warning(path, f"{text}: take a smaller sd or trend, or a law that never falls below 0")


def _moved(before: float, after: float) -> bool:
    return abs(after - before) > TOLERANCE * abs(before)


def _moves(before: float, after: float) -> str:
    share = f" ({(after - before) / abs(before):+.1%})" if before else ""
    return f"{'lifts' if after > before else 'lowers'} the mean from {before:.4g} to {after:.4g}{share}"


def _instead(mean: float, sd: float) -> str:
    if mean <= 0.0:
        return "give it a mean above 0"
    return f"take a law that never falls below 0 ({{law: gamma, mean: {mean:g}, sd: {sd:g}}}), or a smaller sd"


def _warning(path: Path, text: str) -> Problem:
    return Problem(path, f"warning: {text}", "part")


def cut_notices(scenario: Scenario) -> list[str]:
    """The warnings of a scenario for those who run it, places by name."""
    return [f"{_place(scenario, problem.path)}: {problem.text}" for problem in cut_warnings(scenario)]


def _place(scenario: Scenario, path: Path) -> str:
    """A path with the id of a node, or the ends of an arc, in place of its number."""
    steps = [str(step) for step in path]
    if path[0] == "nodes":
        steps[1] = scenario.nodes[int(path[1])].id
    elif path[0] == "stocks":
        line = scenario.stocks[int(path[1])]
        steps[1] = f"{line.node}/{line.product}"
    elif path[0] == "arcs":
        arc = scenario.arcs[int(path[1])]
        steps[1] = arc_path(arc.buyer, arc.supplier, mode=arc.mode)
    elif path[0] == "disruptions":
        steps[1] = scenario.disruptions[int(path[1])].name
    return ".".join(steps)
