"""Small screens, dark preference, help and unknown members, in a browser on one served page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.page.conftest import ROOT, Served, served
from tests.page.test_browser import step

pytestmark = pytest.mark.slow

Visit = Callable[..., Any]
PHONE = (390, 844)
AA = 4.5
"""Least contrast of text by WCAG 2.1, level AA."""
# Contrast of each text with what lies behind it, by the formula of WCAG 2.1.
CONTRASTS = """() => {
  const lightness = (rgb) => {
    const straight = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.slice(0, 3).map((v) => straight(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (part) => {
    for (let at = part; at; at = at.parentElement) {
      const found = parsed(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0.99) return found;
    }
    return [255, 255, 255];
  };
  const own = (part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const found = {};
  for (const part of document.querySelectorAll('.esc-page *')) {
    if (!own(part) || !part.offsetParent || part.disabled || part.closest('.esc-hidden')) continue;
    const a = lightness(parsed(getComputedStyle(part).color)), b = lightness(behind(part));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = `${part.tagName} ${part.className}`;
    found[name] = Math.min(found[name] ?? 99, contrast);
  }
  return found;
}"""
# Greatest contrast that the pixels of a canvas have with the card behind it, as the style's filter shows them.
CANVAS = """(selector) => {
  const lightness = (rgb) => {
    const straight = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((v) => straight(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const canvas = document.querySelector(selector);
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext('2d');
  pen.fillStyle = getComputedStyle(canvas.closest('.esc-card')).backgroundColor;
  pen.fillRect(0, 0, copy.width, copy.height);
  pen.filter = getComputedStyle(canvas).filter;
  pen.drawImage(canvas, 0, 0);
  const pixels = pen.getImageData(0, 0, copy.width, copy.height).data;
  const ground = lightness([...pixels.slice(0, 3)]);
  let most = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const light = lightness([pixels[at], pixels[at + 1], pixels[at + 2]]);
    most = Math.max(most, (Math.max(light, ground) + 0.05) / (Math.min(light, ground) + 0.05));
  }
  return most;
}"""


@pytest.fixture(scope="module")
def agro_food(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of scenarios/agro_food."""
    with served(tmp_path_factory.mktemp("agro"), ROOT / "scenarios" / "agro_food") as page:
        yield page


def top(page: Any, selector: str) -> float:
    """Distance of a part from the page's upper end."""
    return page.evaluate("(s) => document.querySelector(s).getBoundingClientRect().top + window.scrollY", selector)


def test_a_phone_has_the_map_first_and_the_rest_folded(visit: Visit, agro_food: Served) -> None:
    page = visit(agro_food.address, *PHONE)
    page.wait_for_selector("[data-test=fold-Parameters]")
    step(page)
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * PHONE[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.locator("[data-test=play]").is_visible()  # at the lower edge of the window, over what is below the map
    assert page.locator("[data-test=speed]").is_hidden()
    page.click("[data-test=settings]")
    assert page.locator("[data-test=speed]").is_visible()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    order = ["[data-test=map-0]", ".esc-controls", ".esc-strip", ".esc-book", "[data-test=fold-Parameters]"]
    places = [top(page, selector) for selector in order]
    assert places == sorted(places)
    assert page.query_selector("[data-test=charts]") is None
    page.click("[data-test='fold-Charts over time']")
    page.wait_for_selector("[data-test=charts] canvas")
    page.click("[data-test='fold-Charts over time']")
    page.wait_for_selector("[data-test=charts]", state="detached")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_selector("[data-test=charts] canvas")
    assert page.query_selector(".esc-fold") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_in_light_and_dark(visit: Visit, agro_food: Served, scheme: str) -> None:
    page = visit(f"{agro_food.address}&member=cereal_farm_nort", scheme=scheme)
    page.wait_for_selector("[data-test=charts] canvas")
    error = page.inner_text(".esc-error span")
    assert error.startswith("This network has no member 'cereal_farm_nort'. The nearest names are cereal_farm_north, ")
    nearest = page.inner_text("[data-test=missing]")  # told once, and the names can be clicked
    assert nearest.startswith("The nearest names are cereal_farm_north, ")
    assert error.endswith(nearest)
    page.click("[data-test=help] summary")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert {name: found for name, found in contrasts.items() if found < AA} == {}
    light = (
        page.evaluate("getComputedStyle(document.querySelector('.esc-card')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert light == (scheme == "light")
    step(page)
    page.click("[data-test=help] summary")
    page.click("[data-test=missing] button:text-is('cereal_farm_north')")
    page.wait_for_selector('[data-test=book-name]:text-is("cereal_farm_north")')
    for card in ("map-0", "charts"):
        assert page.evaluate(CANVAS, f"[data-test={card}] canvas") > AA


def test_the_address_chooses_a_member(visit: Visit, agro_food: Served) -> None:
    page = visit(f"{agro_food.address}&member=town_north")
    page.wait_for_selector('[data-test=book-name]:text-is("town_north")')
    assert page.query_selector(".esc-error") is None
