"""`esc-sim schema`: the JSON Schema of scenario.yaml, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say


def schema(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to FILE.")] = None,
) -> None:
    """Print the JSON Schema of scenario.yaml. Editors complete and check with it (draft 2020-12).

    \b
    Example:
      esc-sim schema --out scenario.schema.json
    """
    import json

    from esc_sim.scenario.json_schema import scenario_json_schema

    text = json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False)
    if out is None:
        say(text)
        return
    from esc_sim.storage.files import write_text

    write_text(out, text + "\n")
    say(f"wrote {out}")
