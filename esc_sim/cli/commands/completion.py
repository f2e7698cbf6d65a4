"""`esc-sim completion`: the script with which a shell completes commands, options and scenarios."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from esc_sim.cli.output import say


class ShellName(StrEnum):
    """Shells that complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[ShellName, typer.Argument(help="The shell.", show_default=False)],
) -> None:
    """Print the script that lets a shell complete what you type.

    Commands, options, their values, scenarios and folders of results are completed.

    \b
    Examples:
      esc-sim completion bash > ~/.local/share/bash-completion/completions/esc-sim
      esc-sim completion zsh > ~/.zfunc/_esc-sim
      esc-sim completion fish > ~/.config/fish/completions/esc-sim.fish
    """
    from typer.completion import get_completion_script

    from esc_sim.cli.entry import COMPLETE, PROGRAM

    say(get_completion_script(prog_name=PROGRAM, complete_var=COMPLETE, shell=shell.value))
