"""A stress test for the browser page."""

from __future__ import annotations

from pathlib import Path

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.results.knowledge import lasting_words
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.stored import read_replays, read_stress
from esc_sim.views.page.exposure import Exposure, Exposures
from esc_sim.views.page.nearest import unknown_member


def exposures_of(folder: Path, scenario: Scenario) -> Exposures:
    """What a folder that ``esc-sim stress --out`` wrote says of the outages of a scenario.

    Args:
        folder: of the stress test.
        scenario: that the page shows.

    Raises:
        InputError: the folder cannot be read, or is of another scenario.
    """
    test, replays = read_stress(folder), read_replays(folder)
    if test.scenario_hash != scenario_hash(scenario):
        made = f"; it was made by: {test.command}" if test.command else ""
        nodes = test.table["stressor"][test.table["kind"] == "node"]
        names = [node.id for node in scenario.nodes]
        strange = next((f" {unknown_member(name, names)}" for name in nodes if name not in names), "")
        raise InputError(
            f"--stress {folder}: is of another scenario, or of this one with other values ({test.title}); "
            f"give the page the same scenario and the same --set{made}.{strange}"
        )
    found = []
    for rank, row in enumerate(test.table.to_dict("records"), 1):
        kind, name = str(row["kind"]), str(row["stressor"])
        if (kind, name) not in replays:
            raise InputError(f"{folder / 'replay.json'}: does not say how to replay {name} ({kind}); run again")
        start, change = replays[kind, name]
        one = Exposure(
            name=name,
            kind=kind,
            rank=rank,
            impact=float(row["impact"]),
            low=float(row["impact_low"]),
            high=float(row["impact_high"]),
            survive=float(row["time_to_survive"]),
            recover=float(row["time_to_recover"]),
            index=float(row["exposure_index"]),
            duration=float(row["duration"]),
            start=start,
            change=change,
        )
        found.append(one)
    words = (
        f"Outages of {lasting_words(test.lasting, test.units.period)}, {counted(len(test.starts), 'start date')}, "
        f"{counted(test.replications, 'replication')}, paired with the run without them."
    )
    return Exposures({one.label: one for one in found}, test.seed, words)
