"""Levers as a printed table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esc_sim.stress.lever_study import LeverStudy
from esc_sim.written import number

if TYPE_CHECKING:
    from rich.table import Table


def lever_table(study: LeverStudy) -> Table:
    """What each lever costs and avoids of all exposures, the best return first."""
    from rich import box
    from rich.table import Table

    money, names = study.trial.scenario.units.money, "; ".join(one.name for one in study.trial.exposures)
    table = Table(
        title=f"Levers against outages of {names}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    table.add_column("Lever")
    table.add_column("Kind")
    for label in (
        f"Cost [{money} a year]",
        f"Avoids [{money}{study.basis_words}]",
        f"Return{study.basis_words}",
        "Chosen",
    ):
        table.add_column(label, justify="right")
    found = study.portfolio_table().sort_values("return", ascending=False, kind="stable")
    for row in found.to_dict("records"):
        table.add_row(
            row["lever"],
            row["lever_kind"].replace("_", " "),
            number(row["yearly_cost"], digits=3),
            number(row["avoided"], digits=3),
            number(row["return"], digits=3),
            "yes" if row["chosen"] else "",
        )
    return table
