"""`esc-sim warm`: compile all kernels now, so that no later command waits for one."""

from __future__ import annotations

from esc_sim.cli.output import say


def warm() -> None:
    """Compile everything now, so that no later command waits for it.

    Once on a machine is enough.

    \b
    Example:
      esc-sim warm && esc-sim run scenarios/oil_gas
    """
    import time

    from esc_sim.warm import parts

    for words, work in parts().items():
        begun = time.monotonic()
        work()
        say(f"{words}: ready after {time.monotonic() - begun:.1f} s", at_once=True)
