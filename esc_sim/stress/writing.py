"""Write a stress test to a folder: ranking, lost demand, knowledge, changes to replay, summary, figures, manifest."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.findings.study import Cells
from esc_sim.results.manifest import manifest_head, work_versions
from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.storage.files import write_json
from esc_sim.storage.place import Fill
from esc_sim.stress.curves import BEFORE
from esc_sim.stress.lever_drawing import lever_picture
from esc_sim.stress.lever_writing import lever_summary, patches
from esc_sim.stress.stored import STRESS_FORMAT, network_content, stored_stress
from esc_sim.stress.tasks import numbers_of

if TYPE_CHECKING:
    from esc_sim.stress.least_deviation import Deviation
    from esc_sim.stress.run import StressTest

LOST_COLUMNS: Final = ("stressor", "customer", "product", "lost_demand", "late_demand")
CURVE_COLUMNS: Final = ("stressor", "time", "served")
MOST_TOLD: Final = 20
"""Stressors that the summary tells in detail."""


def stress_tables(test: StressTest) -> dict[str, Cells]:
    """What stands in the CSV files of the folder."""
    found = {
        "ranking": Cells.of(test.table),
        "lost_demand": Cells(LOST_COLUMNS, test.lost),
        "knowledge": Cells.of(test.knowledge),
        "curves": Cells(CURVE_COLUMNS, curve_rows(test)),
    }
    if test.deviation is not None:
        found["deviations"] = Cells(*front_table(test.deviation))
    if test.levers is not None:
        found["levers"] = Cells.of(test.levers.table())
        found["portfolio"] = Cells.of(test.levers.portfolio_table())
        found["budgets"] = Cells(("yearly_cost", "avoided"), lever_picture(test.levers).steps)
    return found


def stress_files(test: StressTest) -> Fill:
    """What writes a stress test into a folder."""

    def fill(folder: Path) -> dict[str, Any]:
        test.write_parts(folder)
        write_json(folder / "replay.json", replays(test))
        write_json(folder / "network.json", network_content(stored_stress(test)))
        if test.levers is not None and test.levers.chosen is not None:
            write_json(folder / "portfolio.json", patches(test.levers))
        write_json(folder / "summary.json", summary(test))
        plan = test.plan
        return {
            **manifest_head(STRESS_FORMAT, test.command, test.scenario),
            "title": test.scenario.title or test.scenario.name,
            "data": test.scenario.data.model_dump(),
            "engine": plan.twin.engine,
            "seed": plan.twin.seed,
            "replications": len(plan.twin.replications),
            "starts": list(plan.starts),
            "duration": plan.durations.others,
            **({} if test.carried is None else dict(zip(("plan", "plan_hash"), test.carried, strict=True))),
            "stressors": len(test.table),
            "notices": list(test.notices),
            "versions": work_versions(),
        }

    return fill


def replays(test: StressTest) -> list[dict[str, Any]]:
    """All stressors, each at the start date of its largest impact, as a change for ``run --set``."""
    plan, found = test.plan, []
    for key in zip(test.table["kind"], test.table["stressor"], strict=True):
        impact = numbers_of(test.rows[key, "scenario"], "impact").mean(axis=1)
        place = int(impact.argmax())
        start = plan.starts[place]
        change = patch_of(test.scenario, *plan.entries(test.stressors[key], start))
        found.append(
            {"stressor": key[1], "kind": key[0], "start": start, "impact": float(impact[place]), "set": change}
        )
    return found


def summary(test: StressTest) -> dict[str, Any]:
    """Content of summary.json."""
    plan, scenario = test.plan, test.scenario
    programs = test.programs.aggregate.programs
    without = None if programs is None else programs.time_to_survive_without_outage
    worst, lasts = test.table.head(MOST_TOLD), plan.durations.others
    return {
        "scenario": scenario.name,
        "title": scenario.title or scenario.name,
        "data": scenario.data.model_dump(),
        "units": scenario.units.model_dump(mode="json"),
        "outage": {
            "duration": plan.durations.others,
            "durations": list(test.lasting),
            "health": plan.health,
            "stops": list(plan.stops),
            "starts": list(plan.starts),
            "known_after": scenario.model_dump(mode="json")["rules"]["known_after"],
        },
        "replications": len(plan.twin.replications),
        "seed": plan.twin.seed,
        "tolerance": plan.tolerance,
        "risk_level": scenario.risk.level,
        "stressors": len(test.table),
        "share_met_twin": test.share_met,
        "linear_programs": {
            "form": "aggregate: lead times ignored, stock at the start dates counts",
            "time_to_survive_without_outage": _json(without),
            "loss_without_outage": None if programs is None or lasts is None else programs.loss((), lasts),
        },
        "timed_program": {
            "form": "from the twin's state at the start dates to the end of the run, all demand and the outage's end "
            "known from the start on",
            "loss_without_outage": _json(test.programs.timed.without_outage),
            "reason": test.programs.timed.reason or None,
        },
        "worst": [
            {name: _json(value) for name, value in row.items()} | _seen(test, (row["kind"], row["stressor"]))
            for row in worst.to_dict("records")
        ],
        "reverse": None if test.breaking is None else asdict(test.breaking) | {"words": str(test.breaking)},
        "deviation": None if test.deviation is None else _nearest(test.deviation),
        "levers": None if test.levers is None else lever_summary(test.levers),
        "notices": list(test.notices),
    }


def curve_rows(test: StressTest) -> list[tuple[str, int, float]]:
    """Rows of curves.csv: stressor, periods since the start, what is served of the twin's."""
    return [
        (name, place - BEFORE, share)
        for name, curve in test.curves.items()
        for place, share in enumerate(curve.tolist())
    ]


def front_table(deviation: Deviation) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of deviations.csv: the nearest deviations for each value of the key figure."""
    figure = deviation.limit.partition("<")[0].partition(">")[0]
    header = ["distance", figure, "breaks", "start", *deviation.scales]
    return header, [
        [point.distance, point.value, point.breaks, point.start, *point.factors] for point in deviation.front
    ]


def _nearest(deviation: Deviation) -> dict[str, Any]:
    """The least deviation; the front has a table of its own."""
    found = {name: _json(value) for name, value in asdict(deviation).items() if name != "front"}
    alone = {name: _json(value) for name, value in deviation.alone.items()}
    return found | {"alone": alone, "proved": False, "words": str(deviation)}


def _seen(test: StressTest, key: tuple[str, str]) -> dict[str, Any]:
    """What the ranking has no column for."""
    row = test.rows[key, "scenario"]
    recover = numbers_of(row, "recover")
    return {
        "least_time_to_survive": _json(float(numbers_of(row, "survive", math.inf).min())),
        "share_met_twin": None if test.share_met is None else float(np.isfinite(numbers_of(row, "met")).mean()),
        "share_recovered": float(np.isfinite(recover).mean()),
        "contracted_in_vain": float(numbers_of(row, "in_vain").mean()),
    }


def _json(value: Any) -> Any:
    """A value that JSON knows: infinity as a word, nothing for nan."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return "inf" if value > 0.0 else None
