"""By-products, variants and states in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esc_sim.scenario.reader import load_scenario
from tests.helpers.farms import farm
from tests.page.conftest import ROOT, Served
from tests.page.test_browser import chart, choose, settled, step

pytestmark = pytest.mark.slow

Visit = Callable[..., Any]
Serve = Callable[[Path], Served]


def ways(page: Any, place: int = 0) -> dict[tuple[str, str], dict[str, Any]]:
    found = chart(page, place)
    names = [node["name"] for node in found["nodes"]]
    return {
        (names[link["source"]], names[link["target"]]): link
        for link in found["links"]
        if link["kind"] in ("given", "not given")
    }


def series(page: Any, card: str) -> list[dict[str, Any]]:
    """Lines of the charts of a card: name, points, colour."""
    return page.evaluate(
        f"""() => [...document.querySelectorAll('[data-test={card}] .solara-echarts')].flatMap((element) =>
              element.__vue__.chart.getOption().series.map((line) =>
                ({{ name: line.name, count: line.data.length, dash: line.lineStyle.type }})))"""
    )


def test_by_products_and_variants_of_the_bakery(visit: Visit, serve: Serve) -> None:
    page = visit(serve(ROOT / "scenarios" / "bakery").address)
    assert page.query_selector("[data-test=states]") is None  # nothing in it shows states
    step(page, 3)
    assert {giver for giver, _ in ways(page)} == {"mill", "bakery", "shop_market", "shop_station"}
    assert any(link["value"] > 0 for link in ways(page).values())
    assert "passed on without an order" in page.inner_text(".esc-legend >> nth=0")
    choose(page, "pig_farm")
    given = page.inner_text('[data-test="book-Passed on without an order in the last day"]')
    assert "bran from mill" in given
    assert "feeding_bran: runs" in page.inner_text('[data-test="book-Recipes of the last day"]')
    page.select_option("[data-test=baseline]", "Variant linear")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    page.select_option("[data-test=maps]", "both")
    page.wait_for_selector("[data-test=map-1] canvas")
    step(page, 2)
    assert ways(page)
    assert ways(page, 1) == {}
    assert page.inner_text("[data-test=book-name]") == "pig_farm"
    page.select_option("[data-test=first]", "Variant linear")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    page.wait_for_selector("[data-test=map-1]", state="detached")
    assert "--set variant=linear" in page.inner_text(".esc-command")
    assert page.query_selector("[data-test=book-name]") is None  # it has no pig farm


@pytest.mark.parametrize("width", [1440, 420])
def test_states_of_fields_grow_with_time(visit: Visit, serve: Serve, tmp_path: Path, width: int) -> None:
    import yaml

    folder = tmp_path / "farm"
    folder.mkdir()
    content = farm().model_dump(mode="json", by_alias=True, exclude_unset=True)
    (folder / "scenario.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    page = visit(serve(folder).address, width)
    if width == 420:
        page.click("[data-test=fold-States]")
    page.wait_for_selector("[data-test=states] canvas")
    for periods in (1, 5):
        step(page, periods)
        lines = series(page, "states")
        assert {line["name"] for line in lines} == {"north"}
        assert len(lines) == 6
        assert {line["count"] for line in lines} == {int(page.inner_text(".esc-day-number"))}
    assert page.inner_text("[data-test=states] .esc-legend-item").strip() == "north"
    choose(page, "farm")
    assert "north: soil carbon" in page.inner_text('[data-test="book-States after the last period"]')
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_loops_buses_and_soil_of_the_agro_food_network(visit: Visit, serve: Serve) -> None:
    folder = ROOT / "scenarios" / "agro_food"
    page = visit(serve(folder).address)
    page.select_option("[data-test=first]", "Variant regenerative")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    step(page, 11)
    loops = ways(page)
    assert {"digester_north", "composter_south", "town_north"} <= {giver for giver, _ in loops}
    assert any(link["value"] > 0 for link in loops.values())
    scenario = load_scenario(folder, ["variant=regenerative"])
    assert scenario.power is not None
    entities = {one.id.replace("_", " ") for one in (*scenario.power.buses, *scenario.fields)}  # named in words
    assert entities - {line["name"].removesuffix(", my changes") for line in series(page, "states")} == set()
    choose(page, "town_north")
    assert "imported" in page.inner_text('[data-test="book-States after the last week"]')
