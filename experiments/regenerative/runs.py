"""The runs of the study: variants, the 2^3 factorial, every switch alone, undisturbed twins, stress tests.

All go through the engines (``esc_sim.simulate``) on one set of random numbers: switches move no stream.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from esc_sim import load_scenario, simulate
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.schema import Scenario
from experiments.regenerative.agro import (
    SWITCHES,
    VARIANTS,
    Coefficients,
    read_coefficients,
    scenario_document,
    scenario_text,
)
from experiments.regenerative.outcome import WEEKS, Outcome, outcome_of

FOLDER = Path(__file__).parents[2] / "scenarios" / "agro_food"
PARTS = ("loops", "soil_measure", "microgrid")
RESILIENCE = ("second_supplier", "backup_arcs", "information", "localisation")
STRESS_YEARS = 4
HIT = WEEKS
"""Week in which the stress tests begin: New Year of the second year."""


def coefficients() -> Coefficients:
    """Those of the scenario."""
    return read_coefficients(FOLDER / "coefficients.csv")


def cells() -> dict[str, tuple[str, ...]]:
    """The 2^3 factorial of loops (L), soil measure (S) and microgrid (M), by their letters; "-" has none."""
    found = {}
    for number in range(8):
        on = tuple(part for bit, part in enumerate(PARTS) if number >> bit & 1)
        found["".join(part[0].upper() for part in on) or "-"] = on
    return found


def write_scenario(folder: Path, c: Coefficients | None = None) -> Path:
    """Write scenario.yaml as the coefficients give it."""
    path = folder / "scenario.yaml"
    path.write_text(scenario_text(scenario_document(c or coefficients())), encoding="utf-8")
    return path


def scenario_of(switches: Collection[str], c: Coefficients | None = None, more: Sequence[str] = ()) -> Scenario:
    """The scenario with some switches on and all others off, without its appraisal: the study makes its own.

    Args:
        switches: those that are on.
        c: coefficients other than the scenario's.
        more: further overrides, as for ``--set``.
    """
    overrides = [f"switches.{name}={str(name in switches).lower()}" for name in SWITCHES]
    overrides.append("appraisal.when=false")
    if c is None:
        return load_scenario(FOLDER, [*overrides, *more])
    with tempfile.TemporaryDirectory() as folder:
        return load_scenario(write_scenario(Path(folder), c).parent, [*overrides, *more])


class Study:
    """Runs on common random numbers.

    Args:
        replications: replications a run.
        years: years a run.
        seed: seed.
        stress_years: years of the stress tests.
    """

    def __init__(self, replications: int, years: int, seed: int, stress_years: int = STRESS_YEARS) -> None:
        self.c = coefficients()
        self.replications, self.years, self.seed, self.stress_years = replications, years, seed, stress_years

    def run(
        self,
        switches: Collection[str],
        *,
        calm: bool = False,
        hits: Sequence[Mapping[str, Any]] | None = None,
        years: int | None = None,
        c: Coefficients | None = None,
        more: Sequence[str] = (),
    ) -> Outcome:
        """One run.

        Args:
            switches: those that are on.
            calm: leave out all disruptions.
            hits: disruptions instead of the scenario's.
            years: instead of the study's.
            c: coefficients instead of the scenario's.
            more: further overrides.
        """
        start = time.perf_counter()
        periods = WEEKS * (self.years if years is None else years)
        scenario = scenario_of(switches, c, [f"run.periods={periods}", *more])
        if calm or hits is not None:
            struck = [Disruption.model_validate(dict(hit)) for hit in hits or ()]
            scenario = scenario.model_copy(update={"disruptions": struck})
        result = simulate(scenario, replications=self.replications, seed=self.seed, trace=True)
        found = outcome_of(result, frozenset(switches), c or self.c)
        print(f"  {time.perf_counter() - start:6.1f} s", flush=True)
        return found

    def everything(self) -> dict[str, Outcome]:
        """All runs under the disruptions of the scenario, and the undisturbed twins ("calm ...")."""
        wanted = dict(VARIANTS)
        wanted |= {f"cell {name}": switches for name, switches in cells().items()}
        wanted |= {f"alone {name}": (name,) for name in RESILIENCE}
        done: dict[str, Outcome] = {}
        known: dict[frozenset[str], Outcome] = {}
        for name, switches in wanted.items():
            key = frozenset(switches)
            if key not in known:
                print(name, flush=True)
                known[key] = self.run(switches)
            done[name] = known[key]
        print("autonomous", flush=True)
        done["autonomous"] = self.run(VARIANTS["regenerative"], more=["power.coordinated=false"])
        for name in (*VARIANTS, *(f"alone {name}" for name in RESILIENCE)):
            print("calm", name, flush=True)
            done[f"calm {name}"] = self.run(wanted[name], calm=True)
        return done

    def stresses(self) -> dict[str, dict[str, Outcome]]:
        """Stress tests in an otherwise calm world: what happens -> variant -> run."""
        wanted = {**VARIANTS, **{name: (name,) for name in RESILIENCE}}
        found: dict[str, dict[str, Outcome]] = {}
        for what in ("calm", *stress_tests(())):
            print("stress:", what, flush=True)
            found[what] = {}
            for name, switches in wanted.items():
                hits = stress_tests(switches).get(what, [])
                found[what][name] = self.run(switches, hits=hits, years=self.stress_years)
        return found


def stress_tests(switches: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """A supplier out from New Year to midsummer, both, five days without grid, closed roads; as disruptions."""
    places = ("farm", "plant", "town", *(("digester",) if "loops" in switches else ()))
    buses = [f"{place}_{region}_bus" for region in ("north", "south") for place in places]
    roads = [
        {"buyer": "distributor_north", "supplier": f"{plant}_north", "product": product}
        for plant, product in (("mill", "flour"), ("packer", "packed_vegetables"))
    ]
    half_year = [{"start": HIT, "duration": 26}]
    return {
        "one supplier out": [{"name": "one", "nodes": ["supplier_one"], "dates": half_year}],
        "both suppliers out": [{"name": "both", "nodes": ["supplier_one", "supplier_two"], "dates": half_year}],
        "five days without grid": [
            {"name": "grid", "buses": buses, "stops": ["grid"], "dates": [{"start": HIT + 8, "duration": 5.0 / 7.0}]}
        ],
        "roads of the north closed for six weeks": [
            {"name": "roads", "arcs": roads, "dates": [{"start": HIT + 8, "duration": 6}]}
        ],
    }
