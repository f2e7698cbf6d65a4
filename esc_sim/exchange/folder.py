"""The folder that an import of another program's files writes: the scenario, and a page of what was carried over."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from esc_sim.counted import counted
from esc_sim.exchange.carried import Imported, Note, listed
from esc_sim.scenario.writing import write_scenario
from esc_sim.storage.files import write_text

PAGE: Final = "understood.md"


def write_carried(imported: Imported, folder: Path, source: str) -> None:
    """Write the scenario and the page.

    Args:
        imported: what was read.
        folder: made if need be.
        source: name of the file or folder that it was read from.

    Raises:
        InputError: the folder cannot be written.
    """
    write_scenario(imported.scenario, folder, f"Imported from {source} ({imported.program}); see {PAGE}.")
    write_text(folder / PAGE, page_of(imported, source))


def page_of(imported: Imported, source: str) -> str:
    """What was carried over, left out and assumed, as Markdown; arguments as :func:`write_carried`."""
    return "\n".join(
        [
            f"# What was carried over from {source}",
            "",
            f"{source} is read as {imported.program}: {size_of(imported)}.",
            "",
            "## Not carried over",
            "",
            *_lines(imported.left_out),
            "",
            "## Assumed",
            "",
            *_lines(imported.assumed),
            "",
        ]
    )


def short_of_carried(imported: Imported, source: str) -> str:
    """The page in short, for the screen; arguments as :func:`write_carried`."""
    said = f"{source} is read as {imported.program}: {size_of(imported)}"
    return f"{said}\n{listed(imported.left_out, imported.assumed)}"


def size_of(imported: Imported) -> str:
    """How large the network is, in words."""
    scenario = imported.scenario
    counts = [(len(scenario.nodes), "node"), (len(scenario.arcs), "arc"), (len(scenario.products), "product")]
    counts += [(len(scenario.recipes), "recipe"), (len(scenario.disruptions), "disruption")]
    return ", ".join(counted(count, noun) for count, noun in counts if count)


def _lines(notes: tuple[Note, ...]) -> list[str]:
    return [f"- {note}" for note in notes] or ["Nothing."]
