"""Every public name has types, and an example in its docstring that runs; so has what its objects can do."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pydoc
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

import esc_sim

pytest.importorskip("gymnasium")  # esc_sim.envs is among the public names

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS_OF_PACKAGES = {
    "design": "esc_sim.design.kinds:run_design",
    "optimize": "esc_sim.optimize.search:optimize",
    "stress": "esc_sim.stress.run:stress",
    "sweep": "esc_sim.sweep.sweep:sweep",
}
# Their methods are for their model to call, and for subclasses to do otherwise; each says what it does.
CALLED_BY_OTHERS = {"NegotiationProtocol", "SupplyAgent", "SupplyChainModel.ask_policy"}


def public(name: str) -> Any:
    """The object of a public name, dotted within a package; the function of a package that can be called."""
    if name not in FUNCTIONS_OF_PACKAGES:
        return reduce(getattr, name.split("."), esc_sim)
    module, _, function = FUNCTIONS_OF_PACKAGES[name].partition(":")
    return getattr(importlib.import_module(module), function)


def names() -> Iterator[str]:
    """All public names of what can be called, those in public packages dotted."""
    for name in esc_sim.__all__:
        found = public(name)
        if inspect.ismodule(found):
            yield from (f"{name}.{inner}" for inner in found.__all__ if callable(getattr(found, inner)))
        elif not name.startswith("_"):
            yield name


NAMES = list(names())


def abilities(kind: type) -> dict[str, Any]:
    """Public methods and properties of a class, as functions, as far as they are this house's own."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("esc_sim"):
            continue
        for name, member in vars(base).items():
            if isinstance(member, property):
                found[name] = member.fget
            elif isinstance(member, classmethod | staticmethod) or inspect.isfunction(member):
                found[name] = getattr(member, "__func__", member)
    return {name: member for name, member in found.items() if not name.startswith("_") and name != "model_post_init"}


def examples(name: str, thing: Any) -> list[doctest.DocTest]:
    """The examples of a docstring."""
    text = inspect.getdoc(thing) or ""
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    return [test] if test.examples else []


def all_examples(name: str) -> Iterator[doctest.DocTest]:
    """The examples of a public name, and those of what its objects can do."""
    thing = public(name)
    yield from examples(name, thing)
    if inspect.isclass(thing):
        for ability, member in abilities(thing).items():
            yield from examples(f"{name}.{ability}", member)


def untyped(function: Any) -> list[str]:
    """Arguments of a function, and its return, that have no type."""
    signature = inspect.signature(function)
    given = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    missing = [one.name for one in given if one.annotation is one.empty]
    return missing + (["return"] if signature.return_annotation is signature.empty else [])


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = list(all_examples(name))
    assert found, f"{name} has no example in its docstring"
    said: list[str] = []
    for test in found:
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_what_its_objects_can_do_is_typed_and_shown(name: str) -> None:
    thing = public(name)
    if not inspect.isclass(thing):
        assert untyped(thing) == []
        return
    members = abilities(thing)
    assert {ability: untyped(member) for ability, member in members.items() if untyped(member)} == {}
    if name not in CALLED_BY_OTHERS:
        shown = "\n".join(example.source for test in all_examples(name) for example in test.examples)
        others = [base for base in thing.__mro__ if not base.__module__.startswith("esc_sim")]
        foreign = {ability for base in others for ability in vars(base)}  # shown where they come from
        own = [ability for ability in members if f"{name}.{ability}" not in CALLED_BY_OTHERS and ability not in foreign]
        assert [ability for ability in own if f".{ability}" not in shown] == []


@pytest.mark.parametrize("name", ["design", "optimize", "stress", "sweep"])
def test_help_and_notebooks_show_the_function_of_packages_that_are_called(name: str) -> None:
    assert getattr(esc_sim, name).__doc__ == public(name).__doc__
    assert ">>> " in pydoc.render_doc(getattr(esc_sim, name))
    arguments = list(inspect.signature(getattr(esc_sim, name)).parameters)
    assert arguments[0] == "scenario"
    assert "overrides" in arguments


def test_completion_offers_what_is_public_alone() -> None:
    assert dir(esc_sim) == sorted(esc_sim.__all__)
    assert not hasattr(esc_sim, "importlib")
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        _ = esc_sim.simulat
