"""Run measurements and print them: ``python -m experiments.bench [NAME ...]``; without names, all."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import platform

import experiments.bench as package
from esc_sim.crews.local import default_workers
from experiments.bench.rows import Row
from experiments.choice import parse_names


def main() -> None:
    """Run the chosen measurements one after the other."""
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
        if found.name.startswith("bench_")
    ]
    names = [module.NAME for module in modules]
    parser = argparse.ArgumentParser(prog="python -m experiments.bench", description=__doc__)
    chosen = parse_names(parser, names, "measure").names
    print(f"Python {platform.python_version()}, {default_workers()} processors")
    for name, module in zip(names, modules, strict=True):
        if name in chosen:
            print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
            for row in module.measure():
                print(line_of(row), flush=True)


def line_of(row: Row) -> str:
    """A row as a line of text."""
    value = f"{row.value:,.0f}" if row.value >= 1000 else f"{row.value:.3g}"
    verdict = "" if row.met is None else f"   [{row.target}: {'met' if row.met else 'MISSED'}]"
    return f"  {row.what:<48} {value:>14} {row.unit}{verdict}{'   (' + row.note + ')' if row.note else ''}"


if __name__ == "__main__":
    main()
