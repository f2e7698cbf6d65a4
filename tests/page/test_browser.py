"""The page in a headless Chromium: what a visitor sees and does, line by line."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.variant_files import variants_text
from esc_sim.views.page.content import book_content, bullwhip_content, strip_content
from esc_sim.views.page.show import Show
from esc_sim.views.page.states import FAILED, NORMAL
from esc_sim.views.page.what_if import Closure, WhatIf
from tests.page.conftest import ROOT, Served
from tests.page.networks import HOSTILE, write_hostile
from tests.page.shows import show_of_scenario

pytestmark = pytest.mark.slow

Visit = Callable[..., Any]
Serve = Callable[[Path], Served]
MAP = "document.querySelector('[data-test=map-0] .solara-echarts').__vue__.chart"
NODES = f"{MAP}.getOption().series[0].data.length"
OIL_GAS = ROOT / "scenarios" / "oil_gas"


def here(values: dict[str, Any] | None = None, periods: int = 0, variants: tuple[str, ...] = ()) -> Show:
    """The same show in this process: what the page must say."""
    show = show_of_scenario(load_scenario(OIL_GAS))
    show.reset(*(WhatIf(name, values or {}) for name in variants or ("Scenario as written",)))
    show.step(periods)
    return show


def day(page: Any) -> int:
    return int(page.inner_text(".esc-day-number"))


def figure(page: Any, label: str) -> str:
    """Text of a key figure, of my changes where there are two runs."""
    return " ".join(page.inner_text(f'[data-test="figure-{label}"] [data-test=mine]').split())


def chart(page: Any, place: int = 0) -> dict[str, Any]:
    """What the map's chart holds in the browser."""
    return page.evaluate(
        f"""() => {{
          const chart = document.querySelector('[data-test=map-{place}] .solara-echarts').__vue__.chart;
          const [graph, ...rest] = chart.getOption().series;
          return {{ nodes: graph.data, links: graph.links, bundles: rest.length }};
        }}"""
    )


def node_of(page: Any, name: str, place: int = 0) -> dict[str, Any]:
    return next(node for node in chart(page, place)["nodes"] if node["name"] == name)


def flow_from(page: Any, name: str) -> float:
    found = chart(page)
    source = next(i for i, node in enumerate(found["nodes"]) if node["name"] == name)
    return sum(link["value"] for link in found["links"] if link["source"] == source)


def place_on_screen(page: Any, name: str) -> tuple[float, float]:
    """Where a node is drawn, in the window's pixels."""
    return tuple(
        page.evaluate(
            """(name) => {
              const element = document.querySelector('[data-test=map-0] .solara-echarts');
              const chart = element.__vue__.chart;
              const datum = chart.getOption().series[0].data.find((node) => node.name === name);
              const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, datum.value);
              const box = element.getBoundingClientRect();
              return [box.left + x, box.top + y];
            }""",
            name,
        )
    )


def settled(page: Any, action: Callable[[], Any]) -> None:
    """Do something, and wait until the page has drawn what follows from it."""
    before = int(page.get_attribute("[data-test=pulse]", "data-frame"))
    action()
    page.wait_for_function(f"document.querySelector('[data-test=pulse]').dataset.drawn > {before}")


def at_rest(page: Any) -> None:
    """Wait until a pause has taken effect; the periods at hand are played to their end first."""
    page.wait_for_selector("[data-test=play]:has-text('Play')")
    page.wait_for_selector("[data-test=step]:enabled")


def step(page: Any, periods: int = 1) -> None:
    for _ in range(periods):
        settled(page, lambda: page.click("[data-test=step]"))


def choose(page: Any, name: str) -> None:
    page.fill("[data-test=member]", name)
    page.press("[data-test=member]", "Enter")
    page.wait_for_selector(f'[data-test=book-name]:text-is("{name}")')


def test_the_page_loads_and_says_what_it_shows(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    assert page.title() == "Oil and gas supply chain, refinery 3 at risk - esc_sim"
    assert day(page) == 0
    assert page.inner_text(".esc-badge") == "calibrated data"
    assert {node["name"] for node in chart(page)["nodes"]} == set(here().runs[0].model.instance.network.node_ids)
    assert page.inner_text(".esc-command") == f"esc-sim run {OIL_GAS}"
    spoken = [line.split(maxsplit=1) for line in oil_gas.witness.read_text().splitlines()]
    assert [line for line in spoken if "127.0.0.1" not in line[1] and "localhost" not in line[1]] == []


def test_stepping_and_reset(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page, 3)
    assert day(page) == 3
    for expected in strip_content(here(periods=3)):
        assert figure(page, expected["label"]) == expected["text"]
    assert max(link["value"] for link in chart(page)["links"]) > 90
    settled(page, lambda: page.click("[data-test=reset]"))
    assert day(page) == 0
    assert figure(page, "Cost") == "\N{EN DASH}"


def test_playing_and_pausing(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    page.fill("[data-test=speed]", "60")
    page.click("[data-test=play]")
    page.wait_for_function("Number(document.querySelector('.esc-day-number').innerText) >= 20")
    page.click("[data-test=play]")
    at_rest(page)
    settled(page, lambda: page.click("[data-test=step]"))
    stopped = day(page)
    assert stopped >= 21
    for expected in strip_content(here(periods=stopped)):
        assert figure(page, expected["label"]) == expected["text"]
    settled(page, lambda: page.click("[data-test=step]"))
    assert day(page) == stopped + 1


def cost_of(show: Show) -> str:
    """The cost in the strip of a show."""
    (text,) = [figure["text"] for figure in strip_content(show) if figure["label"] == "Cost"]
    return str(text)


def test_a_slider_takes_effect_at_reset(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    key = "disruptions.refinery_3_outage.probability"
    slider = f'[data-test="{key}"]'
    page.focus(slider)
    for _ in range(4):
        page.press(slider, "ArrowRight")
    page.wait_for_function(
        "document.querySelector('.esc-command').innerText.endsWith('refinery_3_outage.probability=0.12')"
    )
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    step(page, 2)  # the old value is in force until the reset
    assert figure(page, "Cost") == cost_of(here(periods=2))
    page.press(slider, "End")
    page.wait_for_function("document.querySelector('.esc-command').innerText.includes('probability=0.5')")
    settled(page, lambda: page.click("[data-test=reset]"))
    step(page, 6)
    changed, base = here({key: 0.5}, periods=6), here(periods=6)
    assert figure(page, "Cost") == cost_of(changed) != cost_of(base)
    assert "refinery_3 (ship): disrupted" in page.inner_text("[data-test=log]")


def test_a_disruption_is_switched_off(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    page.uncheck('[data-test="disruptions.refinery_3_outage.on"]')
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    step(page, 4)
    assert figure(page, "Contracts kept") == "100 %"
    assert "--set disruptions.refinery_3_outage.when=false" in page.inner_text(".esc-command")


def test_a_click_on_a_node_shows_its_book(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page, 2)
    page.mouse.click(*place_on_screen(page, "refinery_3"))
    page.wait_for_selector('[data-test=book-name]:text-is("refinery_3")')
    expected = book_content(here(periods=2), "refinery_3")
    assert expected is not None
    for table in expected["tables"]:
        shown = page.inner_text(f'[data-test="book-{table["name"]}"]').split("\n")
        for row in table["rows"]:
            assert any(row["label"] in line and row["values"][0] in line for line in shown), row
    made = page.inner_text('[data-test="book-Bids made"]')
    assert expected["bids"][0]["rows"]
    assert all(bid["partner"] in made and bid["answer"] in made for bid in expected["bids"][0]["rows"])
    assert node_of(page, "refinery_3")["itemStyle"]["borderWidth"] == 3


def test_disrupting_by_hand_turns_the_node_and_stops_its_flow(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page, 2)
    choose(page, "refinery_2")
    before = flow_from(page, "refinery_2")
    assert before > 50
    assert node_of(page, "refinery_2")["itemStyle"]["color"] == NORMAL.colour
    settled(page, lambda: page.click("[data-test=disrupt]"))
    failed = node_of(page, "refinery_2")
    assert (failed["state"], failed["itemStyle"]["color"], failed["symbol"]) == ("failed", FAILED.colour, FAILED.symbol)
    assert colour_at(page, place_on_screen(page, "refinery_2")) == FAILED.colour
    step(page)
    assert flow_from(page, "refinery_2") == 0.0
    assert page.inner_text("[data-test=book-state]") == "failed"
    assert "refinery_2: disrupted by hand" in page.inner_text("[data-test=log]")
    settled(page, lambda: page.click("[data-test=restore]"))
    assert node_of(page, "refinery_2")["itemStyle"]["color"] == NORMAL.colour
    assert colour_at(page, place_on_screen(page, "refinery_2")) == NORMAL.colour
    step(page)
    assert flow_from(page, "refinery_2") > 50


def colour_at(page: Any, place: tuple[float, float]) -> str:
    """Colour of a pixel of the window, as seen."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return "#{:02X}{:02X}{:02X}".format(*picture.getpixel((round(place[0]), round(place[1]))))


def test_half_capacity_is_disrupted_not_failed(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page)
    choose(page, "refinery_2")
    settled(page, lambda: page.click("[data-test=halve]"))
    assert node_of(page, "refinery_2")["state"] == "disrupted"
    whole = flow_from(page, "refinery_2")
    step(page)
    assert 0 < flow_from(page, "refinery_2") < 0.6 * whole


def read_off(page: Any, expected: dict[str, Any]) -> None:
    """A key figure says mine, the baseline, and the difference."""
    card = f'[data-test="figure-{expected["label"]}"]'
    parts = {part: page.inner_text(f"{card} [data-test={part}]") for part in ("mine", "base", "difference")}
    assert parts == {"mine": expected["text"], "base": expected["baseline"], "difference": expected["difference"]}


def test_my_changes_are_read_off_against_a_baseline_that_stays(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page, 10)
    page.mouse.click(*place_on_screen(page, "refinery_2"))
    page.wait_for_selector('[data-test=book-name]:text-is("refinery_2")')
    page.fill("[data-test=lasts]", "-5")
    page.click("[data-test=disrupt]")
    page.wait_for_selector("[data-test=wrong]:has-text('Nothing was done')")
    page.fill("[data-test=lasts]", "20")
    settled(page, lambda: page.click("[data-test=disrupt]"))
    assert page.inner_text("[data-test=changes] li span") == "refinery_2 closed days 10 to 29"
    settled(page, lambda: page.click("[data-test=finish]"))
    show = here()
    closed = WhatIf(closures=(Closure("refinery_2", 10, 30),))
    show.reset(closed, WhatIf())
    show.step(show.horizon)
    for expected in strip_content(show):
        read_off(page, expected)
    assert figure(page, "Fill rate") != page.inner_text('[data-test="figure-Fill rate"] [data-test=base]')
    assert "points" in page.inner_text('[data-test="figure-Fill rate"] [data-test=difference]')
    assert page.inner_text('[data-test="book-Stock"] thead').split() == ["Mine", "Baseline"]

    key = "disruptions.refinery_3_outage.probability"
    page.focus(f'[data-test="{key}"]')
    page.press(f'[data-test="{key}"]', "Home")
    page.wait_for_selector("text=refinery_3_outage: chance per day 0 % instead of 10 %")
    page.fill("[data-test=save-name]", "never out")
    page.click("[data-test=save]")
    page.wait_for_selector("[data-test=saved] li")
    settled(page, lambda: page.click("[data-test=finish]"))
    mine = WhatIf(values={key: 0.0}, closures=closed.closures)
    show.reset(mine, WhatIf())
    show.step(show.horizon)
    for expected in strip_content(show):
        read_off(page, expected)  # the baseline is the same as before

    page.click("[data-test=as-baseline]")
    page.wait_for_selector("text=None yet")
    page.select_option("[data-test=first]", "Without disruptions")
    page.click("[data-test=compare]")
    page.wait_for_selector("[data-test=ways]")
    names = page.inner_text("[data-test=ways] thead").split("\t")
    assert [name.strip() for name in names if name.strip()] == ["baseline", "my changes"]
    assert "--variant" in page.inner_text("[data-test=compare-command]")
    assert page.get_attribute("[data-test=variants-file]", "download") == "oil_gas_variants.yaml"
    page.fill("[data-test=seed]", "7")
    page.press("[data-test=seed]", "Enter")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    page.click("[data-test=reset]")
    page.wait_for_selector("[data-test=compare-command]:has-text('--seed 7')")
    page.fill("[data-test=save-name]", "Baseline")
    page.click("[data-test=save]")
    page.wait_for_selector("[data-test=save-note]")
    page.click('[aria-label="Delete never out"]')
    page.wait_for_selector("[data-test=saved]", state="detached")


def test_two_maps_are_shown_on_request(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    page.select_option("[data-test=baseline]", "Without disruptions")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    assert page.locator("[data-test=map-1]").count() == 0
    page.select_option("[data-test=maps]", "both")
    page.wait_for_selector("[data-test=map-1] canvas")
    choose(page, "refinery_3")
    settled(page, lambda: page.click("[data-test=disrupt]"))
    assert [node_of(page, "refinery_3", place)["state"] for place in (0, 1)] == ["failed", "normal"]


def lines(page: Any, part: str) -> list[str]:
    """Names of the lines of a card's chart."""
    return page.evaluate(
        """(part) => document.querySelector(`[data-test=${part}] .solara-echarts`).__vue__.chart.getOption()
             .series.filter((line) => line.xAxisIndex === 0).map((line) => line.name)""",
        part,
    )


def test_the_bullwhip_is_seen_in_the_beer_game(visit: Visit, serve: Callable[..., Served], tmp_path: Path) -> None:
    file = tmp_path / "variants.yaml"
    file.write_text(variants_text({"quick": ["nodes.factory.order.cover=3"]}), encoding="utf-8")
    page = visit(serve(ROOT / "scenarios" / "beer_game", "--variants", str(file)).address)
    settled(page, lambda: page.click("[data-test=finish]"))
    assert lines(page, "members") == ["retailer", "wholesaler", "distributor", "factory"]
    show = show_of_scenario(load_scenario(ROOT / "scenarios" / "beer_game"))
    show.step(52)
    content = bullwhip_content(show)
    assert content is not None
    told = page.inner_text("[data-test=bullwhip]")
    for row in content["rows"]:
        assert any(row["tier"] in line and row["cells"][0]["whole"] in line for line in told.split("\n"))
    assert [row["cells"][0]["whole"] for row in content["rows"]] == ["2.114", "10.94", "36.23", "117.3"]
    box = page.locator("[data-test=members] .solara-echarts").bounding_box()
    assert box["y"] + 190 < 1000  # the orders are on the first screen
    page.select_option("[data-test=first]", "Saved quick")
    page.wait_for_selector("[data-test=changes]:has-text('Saved quick')")
    page.wait_for_function(
        "document.querySelector('.esc-command').innerText.endsWith('--set nodes.factory.order.cover=3')"
    )
    page.mouse.click(*place_on_screen(page, "brewing"))
    page.wait_for_selector("[data-test=charted-brewing]")
    page.click('[aria-label="Show retailer no more"]')
    page.wait_for_selector("[data-test=charted-retailer]", state="detached")
    page.wait_for_function(
        """() => document.querySelector('[data-test=members] .solara-echarts').__vue__.chart.getOption().series
             .filter((line) => line.xAxisIndex === 0).map((line) => line.name).join()
             === 'wholesaler,distributor,factory,brewing'"""
    )
    page.select_option("[data-test=unfold]", "shown")
    page.wait_for_function(
        "document.querySelector('[data-test=charts] .solara-echarts')?.__vue__.chart?.getOption().grid.length === 9"
    )


def test_a_plan_is_chosen_by_its_name(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    page.select_option("[data-test=first]", "Plan fewer orders")
    page.wait_for_selector("[data-test=reset]:has-text('Apply and reset')")
    settled(page, lambda: page.click("[data-test=reset]"))
    step(page, 3)
    show = show_of_scenario(load_scenario(OIL_GAS), [oil_gas.plan])
    show.reset(WhatIf("Plan fewer orders"), None, 1, 0)
    show.step(3)
    assert figure(page, "Cost") == cost_of(show) != cost_of(here(periods=3))
    assert page.inner_text(".esc-command").endswith(f"--plan {oil_gas.plan}")


def test_a_thousand_nodes_play(visit: Visit, thousand: Served) -> None:
    page = visit(thousand.address)
    page.select_option("[data-test=group-by]", "none")
    page.wait_for_function(f"{NODES} === 1000")
    page.fill("[data-test=speed]", "10")
    page.click("[data-test=play]")
    page.wait_for_function("Number(document.querySelector('.esc-day-number').innerText) >= 6")
    page.click("[data-test=play]")
    at_rest(page)
    step(page)
    assert chart(page)["bundles"] > 2
    choose(page, "manufacturer_11")
    settled(page, lambda: page.click("[data-test=disrupt]"))
    assert node_of(page, "manufacturer_11")["state"] == "failed"
    page.select_option("[data-test=near]", "the chosen member's partners")
    page.wait_for_function(f"{NODES} < 60")
    names = {node["name"] for node in chart(page)["nodes"]}
    assert "manufacturer_11" in names
    page.select_option("[data-test=view]", "table")
    page.fill("[data-test=find]", "manufacturer failed")
    page.click(".esc-link:text-is('manufacturer_11')")


def test_a_thousand_nodes_by_groups(visit: Visit, thousand: Served) -> None:
    page = visit(thousand.address)
    step(page)
    groups = chart(page)["nodes"]
    assert sorted(node["name"] for node in groups) == [f"region_{a}{b}" for a in range(4) for b in range(4)]
    assert all("members\nstock" in node["label"]["formatter"] for node in groups)
    assert drawn(page) < 1500  # shapes on the canvas; by members they are thousands
    page.mouse.click(*place_on_screen(page, "region_12"))
    page.wait_for_function(f"{NODES} === 16 + 62")  # its mark stands for the group
    choose(page, "supplier_1")
    settled(page, lambda: page.click("[data-test=disrupt]"))
    hit = node_of(page, "supplier_1")
    assert (hit["state"], hit["itemStyle"]["borderWidth"]) == ("failed", 3)
    page.mouse.click(*place_on_screen(page, "region_12"))
    page.wait_for_function(f"{NODES} === 16")
    assert "62 members, 1 down" in node_of(page, "region_12")["label"]["formatter"]
    page.select_option("[data-test=group-by]", "tier")
    page.wait_for_function(f"{NODES} === 4")
    page.select_option("[data-test=group]", "wholesaler")
    page.wait_for_function(f"{NODES} === 4 + 16")
    page.select_option("[data-test=view]", "table")
    page.fill("[data-test=find]", "suplier_12")
    page.press("[data-test=find]", "Enter")
    page.wait_for_selector("[data-test=not-found]:has-text('nearest names are supplier_12')")


def drawn(page: Any) -> int:
    """Shapes on the map's canvas."""
    return page.evaluate(f"{MAP}.getZr().storage.getDisplayList().length")


def test_texts_of_a_scenario_are_never_markup(visit: Visit, serve: Serve, tmp_path: Path) -> None:
    hostile = serve(write_hostile(tmp_path / "hostile"))
    page = visit(hostile.address)
    step(page, 5)

    page.mouse.move(*place_on_screen(page, f"maker {HOSTILE}"))
    page.mouse.click(*place_on_screen(page, f"maker {HOSTILE}"))
    page.wait_for_selector("[data-test=book-name]")
    assert page.inner_text("[data-test=book-name]") == f"maker {HOSTILE}"
    assert page.inner_text("h1") == f"Title {HOSTILE}"
    page.select_option("[data-test=view]", "table")
    page.wait_for_selector(".esc-link")
    assert page.title() == f"Title {HOSTILE} - esc_sim"
    assert page.locator("img[src=x]").count() == 0
    page.fill("[data-test=speed]", "60")
    page.click("[data-test=play]")  # to the horizon
    page.wait_for_selector("text=The horizon is reached")
    assert day(page) == 20
    assert page.is_disabled("[data-test=play]")


def test_the_keyboard_is_enough(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    settled(page, lambda: page.keyboard.press("s"))
    assert day(page) == 1
    page.keyboard.press("p")
    page.wait_for_function("Number(document.querySelector('.esc-day-number').innerText) >= 3")
    page.keyboard.press("p")
    at_rest(page)
    settled(page, lambda: page.keyboard.press("r"))
    assert day(page) == 0
    page.focus("[data-test=member]")
    page.keyboard.type("producer_one")
    page.keyboard.press("Enter")
    page.wait_for_selector(
        "[data-test=missing]:has-text(\"no member 'producer_one'. The nearest names are producer_\")"
    )
    page.fill("[data-test=member]", "")
    page.keyboard.type("producer_1")  # letters typed into a field play nothing
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-test=book-name]:text-is("producer_1")')
    page.wait_for_selector("[data-test=missing]", state="detached")  # its links could take the Tab
    assert day(page) == 0
    at_rest(page)
    page.wait_for_selector("[data-test=disrupt]:enabled")
    page.focus("[data-test=member]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.test") == "disrupt"
    settled(page, lambda: page.keyboard.press("Enter"))
    assert node_of(page, "producer_1")["state"] == "failed"
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input, select, button')]
          .filter((part) => !part.closest('label') && !part.innerText.trim() && !part.getAttribute('aria-label'))
          .map((part) => part.outerHTML)"""
    )
    assert unnamed == []


def test_a_narrow_window_has_no_sideways_scrolling(visit: Visit, oil_gas: Served) -> None:
    page = visit(oil_gas.address)
    step(page)
    choose(page, "refinery_3")
    for width in (1000, 420):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
        page.wait_for_function("document.querySelector('[data-test=map-0] canvas').clientWidth < window.innerWidth")
