"""How to run: the options that simulations, searches and studies have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from types import MappingProxyType
from typing import Any, Final, Literal, TypedDict, cast

from esc_sim.errors import InputError
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.kinds import flag, function, seed_number, whole

Engine = Literal["auto", "compiled", "agents"]


class Options(TypedDict, total=False):
    """How to run, as keywords or as one object that serves several calls; which keys a function takes, it says itself.

    Attributes:
        seed: seed of all random numbers; default the scenario's (of ``recover`` 1).
        workers: threads of the compiled engine, default all processors; processes of the agent engine, default 1
            (more need a script that guards its main part by ``if __name__ == "__main__":``). Never changes a number.
        engine: "compiled", "agents", or "auto": the compiled engine, but while it is still being compiled on this
            machine, small work begins with the agents. All give the same numbers. Default "auto", of ``stress``
            "compiled".
        stratified: draw disruptions as a Latin hypercube across batches of 16 replications.
        precision: stop as soon as the 95 % confidence intervals of mean profit and of CVaR are this narrow (relative
            half width, 0.01 = 1 %); ``replications`` is then the most that are run.
        dask: address of a Dask scheduler, whose workers do the work instead; "local:2" for two processes of this
            machine; or a client of Dask.
        shared: folder that all who work reach, such as ``/mnt/shared`` or ``s3://bucket/folder`` (with the package that
            knows such addresses): they write rows there as Parquet files, which vanish when they have been taken in.
        executor: anything of the kind of ``concurrent.futures.Executor``, which does the work instead.
        allow_code: may Python files that the scenario names be run.
        progress: called after each finished part, with how many are finished and how many there are; by ``optimize``
            also with the hypervolume. ``recover`` hands it the name of a strategy, and tells what it returns.
        command: how the work was started, for manifests.

    Examples:
        >>> import esc_sim as esc
        >>> how = esc.Options(seed=7, workers=2)
        >>> esc.simulate("scenarios/quickstart", replications=2, **how).seed
        7
        >>> esc.simulate("scenarios/quickstart", sed=7)
        Traceback (most recent call last):
        esc_sim.errors.InputError: simulate: there is no option 'sed'; did you mean 'seed'?
    """

    seed: int | None
    workers: int | None
    engine: Engine
    stratified: bool
    precision: float | None
    dask: Any
    shared: str | None
    executor: Executor | None
    allow_code: bool
    progress: Callable[..., Any] | None
    command: str


def check_options(function: Callable[..., Any], options: Mapping[str, Any], *takes: str) -> None:
    """Refuse options that a function does not take, keywords that it does not know, and values of a wrong kind.

    Numbers of numpy become Python's own, which a manifest can hold.

    Args:
        function: that was called.
        options: keywords that it was given beside those of its own.
        takes: options that it takes.

    Raises:
        InputError: there are such.
    """
    name = function.__name__.removeprefix("run_")
    problems = []
    for key in (key for key in options if key not in takes):
        if key in Options.__annotations__:
            problems.append(f"{name}: takes no option '{key}'; its options are {', '.join(takes)}")
            continue
        own = [one.name for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
        hint = suggestion(key, [*own, *takes], listed="its options are")
        problems.append(f"{name}: there is no option '{key}'{hint}")
    for key, kind in _KINDS.items():
        value = options.get(key)
        if value is not None:
            try:
                cast("dict[str, Any]", options)[key] = kind(f"{name}: {key}", value)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)


_KINDS: Final[Mapping[str, Callable[[str, Any], Any]]] = MappingProxyType(
    {"seed": seed_number, "workers": whole, "stratified": flag, "allow_code": flag, "progress": function}
)
"""What the values of options are."""
