"""Advice of messages, followed to the letter: it must lead to what was meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from esc_sim import load_scenario
from esc_sim.errors import InputError
from esc_sim.scenario.numerals import readings
from esc_sim.scenario.schema import Scenario
from tests.scenario.helpers import folder_of

TEXT = """\
version: 1
name: shops
run: {periods: PERIODS, start: START}
rules: {partial: PARTIAL}
nodes:
  - {id: ID, region: REGION, initial_stock: STOCK, demand: {mean: 10, season: SEASON}}
  - {id: maker, role: maker, initial_stock: 20, production: {mean: 12}}
arcs:
  - {buyer: ID, supplier: maker}
disruptions:
  - {name: outage, nodes: NODES, probability: SHARE}
"""
USUAL = {
    "PERIODS": "30", "START": "2026-01-31", "PARTIAL": "true", "ID": "shop", "REGION": "north", "STOCK": "5",
    "SEASON": "[1, 2]", "NODES": "[maker]", "SHARE": "0.5",
}  # fmt: skip


READ: dict[str, Any] = {
    "PERIODS": lambda s: s.run.periods,
    "START": lambda s: s.run.start,
    "PARTIAL": lambda s: s.rules.partial,
    "ID": lambda s: s.nodes[0].id,
    "REGION": lambda s: s.nodes[0].region,
    "STOCK": lambda s: s.nodes[0].initial_stock,
    "SEASON": lambda s: s.nodes[0].demand.season,
    "NODES": lambda s: s.disruptions[0].nodes,
    "SHARE": lambda s: s.disruptions[0].probability,
}
CASES: list[tuple[str, str, tuple[Any, ...]]] = [
    # place, what is written, and what may be meant: each must be the outcome of one piece of advice
    ("STOCK", '"1,000"', (1000.0, 1.0)),
    ("STOCK", '"1,5"', (1.5,)),
    ("STOCK", '"0,125"', (0.125,)),
    ("STOCK", '"12,3456"', (12.3456,)),
    ("STOCK", '"1,234,567"', (1234567.0,)),
    ("STOCK", '"1.234.567"', (1234567.0,)),
    ("STOCK", '"1,234.5"', (1234.5,)),
    ("STOCK", '"1.234,5"', (1234.5,)),
    ("STOCK", '"1,5e3"', (1500.0,)),
    ("STOCK", "1 000", (1000.0,)),
    ("STOCK", '"1 000 000,25"', (1000000.25,)),
    ("STOCK", '"1\'000"', (1000.0,)),
    ("STOCK", "1_000", (1000.0,)),
    ("STOCK", "0x1F", (31.0,)),
    ("STOCK", "0o17", (15.0,)),
    ("STOCK", '"10"', (10.0,)),
    ("STOCK", '"5."', (5.0,)),
    ("STOCK", '".5"', (0.5,)),
    ("STOCK", '"1e3"', (1000.0,)),
    ("STOCK", '" 7 "', (7.0,)),
    ("SHARE", "50 %", (0.5,)),
    ("SHARE", "2.5%", (0.025,)),
    ("SHARE", '"0,2"', (0.2,)),
    ("PERIODS", "30.0", (30,)),
    ("PERIODS", "1e2", (100,)),
    ("PERIODS", '"40"', (40,)),
    ("PERIODS", '"40.0"', (40,)),
    ("PERIODS", '"1e2"', (100,)),
    ("PERIODS", '"1,000"', (1000,)),
    ("PERIODS", "1.000", (1000, 1)),
    ("PERIODS", "1.250", (1250,)),
    ("ID", "007", ("007",)),
    ("ID", "1e3", ("1e3",)),
    ("ID", ".5", (".5",)),
    ("ID", "7", ("7",)),
    ("ID", "+1", ("+1",)),
    ("ID", "1.50", ("1.50",)),
    ("ID", "True", ("True",)),
    ("ID", "FALSE", ("FALSE",)),
    ("ID", ".inf", (".inf",)),
    ("ID", "null", ("null",)),
    ("ID", "~", ("~",)),
    ("ID", "99999999999999999999", ("99999999999999999999",)),
    ("REGION", "010", ("010",)),
    ("REGION", "-0.0", ("-0.0",)),
    ("START", "20260131", ("20260131",)),
    ("START", "31.01.2026", ("2026-01-31",)),
    ("START", "2026/1/31", ("2026-01-31",)),
    ("START", "2026-1-31", ("2026-01-31",)),
    ("START", "01/02/2026", ("2026-01-02", "2026-02-01")),
    ("START", "01/31/2026", ("2026-01-31",)),
    ("PARTIAL", "yes", (True,)),
    ("PARTIAL", "on", (True,)),
    ("PARTIAL", "NO", (False,)),
    ("PARTIAL", "Off", (False,)),
    ("PARTIAL", "1", (True,)),
    ("PARTIAL", "0", (False,)),
    ("PARTIAL", '"true"', (True,)),
    ("PARTIAL", '"False"', (False,)),
    ("NODES", "maker", (["maker"],)),
    ("NODES", '"maker, shop"', (["maker", "shop"],)),
    ("SEASON", "2", ([2.0],)),
    ("SEASON", "1e0", ([1.0],)),
]


def _written(place: str, text: str) -> str:
    """The scenario with a text in one place."""
    return re.sub("|".join(USUAL), lambda found: (USUAL | {place: text})[found[0]], TEXT)


def _problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_scenario(folder)
    return caught.value.problems


def _advised(message: str, written: str) -> list[str]:
    """What a message says to write instead."""
    if "leave the quotes out" in message:
        return [written.strip("\"'")]
    if found := re.search(r'quote it,? (?:if it is the name: ("[^"]*"))?\(?("[^"]*")?', message):
        return [found[1] or found[2]]
    _, found_it, advice = message.partition(": write ")
    if not found_it:
        return []
    return [re.sub(r" \([^)]*\)$", "", part) for part in advice.split(", or ")]


@pytest.mark.parametrize(("place", "written", "meant"), CASES)
def test_advice_leads_to_what_was_meant(tmp_path: Path, place: str, written: str, meant: tuple[Any, ...]) -> None:
    message = _problems(folder_of(tmp_path, _written(place, written)))[0]
    advised = _advised(message, written)
    outcomes = [READ[place](load_scenario(folder_of(tmp_path, _written(place, advice)))) for advice in advised]
    assert outcomes == list(meant), message


CELLS: list[tuple[str, tuple[float, ...]]] = [
    ("1,000", (1000.0, 1.0)),
    ("3,5", (3.5,)),
    ("1.234,5", (1234.5,)),
    ("1 000", (1000.0,)),
    ("1_000", (1000.0,)),
    ("'5'", (5.0,)),
    ("\N{MINUS SIGN}5", (-5.0,)),
    ("50%", (0.5,)),
]


@pytest.mark.parametrize("table", ["nodes", "series", "cases"])
@pytest.mark.parametrize(("cell", "meant"), CELLS)
def test_advice_on_cells_leads_to_what_was_meant(
    tmp_path: Path, table: str, cell: str, meant: tuple[float, ...]
) -> None:
    head = "version: 1\nname: shops\nrun: {periods: 1}\n"

    def files(value: str) -> dict[str, str]:
        if table == "nodes":
            return {"nodes_csv": f"id;x\nshop;{value}\n"}
        one = head + "nodes: [{id: shop, demand: {mean: 1}}]\n"
        if table == "series":
            return {"text": one, "series_csv": f"a;b\n1;{value}\n"}
        joint = "joint_disruptions: [{name: joint, table: cases.csv}]\n"
        return {"text": one + joint, "cases_csv": f"case;probability;demand.shop\none;1;{value}\n"}

    def value_of(scenario: Scenario) -> Any:
        if table == "nodes":
            return scenario.nodes[0].x
        return scenario.series["b"][0] if table == "series" else scenario.joint_disruptions[0].cases[0].demand["shop"]

    message = _problems(folder_of(tmp_path, **({"text": head} | files(cell))))[0]
    advised = _advised(message, cell)
    assert [float(advice) for advice in advised] == list(meant), message
    for advice, value in zip(advised, meant, strict=True):
        if value >= 0.0 or table == "nodes":
            assert value_of(load_scenario(folder_of(tmp_path, **({"text": head} | files(advice))))) == value


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("1,2,3", ([1.0, 2.0, 3.0],)), ("1;2", ([1.0, 2.0],)), ("1,5", ([1.5], [1.0, 5.0])), ("1,5 2", ([1.5, 2.0],))],
)
def test_advice_on_several_entries_in_a_cell(tmp_path: Path, cell: str, meant: tuple[list[float], ...]) -> None:
    head = "version: 1\nname: shops\n"

    def table(value: str) -> str:
        return f"id\tdemand.mean\tdemand.season\nshop\t10\t{value}\n"

    message = _problems(folder_of(tmp_path, head, nodes_csv=table(cell)))[0]
    advised = _advised(message, cell)
    if cell == "1,5 2":  # the other entry stays
        advised = [re.sub(r"1,5", advice, cell) for advice in advised[:1]]
    outcomes = [load_scenario(folder_of(tmp_path, head, nodes_csv=table(advice))).nodes[0] for advice in advised]
    assert [node.demand.season for node in outcomes if node.demand] == list(meant), message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("nodes.shop.initial_stock='1,000'", "write 1000 (if the comma sets off thousands), or 1.000 ("),
        ("run.periods=1e2", "a whole number belongs here, not 1e2: write 100"),
        ("disruptions.outage.nodes=[007]", 'a name or text belongs here, not 007: quote it ("007")'),
        (
            "rules.known_after=never",
            "a number belongs here, not 'never': for never, write more periods than the run has",
        ),
        ("rules.partial=yes", "true or false belongs here, not 'yes': write true"),
    ],
)
def test_advice_on_overrides(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(folder_of(tmp_path), [override])
    assert any(message in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize("text", ["", "abc", "1:30", "1,2,3", "1,00,000", "1.2.3", "--5", "12 34 5", "1/3", "0x", "%"])
def test_what_cannot_be_told_gets_no_advice(text: str) -> None:
    assert readings(text) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1,000", (1000.0, 1.0)), ("1,5", (1.5,)), ("12,500,000", (12_500_000.0,)), ("250,125", (250_125.0, 250.125))],
)
def test_a_comma_in_braces_ends_the_value(tmp_path: Path, written: str, meant: tuple[float, ...]) -> None:
    problems = _problems(folder_of(tmp_path, _written("STOCK", written)))
    assert all(f"'initial_stock: {written}' is not one number" in problem for problem in problems)
    advised = _advised(problems[0], written)
    found = [READ["STOCK"](load_scenario(folder_of(tmp_path, _written("STOCK", advice)))) for advice in advised]
    assert tuple(found) == meant


def test_a_number_as_a_key_with_a_value_is_an_unknown_key(tmp_path: Path) -> None:
    (problem,) = _problems(folder_of(tmp_path, _written("STOCK", "1, 7: 2")))
    assert "7: unknown key; keys here:" in problem


def test_a_key_of_a_policy_that_is_not_named(tmp_path: Path) -> None:
    written = (
        "{version: 1, name: x, run: {periods: 9}, nodes: [{id: a, demand: {mean: 1}, order: {order_up_to: 47}}, "
        "{id: b, production: {mean: 9}}], arcs: [{buyer: a, supplier: b}]}"
    )
    (problem,) = _problems(folder_of(tmp_path, written))
    assert "'order_up_to' is not for the policy 'mean', which is taken where none is named" in problem
    assert "add policy: base_stock or " in problem
