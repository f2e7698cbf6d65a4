"""The commands. A module NAME here holds a function NAME, which is `esc-sim NAME`; it loads heavy modules when called.

To add a command, add its file; ``ORDER`` in ``esc_sim.cli.entry`` says where `esc-sim --help` lists it.
"""
