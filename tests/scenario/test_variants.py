"""Switches and variants: what `when` leaves out is as if it had never been written, and every mistake has its place."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.writing import write_run
from esc_sim.scenario.json_schema import scenario_json_schema
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from esc_sim.sweep.sweep import sweep
from tests.scenario.helpers import GOOD, changed, folder_of, problems_of
from tests.scenario.test_tables import book_of

BAKERY = Path(__file__).resolve().parents[2] / "scenarios" / "bakery"
SWITCHES = {"a": True, "b": False}
# Nodes begin in line 7.
SWITCHED = """\
version: 1
name: switched
switches: {loops: true, far: false}
variants: {linear: {loops: false}, wide: {far: true}}
run: {periods: 30, seed: 5}
nodes:
  - {id: composter, when: loops, initial_stock: 3}
  - {id: shop, role: shop, demand: {mean: 10, price: 50, when: [loops, not far]}, order: {mean: 10.5}}
  - {id: maker, when: loops, initial_stock: 20, production: {mean: 12}}
  - {id: maker, when: not loops, initial_stock: 5, production: {mean: 9, sd: 1}}
arcs:
  - {buyer: shop, supplier: maker, price: 30, lead_time: 1}
risk: {when: "not loops, far", level: 0.9}
"""


def bare(scenario: Scenario) -> Scenario:
    """The scenario without its switches."""
    return scenario.model_copy(update={"switches": {}, "variants": {}, "variant": None})


def places(path: Path, *overrides: str) -> list[str]:
    """The places of the problems found."""
    return [problem.partition(": ")[0] for problem in problems_of(path, *overrides)]


def test_a_variant_sets_the_switches_and_an_override_wins_over_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, SWITCHED)

    def found(*overrides: str) -> tuple[dict[str, bool], list[str], list[float], bool, float]:
        scenario = load_scenario(folder, overrides)
        shop = next(node for node in scenario.nodes if node.id == "shop")
        stock = [node.initial_stock for node in scenario.nodes if node.id == "maker"]
        return (
            scenario.switches,
            [n.id for n in scenario.nodes],
            stock,
            shop.demand is not None,
            scenario.risk.level,
        )

    all_, two = ["composter", "shop", "maker"], ["shop", "maker"]
    assert found() == ({"loops": True, "far": False}, all_, [20.0], True, 0.95)
    assert found("variant=linear") == ({"loops": False, "far": False}, two, [5.0], False, 0.95)
    assert found("variant=wide") == ({"loops": True, "far": True}, all_, [20.0], False, 0.95)
    both = {"loops": False, "far": True}
    assert found("variant=linear", "switches.far=true") == (both, two, [5.0], False, 0.9)
    assert found("switches.loops=true", "variant=linear") == found()
    assert found("variant=linear", "switches={loops: true, far: true}")[0] == {"loops": True, "far": True}
    assert found("variant=linear", "variants.linear.far=true")[0] == both


def test_an_override_changes_every_entry_of_the_name(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, SWITCHED)
    for variant in ("null", "linear"):
        scenario = load_scenario(
            folder, [f"variant={variant}", "nodes.maker.initial_stock=8", "nodes.3.holding_cost=2"]
        )
        maker = scenario.nodes[-1]
        assert (maker.initial_stock, maker.holding_cost) == (8.0, 2.0 if variant == "linear" else 0.0)
    assert problems_of(folder, "nodes.maker.initial_stock=-1") == [
        "--set nodes.maker.initial_stock=-1: must be at least 0, not -1"
    ]
    assert load_scenario(folder, ["variant=linear", "nodes.composter.when=[]"]).nodes[0].id == "composter"


# --- what is left out is as if it had never been written ---

WHENS = st.sampled_from(["a", "b", "not a", "not b", "a, b", "a, not b", ["not a", "b"], ["a", "not b"], []])


def leaves(when: Any, on: dict[str, bool]) -> bool:
    """Whether a part stays, said in another way than the reader's."""
    parts = when if isinstance(when, list) else [part.strip() for part in when.split(",")]
    wanted = {part.split()[-1]: not part.startswith("not ") for part in parts}
    return wanted.items() <= on.items()


def written_without(data: Any, on: dict[str, bool]) -> Any:
    """The plain values as a person would write them for these switches."""
    if isinstance(data, list):
        return [written_without(entry, on) for entry in data if stays(entry, on)]
    if isinstance(data, dict):
        return {key: written_without(part, on) for key, part in data.items() if key != "when" and stays(part, on)}
    return data


def stays(part: Any, on: dict[str, bool]) -> bool:
    return not isinstance(part, dict) or "when" not in part or leaves(part["when"], on)


def parts_of(data: Any, root: bool = True) -> list[dict[str, Any]]:
    """Every mapping below the root."""
    inner = list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else []
    return [data] * (isinstance(data, dict) and not root) + [p for part in inner for p in parts_of(part, False)]


FULL = yaml.safe_load(GOOD) | {
    "markets": [{"id": "goods"}],
    "stocks": [{"node": "maker", "product": "by", "room": 4.0}],
    "products": [{"id": "goods"}, {"id": "by", "contents": {"mass": 0.0}}],
    "risk": {"level": 0.9},
}
FULL["nodes"] += [{"id": f"extra_{n}", "initial_stock": float(n)} for n in range(3)]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_left_out_is_as_never_written(data: st.DataObject) -> None:
    scenario = copy.deepcopy(FULL)
    for part in parts_of(scenario):
        if data.draw(st.integers(0, 3)) == 0:
            part["when"] = data.draw(WHENS)
    on = data.draw(st.fixed_dictionaries({name: st.booleans() for name in SWITCHES}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        text = yaml.safe_dump(scenario | {"switches": SWITCHES, "variants": {"drawn": on}, "variant": "drawn"})
        short = folder_of(path / "short", yaml.safe_dump(written_without(scenario, on)))
        results: list[Any] = []
        for where in (folder_of(path / "switched", text), short):
            try:
                results.append(load_scenario(where))
            except InputError as error:
                results.append(len(error.problems))
    if isinstance(results[0], Scenario):
        assert results[0].switches == on
        assert scenario_hash(results[0]) == scenario_hash(results[1])
        results[0] = bare(results[0])
    assert results[0] == results[1]


@given(st.lists(WHENS, min_size=1, max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_mistakes_after_what_is_left_out_keep_their_lines(whens: list[Any], data: st.DataObject) -> None:
    """A bad amount, a second node of a name and an unknown buyer, in YAML and in a table."""
    whens = [*whens, "a", []]
    bad = data.draw(st.sampled_from([n for n, when in enumerate(whens) if leaves(when, SWITCHES)]))
    entries = [{"id": f"n{n}", "initial_stock": -1 if n == bad else 1, "when": when} for n, when in enumerate(whens)]
    twice = [{"id": "same", "when": when} for when in whens]
    kept = [n for n, when in enumerate(whens) if leaves(when, SWITCHES)]
    with tempfile.TemporaryDirectory() as folder:
        head = f"version: 1\nname: lines\nswitches: {json.dumps(SWITCHES)}\n"
        lines = [f"  - {json.dumps(entry)}\n" for entry in entries]
        assert places(folder_of(Path(folder) / "yaml", head + "nodes:\n" + "".join(lines))) == [
            f"scenario.yaml:{5 + bad}:{lines[bad].index('-1') + 1}"
        ]
        lines = [f"  - {json.dumps(entry)}\n" for entry in twice]
        assert problems_of(folder_of(Path(folder) / "twice", head + "nodes:\n" + "".join(lines))) == [
            f"scenario.yaml:{5 + n}:12: nodes.{n}.id: 'same' is given twice (first as nodes.{kept[0]})"
            for n in kept[1:]
        ]
        text = "id;initial_stock;when\n" + "".join(
            f"{e['id']};{e['initial_stock']};{', '.join(e['when']) if isinstance(e['when'], list) else e['when']}\n"  # type: ignore[arg-type]
            for e in entries
        )
        assert places(folder_of(Path(folder) / "table", head, nodes_csv=text)) == [f"nodes.csv:{2 + bad}"]


def test_in_tables_a_column_says_when(tmp_path: Path) -> None:
    nodes = 'id,initial_stock,demand.mean,demand.when,when\nshop,,10,"loops, not far",\n'
    nodes += "maker,20,,,loops\nmaker,5,,,not loops\n"
    arcs = "buyer,supplier,when\nshop,maker,\nmaker,shop,not loops\n"
    head = "version: 1\nname: tables\nswitches: {loops: true, far: false}\n"
    folder = folder_of(tmp_path / "csv", head, nodes_csv=nodes, arcs_csv=arcs)
    book = folder_of(tmp_path / "book", head + "tables: book.xlsx\n")
    book_of(book / "book.xlsx", nodes=nodes, arcs=arcs)
    for where in (folder, book):
        on, off = load_scenario(where), load_scenario(where, ["switches.loops=false"])
        assert [node.initial_stock for node in on.nodes] == [0, 20]
        assert [node.initial_stock for node in off.nodes] == [0, 5]
        assert (on.nodes[0].demand is None, off.nodes[0].demand is None) == (False, True)
        assert (len(on.arcs), len(off.arcs)) == (1, 2)
    wrong = folder_of(tmp_path / "wrong", head, nodes_csv=nodes.replace(",loops\n", ",lops\n"), arcs_csv=arcs)
    assert problems_of(wrong) == ["nodes.csv:3: column 'when': there is no switch 'lops'; did you mean 'loops'?"]


# --- mistakes ---


NO_SWITCH = "a switch belongs here, 'not' and a switch, or a list of these, not"


@pytest.mark.parametrize(
    ("old", "new", "problem"),  # @ marks the place
    [
        ("loops, i", "@lops, i", "nodes.0.when: there is no switch 'lops'; did you mean 'loops'?"),
        ("not far]", "@not fars]", "nodes.1.demand.when.1: there is no switch 'fars'; did you mean 'far'?"),
        ("loops, i", "@3, i", f"nodes.0.when: {NO_SWITCH} 3"),
        ("when: loops, i", "@when: {loops: true}, i", f"nodes.0.when: {NO_SWITCH} a group of keys"),
        ("loops, i", "@'', i", f"nodes.0.when: {NO_SWITCH} ''"),
        ("loops, i", "@true, i", f"nodes.0.when: {NO_SWITCH} true"),
        ("far: false}", "far: @no}", "switches.far: true or false belongs here, not 'no'"),
        ("{far: true}", "{far: @1}", "variants.wide.far: true or false belongs here, not 1"),
        ("{far: true}", "{afar: @true}", "variants.wide.afar: there is no switch 'afar'; did you mean 'far'?"),
        ("{far: true}", "@far", "variants.wide: switches by name belong here, such as {loops: true}, not 'far'"),
        ("{linear: {loops: false}, wide: {far: true}}", "@5",
         "variants: switches by name belong here, such as {linear: {loops: false}}, not 5"),
        ("run:", "variant: @liner\nrun:", "variant: there is no variant 'liner'; did you mean 'linear'?"),
        ("run:", "@variant: [linear]\nrun:", "variant: the name of a variant belongs here, not a list"),
        ("run:", "when: @loops\nrun:", "when: a whole scenario cannot be left out; put `when` into a part of it"),
        ("far: false}", "far: false, 'x, y': @true}",
         "switches.x, y: a switch's name has no comma, no space around it, and does not begin with 'not '"),
        ("when: loops, i", "@wehn: loops, i", "nodes.0.wehn: unknown key; did you mean 'when'?"),
    ],
)  # fmt: skip
def test_mistakes_have_their_places(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in SWITCHED
    marked = SWITCHED.replace(old, new, 1)
    before = marked[: marked.index("@")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert f"scenario.yaml:{line}:{column}: {problem}" in problems_of(folder_of(tmp_path, marked.replace("@", "")))
    if "wehn" not in new:  # without its `when` the key is left, and a second maker with it
        assert len(problems_of(tmp_path)) == 1


def test_switches_that_are_no_names(tmp_path: Path) -> None:
    text = SWITCHED.replace("{loops: true, far: false}", "[loops, far]")
    assert problems_of(folder_of(tmp_path / "a", text)) == [
        "scenario.yaml:3:1: switches: switches by name belong here, such as {loops: true}, not a list"
    ]
    folder = folder_of(tmp_path / "b", changed("id: shop", "id: shop\n    when: loops"))
    assert problems_of(folder) == [
        "scenario.yaml:6:11: nodes.0.when: there is no switch 'loops'; give it under 'switches'"
    ]
    with pytest.raises(InputError, match="override 'switches': switches by name belong here"):
        load_scenario(folder, {"switches": {1: True}})


def test_mistakes_in_overrides(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, SWITCHED)
    wrong = ["switches.lops=true", "switches.far=maybe", "variant=liner", "variants.linear.fars=true", "when=loops"]
    assert problems_of(folder, *wrong) == [
        "--set switches.far=maybe: true or false belongs here, not 'maybe'",
        "--set switches.lops=true: there is no switch 'lops'; did you mean 'loops'?",
        "--set variants.linear.fars=true: there is no switch 'fars'; did you mean 'far'?",
        "--set variant=liner: there is no variant 'liner'; did you mean 'linear'?",
        "--set when=loops: a whole scenario cannot be left out; put `when` into a part of it",
    ]


def test_what_is_left_out_is_not_there_to_be_named(tmp_path: Path) -> None:
    text = SWITCHED.replace("{buyer: shop, supplier: maker", "{buyer: composter, supplier: maker")
    folder = folder_of(tmp_path, text)
    assert load_scenario(folder, ["nodes.shop.order=null"])
    assert problems_of(folder, "variant=linear", "nodes.shop.order=null") == [
        "scenario.yaml:12:13: arcs.0.buyer: there is no node 'composter'"
    ]


def test_a_switch_that_nothing_names_is_odd(tmp_path: Path) -> None:
    read = read_scenario(folder_of(tmp_path, SWITCHED.replace("{loops: true,", "{loops: true, idle: true,")))
    said = [warning for warning in read.warnings if "when" in warning]
    assert said == ["scenario.yaml:3:31: switches.idle: no `when` names this switch, so it changes nothing"]


# --- whatever else reads a scenario ---


def test_the_schema_takes_when_in_every_part() -> None:
    validator = jsonschema.Draft202012Validator(scenario_json_schema())
    document = yaml.safe_load(SWITCHED)
    document["nodes"][0]["order"] = {"policy": "base_stock", "order_up_to": 3, "when": "far"}
    document["arcs"][0]["lead_time"] = {"law": "uniform", "low": 1, "high": 2, "when": ["loops"]}
    document["recipes"] = [{"node": "shop", "id": "r", "inputs": {"a": 1, "when": "far"}, "when": "not far"}]
    document["variant"] = "linear"
    assert [error.message for error in validator.iter_errors(document)] == []
    for wrong in ({"when": 3}, {"when": [True]}, {"when": "loops"}):
        where = document if wrong["when"] == "loops" else document["nodes"][0]
        assert not validator.is_valid({**document, **wrong} if where is document else {**document, "nodes": [wrong]})


def test_check_says_how_the_switches_stand(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        main(["check", str(BAKERY), "--set", "variant=linear"])
    lines = capsys.readouterr().out.splitlines()
    assert "variant      linear (there are: circular, linear)" in lines
    assert "switches     reuse off" in lines
    with contextlib.suppress(SystemExit):
        main(["check", str(BAKERY), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["variant"], found["switches"], found["nodes"]) == (None, {"reuse": True}, 7)


def test_the_manifest_says_how_the_switches_stood(tmp_path: Path) -> None:
    manifests = {}
    for variant in ("circular", "linear"):
        scenario = load_scenario(BAKERY, {"variant": variant, "run.periods": 15})
        write_run(simulate(scenario, replications=2, engine="agents"), tmp_path / variant)
        manifests[variant] = json.loads((tmp_path / variant / "manifest.json").read_text())
        assert (manifests[variant]["variant"], manifests[variant]["switches"]) == (
            variant, {"reuse": variant == "circular"}
        )  # fmt: skip
    assert manifests["circular"]["scenario_hash"] != manifests["linear"]["scenario_hash"]
    assert manifests["circular"]["scenario_hash"] == scenario_hash(load_scenario(BAKERY, {"run.periods": 15}))


def test_a_sweep_varies_switches_and_variants(tmp_path: Path) -> None:
    short: dict[str, Any] = {"overrides": {"run.periods": 15}, "replications": 2}
    hit = SWITCHED + "disruptions:\n  - {name: outage, when: loops, nodes: [maker], probability: 0.2}\n"
    of_risk = sweep(folder_of(tmp_path / "hit", hit), {"switches.loops": [True, False]}, replications=2).table
    assert of_risk["depth.mean"].notna().tolist() == [True, False]  # without disruptions there is none
    by_switch = sweep(BAKERY, {"switches.reuse": [True, False]}, **short).table
    by_variant = sweep(BAKERY, {"variant": ["circular", "linear"]}, out=tmp_path / "out", **short).table
    columns = [name for name in by_switch.columns if name.endswith(".mean")]
    assert by_switch["switches.reuse"].tolist() == [True, False]
    assert by_switch[columns].equals(by_variant[columns])
    assert by_switch["net_cost_per_period.mean"].nunique() == 2


def test_a_sweep_is_not_resumed_when_another_variant_changed(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    folder, vary = folder_of(tmp_path / "s", SWITCHED), {"variant": ["wide", "linear"]}
    before = load_scenario(folder)
    with pytest.raises(KeyboardInterrupt):
        sweep(folder, vary, replications=2, workers=1, out=tmp_path / "out", progress=interrupt)
    folder_of(folder, SWITCHED.replace("mean: 9", "mean: 8"))
    assert scenario_hash(load_scenario(folder)) == scenario_hash(before)  # what changed is left out of both
    with pytest.raises(InputError, match="another"):
        sweep(folder, vary, replications=2, workers=1, out=tmp_path / "out", resume=True)
    assert load_scenario(folder_of(tmp_path / "plain")).whole_hash is None


def test_false_leaves_a_part_out_whatever_the_switches() -> None:
    assert load_scenario(BAKERY, ["disruptions.oven.when=false"]).disruptions == []
    with pytest.raises(InputError, match=r"override 'nodes.2.demand.mean'|--set nodes.2.demand.mean"):
        load_scenario(BAKERY.parent / "quickstart", ["disruptions.0.when=false", "nodes.2.demand.mean=x"])
