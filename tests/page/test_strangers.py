"""Strangers get nothing from a served page: other sites in the browser, other names, visitors without the token."""

from __future__ import annotations

import http.server
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from esc_sim.views.page.guard import Guard
from experiments.faults.strangers import cases
from tests.page.conftest import ROOT, Served, served
from tests.page.visitor import Visitor, asked, cookie_of, socket_of

EVIL = """<!doctype html><title>evil</title><script>
const here = location.hash.slice(1), found = {};
const socket = new WebSocket(here.replace("http", "ws") + "/jupyter/api/kernels/stolen/channels?session_id=stolen");
window.asked = Promise.all([
  new Promise((done) => { socket.onopen = () => done("opened"); socket.onerror = () => done("refused"); }),
  ...["/", "/resourcez", "/static/main-vuetify.js"].map((path) => fetch(here + path, { credentials: "include" })
    .then((answer) => answer.text()).then(() => "read", () => "refused")),
  ...["/static/main-vuetify.js"].map((path) => new Promise((done) => {
    const script = document.createElement("script");
    script.src = here + path;
    script.onload = () => done("loaded");
    script.onerror = () => done("refused");
    document.head.append(script);
  })),
  fetch(here + "/_solara/api/close/stolen?session_id=stolen", { method: "POST", mode: "no-cors",
    credentials: "include" }).then(() => "answered", () => "refused"),
  new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.src = here + "/";
    // A frame that is refused shows the browser's own page, which no script may look into.
    frame.onload = () => { let text; try { text = frame.contentDocument.body.innerText; } catch { text = ""; }
      done(text ? "framed" : "refused"); };
    document.documentElement.append(frame);
  }),
]);
</script>"""


class _Evil(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = EVIL.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def evil() -> Iterator[str]:
    """Another site on this machine, on another port: the same site as far as cookies go, but another origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served page, without a browser."""
    with served(tmp_path_factory.mktemp("served"), ROOT / "scenarios" / "quickstart") as found:
        yield found


def test_the_token_is_swapped_for_a_cookie(page: Served) -> None:
    first = asked(page.address)
    assert first.status == 303
    assert first.headers["Location"] == "/"
    kept = first.headers["Set-Cookie"]
    assert kept.endswith("; Path=/; HttpOnly; SameSite=Lax")
    second = asked(page.origin + "/", Cookie=kept.partition(";")[0])
    assert second.status == 200
    assert "solara" in second.text
    assert second.headers["X-Frame-Options"] == "DENY"
    assert second.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/", "/resourcez", "/readyz", "/static/main-vuetify.js", "/?token=guessed", "/?token="]
)
def test_nothing_without_the_token(page: Served, path: str) -> None:
    answer = asked(page.origin + path)
    assert answer.status == 403
    assert "Open the address that the command 'esc-sim app' has printed" in answer.text
    assert asked(page.origin + path, Cookie=f"esc-sim-{urlsplit(page.origin).port}=guessed").status == 403


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8521", "127.0.0.1.evil.example", "evil@127.0.0.1", "[::1"]
)
def test_other_names_are_refused(page: Served, name: str) -> None:
    assert asked(page.origin + "/", Host=name, Cookie=cookie_of(page)).status in (400, 403)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"]
)
def test_other_origins_are_refused(page: Served, origin: str) -> None:
    cookie = cookie_of(page)
    assert asked(page.origin + "/", Cookie=cookie, Origin=origin).status == 403
    assert asked(page.origin + "/_solara/api/close/x?session_id=y", "POST", Cookie=cookie, Origin=origin).status == 403
    with pytest.raises(InvalidStatus, match="403"):
        socket_of(page, "stolen", Cookie=cookie, Origin=origin)


def test_sockets_and_changes_need_an_origin_and_the_cookie(page: Served) -> None:
    cookie = cookie_of(page)
    assert asked(page.origin + "/_solara/api/close/x?session_id=y", "POST", Cookie=cookie).status == 403
    assert asked(page.address, "POST", Origin=page.origin).status == 403
    for headers in ({"Cookie": cookie}, {"Origin": page.origin}, {"Cookie": "esc-sim-1=x", "Origin": page.origin}):
        with pytest.raises(InvalidStatus, match="403"):
            socket_of(page, "stolen", **headers)


def test_the_page_itself_is_let_in(page: Served) -> None:
    visitor = Visitor(page, cookie_of(page))
    assert visitor.size > 10_000
    visitor.vanish()


def test_a_tunnel_from_another_port_is_let_in(page: Served) -> None:
    """The browser then names the tunnel's port, in host and origin alike."""
    near = {"Host": "localhost:9000", "Origin": "http://localhost:9000", "Cookie": cookie_of(page)}
    assert asked(page.origin + "/", **near).status == 200
    assert asked(page.origin + "/", **{**near, "Origin": "http://localhost:9001"}).status == 403


def test_each_start_has_a_token_of_its_own() -> None:
    async def nothing(*_: Any) -> None:
        return None

    tokens = {Guard(nothing, port=1, hosts=()).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


def test_the_campaign_of_strangers_in_short() -> None:
    found = list(cases(500, random.Random(2)))
    assert len(found) == 500
    assert [(words, wrong) for words, wrong in found if wrong is not None] == []


@pytest.mark.slow
def test_a_stranger_in_the_same_browser(browser: Any, evil: str, oil_gas: Served, tmp_path: Path) -> None:
    context = browser.new_context()
    try:
        own = context.new_page()
        own.goto(oil_gas.address)
        own.wait_for_selector("[data-test=map-0] canvas")
        assert own.url == oil_gas.origin + "/"  # no token to be seen, copied or sent on
        other = context.new_page()
        other.goto(f"{evil}/#{oil_gas.origin}")
        assert other.evaluate("window.asked") == ["refused"] * 7
        # What the stranger did has not touched the page.
        own.click("[data-test=step]")
        own.wait_for_function("document.querySelector('.esc-day-number').innerText === '1'")
    finally:
        context.close()
