"""What if: a baseline that stays, my changes in words and as commands, saved variants, members over time, bullwhip."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.tiers import tier_statistics
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.variant_files import read_variants
from esc_sim.views.page.content import bullwhip_content, strip_content, ways_content
from esc_sim.views.page.key_figures import shown
from esc_sim.views.page.map_chart import links_of
from esc_sim.views.page.map_plan import MapPlan
from esc_sim.views.page.members_chart import first_members, members_option
from esc_sim.views.page.panels import cut_start_up, start_up_of
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.state import PageState
from esc_sim.views.page.time_charts import charts_option, folded
from esc_sim.views.page.variants import BASE, UNDISRUPTED, changed_variant, variants_of
from esc_sim.views.page.what_if import (
    Closure,
    WhatIf,
    changes_between,
    compare_command,
    run_command,
    title_of,
    variants_file,
)
from tests.page.conftest import ROOT

OIL_GAS = ROOT / "scenarios" / "oil_gas"
CHANCE = "disruptions.refinery_3_outage.probability"


def setting_of(name: str, **changed: Any) -> Setting:
    scenario = load_scenario(ROOT / "scenarios" / name, changed)
    return Setting(scenario, (str(ROOT / "scenarios" / name),), variants_of(scenario))


def played(command: str) -> np.ndarray:
    """Periods of the first replication of an `esc-sim run`."""
    words = shlex.split(command)
    assert words[:2] == ["esc-sim", "run"]
    changes = [text for flag, text in zip(words[3::2], words[4::2], strict=True) if flag == "--set"]
    return simulate(load_scenario(Path(words[2]), changes), replications=1, engine="agents").values[0]


def test_the_baseline_stays_when_a_slider_moves() -> None:
    state = PageState(setting_of("oil_gas"))
    state.step()
    assert len(state.show.runs) == 1
    for chance in (0.3, 0.5):
        state.set_parameter({"key": CHANCE, "value": chance})
        state.reset()
        state.finish()
        mine, baseline = state.show.runs
        assert np.array_equal(baseline.periods, simulate(OIL_GAS, replications=1, engine="agents").values[0])
        assert np.array_equal(mine.periods, played(run_command(state.setting, state.mine.value, 1)))
        assert not np.array_equal(mine.periods, baseline.periods)
        assert all(figure["difference"] for figure in strip_content(state.show))
    state.as_baseline()
    state.set_parameter({"key": CHANCE, "value": 0.1})
    state.finish()  # begins anew, since the changes wait
    assert [run.what_if.values for run in state.show.runs] == [{}, {CHANCE: 0.5}]
    words = [change.words for change in changes_between(state.setting, state.mine.value, state.baseline.value)]
    assert words == ["refinery_3_outage: chance per day 10 % instead of 50 %"]
    state.take_back(CHANCE)
    assert state.mine.value == state.baseline.value


@pytest.mark.parametrize(
    ("name", "node", "health", "variant"),
    [
        ("oil_gas", "refinery_2", 0.0, BASE),
        ("oil_gas", "refinery_2", 0.5, UNDISRUPTED),
        ("beer_game", "factory", 0.0, BASE),
    ],
)
def test_what_is_closed_by_hand_is_a_change_and_can_be_run(name: str, node: str, health: float, variant: str) -> None:
    state = PageState(setting_of(name))
    state.change({"name": "first", "value": variant})
    state.change({"name": "baseline", "value": variant})
    state.reset()
    for _ in range(5):
        state.step()
    state.choose(node)
    state.disrupt({"health": health, "lasts": "4"})
    period = state.show.scenario.units.period
    what = "closed" if health == 0 else "at 50 %"
    assert title_of(state.setting, state.mine.value).endswith(f"{node} {what} {period}s 5 to 8")
    assert state.pending == 0
    state.finish()
    mine, baseline = (run.periods for run in state.show.runs)
    assert np.array_equal(mine[:5], baseline[:5])
    assert not np.array_equal(mine, baseline)
    assert np.array_equal(mine, played(run_command(state.setting, state.mine.value, 1)))
    state.reset()
    state.finish()  # the same once more
    assert np.array_equal(mine, state.show.runs[0].periods)
    assert np.array_equal(baseline, state.show.runs[1].periods)


def test_what_is_closed_by_hand_spreads_where_the_scenario_says_so_and_can_be_run() -> None:
    """Amid breakdowns that spread; two of the members at one instant, one of them open again before the other."""
    changes = {"run.periods": 50, "cascade.by_hand": True, "cascade.delay": 2}
    setting = setting_of("cascade_37", **changes)
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={str(value).lower()}")]
    state = PageState(replace(setting, source=(*setting.source, *words)))
    for _ in range(10):
        state.step()
    for node, lasts in (("0", "20"), ("24", "3"), ("6", "")):
        state.choose(node)
        state.disrupt({"health": 0.0, "lasts": lasts})
    state.finish()
    assert "failed in the cascade" in {what for time, _, what, _ in state.show.runs[0].model.events if 10 < time < 30}
    mine, baseline = (run.periods for run in state.show.runs)
    assert not np.array_equal(mine, baseline)
    assert np.array_equal(mine, played(run_command(state.setting, state.mine.value, 1)))


def test_links_that_a_cascade_makes_are_drawn_and_nobody_moves() -> None:
    changes = {"cascade.links_trade": True, "disruptions.breakdown.when": False}
    show = Show(setting_of("cascade_37", **changes))
    show.step(60)
    before = MapPlan.of(show.runs[0], "layers")
    show.step(5)
    run = show.runs[0]
    after = MapPlan.of(run, "layers")
    made = run.model.links.made
    assert len(after.ends) == len(before.ends) + len(made) > len(before.ends)
    assert np.array_equal(after.points, before.points)
    everybody = np.ones(after.network.node_count, np.bool_)
    nodes, links = run.model.instance.network.node_index, links_of(run, after, everybody, "flow")
    new = {tuple(after.ends[pair]) for pair, kind in zip(links.pairs, links.kinds, strict=True) if kind == "new"}
    assert new & {(nodes[link.supplier], nodes[link.buyer]) for link in made}
    assert len(links_of(run, before, everybody, "flow").kinds) == len(before.ends)  # a plan made before still serves


def test_a_member_that_is_restored_is_open_from_then_on() -> None:
    state = PageState(setting_of("quickstart"))
    state.choose("warehouse")
    state.disrupt({"health": 0.0, "lasts": ""})
    assert state.mine.value.closures == (Closure("warehouse", 0),)
    state.step()
    state.disrupt({"health": 0.5, "lasts": ""})
    state.step()
    state.restore()
    words = [change.words for change in changes_between(state.setting, state.mine.value, WhatIf())]
    assert words == ["warehouse closed on day 0", "warehouse at 50 % on day 1"]
    assert state.mine.value == state.show.runs[0].what_if
    state.take_back(words[0])
    assert state.pending == 1
    state.undo()
    assert state.mine.value == WhatIf()


def test_saved_variants_are_loaded_compared_and_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = PageState(setting_of("quickstart", **{"run.periods": 30}))
    state.set_parameter({"key": "roles.shop.demand", "value": 150.0})
    state.save("more: demand")
    state.undo()
    state.choose("warehouse")
    state.disrupt({"health": 0.0, "lasts": "3"})
    assert list(state.ways) == ["baseline", "my changes", "more demand"]
    state.save("")
    closed = "warehouse closed days 0 to 2"
    assert list(state.ways) == ["baseline", "more demand", closed]
    state.load("more demand")
    assert title_of(state.setting, state.mine.value) == "Role shop: mean final demand \N{MULTIPLICATION SIGN} 1.5"

    content = ways_content(state.show, state.ways)
    assert content["names"] == list(state.ways)
    state.finish()
    strip = strip_content(state.show)
    for figure, row in zip(strip, content["rows"], strict=False):
        baseline, mine = row["cells"][:2]
        assert (figure["text"], figure["baseline"]) == (mine["text"], baseline["text"])
        assert figure["difference"] == mine["difference"]
    others = content["rows"][len(strip) :]
    bullwhip = bullwhip_content(state.show)
    assert bullwhip is not None
    assert [row["label"] for row in others] == [f"Bullwhip, {row['tier']}" for row in bullwhip["rows"]]
    assert [row["cells"][1]["text"] for row in others] == [row["cells"][0]["whole"] for row in bullwhip["rows"]]

    scenario = ROOT / "scenarios" / "quickstart"
    file = tmp_path / "variants.yaml"
    file.write_text(variants_file(state.setting, state.ways), encoding="utf-8")
    assert list(read_variants(file)) == list(state.ways)
    options = ["--replications", "2"]
    assert main(["compare", str(scenario), "--variants", str(file), *options]) == 0
    from_file = capsys.readouterr().out
    assert main([*shlex.split(compare_command(state.setting, state.ways, 1))[1:], *options]) == 0
    assert capsys.readouterr().out == from_file
    changes = ["run.periods=30", *read_variants(file)["more demand"]]
    offered = changed_variant("Saved more demand", load_scenario(scenario, changes), changes)
    assert offered.scenario == state.show.scenario

    # A name that is taken replaces what it stood for, in the open table too, and says so.
    state.compare()
    state.load("more demand")
    state.set_parameter({"key": "roles.shop.demand", "value": 180.0})
    state.save("more demand")
    assert state.notes.value["save"] == "'more demand' was replaced."
    assert state.compared.value["more demand"] == state.mine.value
    state.forget("more demand")
    assert list(state.saved.value) == [closed]
    for name in ("Baseline", "my  changes", UNDISRUPTED, "scenario as written"):
        state.save(name)
        assert "is the name of something else here" in state.notes.value["save"]
        assert list(state.saved.value) == [closed]
    assert state.ways["baseline"] == WhatIf()
    state.save("fine")
    assert state.notes.value["save"] == ""


@pytest.mark.parametrize("lasts", ["-5", "1.5", "1e9", "0", "365001", "soon", "nan"])
def test_a_duration_or_a_seed_that_cannot_be_does_nothing_and_says_so(lasts: str) -> None:
    state = PageState(setting_of("quickstart", **{"run.periods": 30}))
    state.choose(" Warehouse ")
    state.disrupt({"health": 0.0, "lasts": lasts})
    assert state.notes.value["lasts"].startswith("Nothing was done. Give a whole number of days, 1 to 30")
    assert state.mine.value == WhatIf()
    assert not state.show.runs[0].model.hazards.nodes_by_hand
    for name in ("seed", "replication"):
        state.change({"name": name, "value": "7"})
        state.change({"name": name, "value": "-3"})
        assert state.notes.value[name].endswith("it stays 7.")
        state.change({"name": name, "value": "1.5"})
        assert (state.seed.value if name == "seed" else state.replication.value) == 7
    state.change({"name": "seed", "value": "8"})
    assert (state.seed.value, state.notes.value["seed"]) == (8, "")
    state.disrupt({"health": 0.0, "lasts": "3"})
    assert (state.mine.value.closures, state.notes.value["lasts"]) == ((Closure("warehouse", 0, 3),), "")


def test_members_are_found_however_their_names_are_written() -> None:
    state = PageState(setting_of("oil_gas"), "refinery_9")
    assert state.error.value.startswith("This network has no member 'refinery_9'. The nearest names are refinery_")
    assert state.missing.value == ""  # told once
    for name in ("refinery_2", " Refinery 2 ", "REFINERY-2"):
        state.choose(None)
        state.choose(name)
        assert (state.selected.value, state.missing.value, state.nearest.value) == ("refinery_2", "", [])
    state.choose("refinary 2")
    assert (state.selected.value, state.nearest.value[0]) == (None, "refinery_2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("variants: {}", "needs the keys version \\(1\\) and variants"),
        ("version: 1\nvariants: []", "a name, and a list of 'path=value' texts"),
        ("version: 1\nvariants: {a: [x]}", "variants.a: a list of 'path=value' texts"),
        ("version: 1\nvariants: {a: ", "variants.yaml:"),
    ],
)
def test_what_is_no_file_of_variants_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "variants.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_variants(file)


def test_the_bullwhip_by_tier_is_that_of_a_run() -> None:
    show = Show(setting_of("beer_game"))
    assert bullwhip_content(show) is None
    show.step(52)
    content = bullwhip_content(show)
    assert content is not None
    tiers = tier_statistics(simulate(ROOT / "scenarios" / "beer_game", replications=1, engine="agents"))
    found = {row["tier"]: row["cells"][0] for row in content["rows"]}
    assert [(cell["step"], cell["whole"]) for cell in found.values()] == [
        (shown(tiers[f"layer {n}"]["bullwhip"].mean), shown(tiers[f"layer {n}"]["bullwhip_total"].mean))
        for n in (1, 2, 3, 4)
    ]
    assert [round(tiers[f"layer {n}"]["bullwhip_total"].mean, 1) for n in (1, 2, 3, 4)] == [2.1, 10.9, 36.2, 117.3]
    assert list(found)[3] == "factory (layer 4)"


def test_members_over_time_are_what_the_engine_records() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "beer_game")
    show = Show(setting_of("beer_game"))
    names = first_members(show.runs[0].model)
    assert names == ("retailer", "wholesaler", "distributor", "factory")
    show.step(52)
    model = SupplyChainModel(scenario, trace=True)
    model.run()
    run = show.runs[0]
    for name in names:
        node = run.node(name)
        assert node is not None
        (item,) = model.items_of_node[node]
        for quantity in ("ordered", "stock"):
            recorded = model.recorder.items[:, item, ITEM_COLUMNS.index(quantity)]
            assert np.array_equal(run.members.of(node, quantity), recorded)
        tally = dict(
            zip(("asked", "filled"), (run.members.of(node, q).sum() for q in ("asked", "filled")), strict=True)
        )
        fill = tier_statistics(simulate(scenario, replications=1, engine="agents"))
        mean = fill[f"layer {names.index(name) + 1}"]["fill_rate"].mean
        assert tally["filled"] / tally["asked"] == pytest.approx(mean)
    option, zero = members_option(show.runs, names, show.scenario.units)
    assert zero == []
    assert [title["text"].partition(" [")[0] for title in option["title"]] == [
        "Orders", "Stock", "Owed to buyers and customers", "Fill rate"
    ]  # fmt: skip
    assert [line["name"] for line in option["series"][:4]] == list(names)
    # The brewery's hundred thousand barrels make nobody's circle small.
    assert [round(run.members.stock_share(node), 2) for node in range(5)][4] == 1.0


def test_a_fill_rate_falls_where_a_supplier_is_closed() -> None:
    show = Show(setting_of("oil_gas", disruptions=[]))
    show.step(10)
    show.disrupt("refinery_2", 0.0, 5)
    show.step(10)
    node = show.runs[0].node("refinery_2")
    assert node is not None
    fill = show.runs[0].members.of(node, "fill_rate")
    assert np.allclose(fill[:10], 1.0)
    assert fill[10] == 0.0
    assert fill[19] > 0.0


def test_panels_that_are_all_zero_are_folded_away() -> None:
    show = Show(setting_of("beer_game"))
    show.step(20)
    assert [panel.title for panel in folded(show.runs)] == ["Owed to customers", "Demand lost"]
    units = show.scenario.units
    assert len(charts_option(show.runs, units)["grid"]) + 2 == len(
        charts_option(show.runs, units, unfolded=True)["grid"]
    )


def test_a_start_up_is_cut_off_where_it_flattens_the_rest_and_a_disruption_never() -> None:
    quiet = [False] * 100
    assert start_up_of(quiet, 0) == 5
    assert start_up_of(quiet, 12) == 12
    assert start_up_of([True, *quiet[1:]], 0) == start_up_of(quiet[:20], 0) == 0
    line = 10.0 + np.sin(np.arange(100.0))
    line[:3] = 500.0, 300.0, 100.0

    def cut(values: np.ndarray) -> dict[str, Any]:
        option: dict[str, Any] = {"title": [{"text": "Stock"}], "yAxis": [{}]}
        cut_start_up(option, 0, [values], 5)
        return option

    assert cut(line)["title"][0]["text"] == "Stock \N{BLACK UP-POINTING TRIANGLE} 500"
    assert (cut(line)["yAxis"][0]["min"], cut(line)["yAxis"][0]["max"]) == (8.5, 11.5)
    line[:3] = 11.0
    line[50] = 500.0
    assert cut(line)["yAxis"] == [{}]
