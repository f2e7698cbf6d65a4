"""The agro-food network as one scenario document, and as the text of scenario.yaml."""

from __future__ import annotations

from typing import Any, Final

import yaml

from experiments.regenerative.agro import capital, farming, grid, network, recipes, risks
from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.sizes import REGIONS

SWITCHES: Final = {
    "loops": "separate collection, digesters and composters, compost and digestate on the nutrient market",
    "soil_measure": "reduced tillage and cover crops",
    "microgrid": "sun, batteries, and lines between the buses",
    "second_supplier": "two fertiliser suppliers a farm, each of which can serve a part",
    "backup_arcs": "the other region's processor steps in where something is missing",
    "information": "disruptions seen before contracts, fertiliser ordered ahead, orders on echelon stock",
    "localisation": "distributors buy in their own region only",
}
"""Switches, and what each does."""
VARIANTS: Final[dict[str, tuple[str, ...]]] = {
    "linear": (),
    "circular": ("loops",),
    "regenerative": ("loops", "soil_measure", "microgrid", "second_supplier", "backup_arcs", "information"),
}
"""Variants, and which switches are on in each."""
NOTE: Final = (
    "Synthetic network of two regions; no region was measured. Coefficients are from literature or assumed "
    "(coefficients.csv, PROVENANCE.md); every result depends on them."
)
_HEAD: Final = """\
# Made from coefficients.csv by `python -m experiments.regenerative build`: change the coefficients, not this file.
# Goods are tonnes, nitrogen in contents is kg and carbon t of a tonne of the product; a period is a week.
#
#   esc-sim check .
#   esc-sim run . --set variant=circular --out results/circular
#   esc-sim run . --set switches.backup_arcs=true --out results/backup
"""


def scenario_document(c: Coefficients, *, years: int = 3, replications: int = 20) -> dict[str, Any]:
    """The scenario as a mapping with ``when`` keys, in the order in which it is written.

    Args:
        c: coefficients.
        years: years of 52 weeks that a run takes.
        replications: replications of a run.
    """
    members, stocks = network.nodes_and_stocks(c)
    makers = [f"{maker}_{region}" for region in REGIONS for maker in ("mill", "packer")]
    return {
        "version": 1,
        "name": "agro_food",
        "title": "A regenerative agro-food network of two regions",
        "description": (
            "Farms, mills and packing houses, distributors and towns of two regions, week by week. Fields need "
            "nitrogen, from suppliers or from digesters and composters that take the network's waste; soils carry "
            "carbon from year to year; mills, packing houses and towns work with the power that their buses have."
        ),
        "data": {"status": "synthetic", "note": NOTE},
        "units": {"goods": "t", "money": "EUR", "period": "week"},
        "run": {"periods": 52 * years, "replications": replications, "seed": 1},
        "switches": dict.fromkeys(SWITCHES, False),
        "variants": {name: {switch: switch in on for switch in SWITCHES} for name, on in VARIANTS.items()},
        "variant": "linear",
        "rules": {"known_after": 0, "when": "information"},
        "products": network.products(c),
        "nodes": members,
        "stocks": stocks,
        "arcs": network.arcs(c),
        "recipes": recipes.recipes(c),
        "takers": network.takers(c),
        "farming": farming.farming(c),
        "fields": farming.fields(c),
        "amendments": farming.amendments(c),
        "power": grid.power(c),
        "series": grid.series(c),
        "disruptions": risks.disruptions(c),
        "appraisal": {
            "against": "linear",
            "discount_rate": c["disc"],
            "horizon": round(c["life"]),
            "investments": capital.investments(c),
        },
        "optimize": {
            "variables": [
                {"kind": "order", "parameter": "order_up_to", "relative": [-0.3, 0.3]},
                {"kind": "stock", "parameter": "target_stock", "nodes": makers, "relative": [-0.3, 0.3]},
            ],
            "objectives": ["profit", "fill_rate"],
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes numbers that are whole without a fraction."""

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written where it stands, never as a reference to another place."""
        return True


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if "e" in text and "." not in text.split("e")[0]:
        text = text.replace("e", ".0e")
    kind = "tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int"
    return dumper.represent_scalar(kind, text)


_Dumper.add_representer(float, _number)


def scenario_text(document: dict[str, Any]) -> str:
    """The text of scenario.yaml: an entry a line."""
    lines = [_HEAD.rstrip()]
    for key, value in document.items():
        if isinstance(value, list):
            lines.append(f"{key}:")
            lines += [f"  - {_inline(entry)}" for entry in value]
        elif isinstance(value, dict):
            lines.append(f"{key}:")
            for inner, part in value.items():
                comment = f"  # {SWITCHES[inner]}" if key == "switches" else ""
                if isinstance(part, list) and part and isinstance(part[0], dict):
                    lines.append(f"  {inner}:")
                    lines += [f"    - {_inline(entry)}" for entry in part]
                else:
                    lines.append(f"  {inner}: {_inline(part)}{comment}")
        else:
            lines.append(f"{key}: {_inline(value)}")
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    """A value on one line."""
    text = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...")
