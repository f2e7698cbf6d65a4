"""The runs of the study: variants, the 2^3 factorial, every switch alone, undisturbed twins, stress tests."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from esc_sim.circular.agro import (
    AgroResult,
    Chance,
    Coefficients,
    Switches,
    draw_chance,
    read_coefficients,
    read_switches,
    simulate_agro,
)
from esc_sim.circular.agro.simulate import Plans

FOLDER = Path(__file__).parents[2] / "scenarios" / "agro_food"
VARIANTS = ("linear", "circular", "regenerative")
PARTS = ("loops", "soil_measure", "microgrid")
RESILIENCE = ("second_supplier", "backup_arcs", "information", "localisation")
STRESS_YEARS = 4


def coefficients() -> Coefficients:
    """Those of the scenario."""
    return read_coefficients(FOLDER / "coefficients.csv")


def variant(name: str) -> Switches:
    """A variant of the scenario."""
    return read_switches(FOLDER / f"{name}.yaml")


def cells() -> dict[str, Switches]:
    """The 2^3 factorial of loops (L), soil measure (S) and microgrid (M), by their letters; "-" has none."""
    found = {}
    for number in range(8):
        on = {part: bool(number >> bit & 1) for bit, part in enumerate(PARTS)}
        name = "".join(letter for letter, part in zip("LSM", PARTS, strict=True) if on[part]) or "-"
        found[name] = Switches(**on)
    return found


class Study:
    """Runs on common random numbers; runs of one design share their energy plans.

    Args:
        replications: replications a run.
        years: years a run.
        seed: seed.
        bucket: width of a gas bucket of the energy plans.
    """

    def __init__(self, replications: int, years: int, seed: int, bucket: float) -> None:
        self.c, self.bucket = coefficients(), bucket
        self.chance = draw_chance(self.c, seed, replications, years)
        self.plans: Plans = {}

    def run(self, switches: Switches, chance: Chance | None = None, c: Coefficients | None = None) -> AgroResult:
        """One run; other coefficients make plans of their own."""
        start = time.perf_counter()
        plans = self.plans if c is None else {}
        found = simulate_agro(c or self.c, switches, chance or self.chance, plans=plans, bucket=self.bucket)
        print(f"  {time.perf_counter() - start:6.1f} s, {found.plans} plans known")
        return found

    def everything(self) -> dict[str, AgroResult]:
        """All runs under the disruptions of the scenario, and the undisturbed twins ("calm ...")."""
        wanted = {name: variant(name) for name in VARIANTS}
        wanted |= {f"cell {name}": switches for name, switches in cells().items()}
        wanted |= {f"alone {name}": Switches(**{name: True}) for name in RESILIENCE}
        wanted["autonomous"] = replace(variant("regenerative"), coordinated=False)
        done = {}
        for name, switches in wanted.items():
            print(name)
            done[name] = self.run(switches)
        calm = self.chance.calm()
        for name in (*VARIANTS, *(f"alone {name}" for name in RESILIENCE)):
            print("calm", name)
            done[f"calm {name}"] = self.run(wanted[name], calm)
        return done

    def stresses(self) -> dict[str, dict[str, AgroResult]]:
        """Stress tests of four years in an otherwise calm world: what happens -> variant -> run."""
        calm = first_years(self.chance.calm(), STRESS_YEARS)
        wanted = {name: variant(name) for name in VARIANTS}
        wanted |= {name: Switches(**{name: True}) for name in RESILIENCE}
        found = {}
        for what, chance in {"calm": calm, **stress_tests(calm)}.items():
            print("stress:", what)
            found[what] = {name: self.run(switches, chance) for name, switches in wanted.items()}
        return found


def first_years(chance: Chance, years: int) -> Chance:
    """The first years of a draw."""
    cut = {}
    for name, value in vars(chance).items():
        weekly = name not in ("drought", "weather")
        cut[name] = value[:, : years * 52] if weekly else value[:, :years]
    return replace(chance, **cut)


def stress_tests(calm: Chance) -> dict[str, Chance]:
    """In the second year: a supplier out from New Year to midsummer, both, five days without grid, closed roads."""
    one, both = np.zeros_like(calm.supplier_down), np.zeros_like(calm.supplier_down)
    one[:, 52:78, 0] = True
    both[:, 52:78] = True
    grid, roads = np.zeros_like(calm.grid_down), np.zeros_like(calm.arc_down)
    grid[:, 60, :, :20] = True
    roads[:, 60:66, 0] = True
    return {
        "one supplier out": replace(calm, supplier_down=one),
        "both suppliers out": replace(calm, supplier_down=both),
        "five days without grid": replace(calm, grid_down=grid),
        "roads of the north closed for six weeks": replace(calm, arc_down=roads),
    }
