"""`esc-sim app`: watch a scenario in the browser, disrupt it by hand, run two variants side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import ScenarioArgument, SetOption
from esc_sim.cli.outcome import tell_unread
from esc_sim.cli.output import say


def app(
    scenario: ScenarioArgument,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free one.")] = 8521,
    set_: SetOption = None,
    plan: Annotated[
        list[Path] | None,
        typer.Option(
            "--plan", metavar="FILE", help="Offer this plan beside the scenario. Repeatable.", show_default=False
        ),
    ] = None,
    stress: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Show how exposed each member is, as a stress test of the scenario has found, and replay its outages.",
            show_default=False,
        ),
    ] = None,
    variants: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Offer the variants of a file that the page has saved.", show_default=False),
    ] = None,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run the Python files that the scenario names (order policies).")
    ] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
) -> None:
    """Watch a scenario in the browser. The page works offline and sends nothing anywhere; Ctrl-C ends it.

    \b
    Examples:
      esc-sim app scenarios/oil_gas
      esc-sim app scenarios/oil_gas --plan results/front/compromise.yaml
      esc-sim app scenarios/bakery --set variant=linear
      esc-sim app scenarios/oil_gas --stress results/stress
      esc-sim app scenarios/oil_gas --variants oil_gas_variants.yaml
      esc-sim app my_network --port 9000 --no-open
    """
    from esc_sim.errors import InputError
    from esc_sim.plans.reads import run_reads
    from esc_sim.scenario.reader import load_scenario
    from esc_sim.scenario.unread import scenario_read_by
    from esc_sim.settling import is_to_be_found
    from esc_sim.views.page.serve import check_extra, serve

    check_extra()
    checked = scenario_read_by("app", scenario, set_ or (), run_reads(given=["replications"], allow_code=allow_code))
    if is_to_be_found(checked.run):
        raise InputError("run.warm_up: the page finds none: set a number, such as `esc-sim run` has found and printed")
    tell_unread(checked)
    from esc_sim.views.page.show import Setting
    from esc_sim.views.page.variants import changed_variant, variants_of

    chain = [word for text in set_ or () for word in ("--set", text)] + ["--allow-code"] * allow_code

    def tell(address: str) -> None:
        say(f"{checked.title or checked.name}: {address}  (Ctrl-C ends it)", at_once=True)

    settings = {name: load_scenario(scenario, [*(set_ or ()), f"variant={name}"]) for name in checked.variants}
    offered = variants_of(checked, plan or (), allow_code=allow_code, settings=settings)
    if variants is not None:
        from esc_sim.scenario.variant_files import read_variants

        for name, changes in read_variants(variants).items():
            changed = load_scenario(scenario, [*(set_ or ()), *changes])
            offered[f"Saved {name}"] = changed_variant(f"Saved {name}", changed, changes, allow_code=allow_code)
    exposures = None
    if stress is not None:
        from esc_sim.stress.on_page import exposures_of

        exposures = exposures_of(stress, checked)
    serve(Setting(checked, (str(scenario), *chain), offered, exposures), port, browser=not no_open, tell=tell)
