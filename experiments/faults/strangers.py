"""Requests to a served page that lack its token, its origin or its name: the page may get to see none of them."""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.views.page.guard import Guard

HOSTS: Final = ("127.0.0.1", "localhost")
PORT: Final = 8521
TOKEN: Final = secrets.token_urlsafe(24)
ORIGINS: Final = (
    *(
        "https://evil.example",
        "http://evil.example:8521",
        "null",
        "file://",
        "http://127.0.0.1",
        "http://localhost:8522",
    ),
    *(
        "http://127.0.0.1:8521.evil.example",
        "https://127.0.0.1:8521",
        "http://127.0.0.1:8521/",
        "http://127.0.0.1:85210",
    ),
    *("HTTP://127.0.0.1:8521", "http://127.0.0.1:8521 ", "http://user@127.0.0.1:8521", "http://[::1]:8521", "*"),
)
NAMES: Final = (
    *("evil.example", "evil.example:8521", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2", "0.0.0.0"),
    *("[::1]:8521", "2130706433", "127.1", "evil.example#127.0.0.1", "evil.example\\@127.0.0.1", "127.0.0.1@evil", "["),
)
PATHS: Final = (
    *("/", "/readyz", "/resourcez", "/static/main-vuetify.js", "/jupyter/api/kernels/a/channels", "//", "/../"),
    *("/_solara/api/close/a", "/_solara/cdn/a.js", "/static/public/x", "/%2e%2e/", "/favicon.ico"),
)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "get")
TOKENS: Final = ("", "guessed", TOKEN[:-1], TOKEN + "x", TOKEN.swapcase(), TOKEN[::-1], " " + TOKEN, "\u00e9", "\x00")
COOKIES: Final = (
    "",
    "{name}=",
    "{name}=guessed",
    "{name}",
    "other={token}",
    "{name}x={token}",
    "=;=,\x00",
    "{name}={short}",
)


@dataclass(frozen=True)
class Asked:
    """A request as a server hands it on, and what a user of the page would have got."""

    scope: dict[str, Any]
    lacks: tuple[str, ...]


def asked(chance: random.Random) -> Asked:
    """A request that lacks the name, the origin or the token, or some of them."""
    lacks = tuple(sorted(chance.sample(("name", "origin", "token"), chance.choice((1, 1, 1, 2, 3)))))
    host = chance.choice(NAMES) if "name" in lacks else f"{chance.choice(HOSTS)}:{PORT}"
    socket = chance.random() < 0.3
    method = chance.choice(METHODS)
    own = f"http://{host}"
    origin: str | None = own
    if "origin" in lacks:
        # Reading without an origin is what an address typed by hand does, so there it is not missing.
        reads = not socket and method in ("GET", "HEAD")
        origin = chance.choice([*(o for o in ORIGINS if o != own), *([] if reads else [None])])
    cookie = f"esc-sim-{PORT}={TOKEN}"
    query = chance.choice(("", f"token={TOKEN}", "session_id=a"))
    if "token" in lacks:
        cookie = chance.choice(COOKIES).format(name=f"esc-sim-{PORT}", token=TOKEN, short=TOKEN[:-1])
        query = chance.choice(("", f"token={chance.choice(TOKENS)}", "Token=" + TOKEN, "x=1&token"))
    headers = [("host", host), ("cookie", cookie), *([] if origin is None else [("origin", origin)])]
    chance.shuffle(headers)
    scope = {
        "type": "websocket" if socket else "http",
        "path": chance.choice(PATHS),
        "query_string": query.encode("utf-8"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        **({} if socket else {"method": method}),
    }
    return Asked(scope, lacks)


def answer(scope: dict[str, Any]) -> tuple[str, bool]:
    """How a guarded page answers (a status, or "closed"), and whether it got to see the request."""
    seen, said = [], []

    async def page(*_: Any) -> None:
        seen.append(True)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(Guard(page, port=PORT, hosts=HOSTS, token=TOKEN)(scope, receive, send))
    first = said[0] if said else {}
    return str(first.get("status", "closed")), bool(seen)


def cases(count: int, chance: random.Random) -> Iterator[tuple[str, str | None]]:
    """What was asked, and what went wrong, None where it was refused."""
    for _ in range(count):
        one = asked(chance)
        words = " ".join(str(value) for value in one.scope.values())
        try:
            status, seen = answer(one.scope)
        except Exception as error:
            yield words, f"{type(error).__name__}: {error}"
            continue
        expected = "closed" if one.scope["type"] == "websocket" else "403"
        yield words, None if status == expected and not seen else f"lacks {', '.join(one.lacks)}: {status}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The campaign's own arguments."""
    parser.add_argument("--count", type=int, default=5_000, help="requests; default 5000")
    parser.add_argument("--seed", type=int, default=1, help="seed of all requests")


def main(arguments: argparse.Namespace) -> int:
    """Send them all; print what was answered."""
    failed = 0
    for words, wrong in cases(arguments.count, random.Random(arguments.seed)):
        if wrong is not None:
            failed += 1
            print(f"{words}: {wrong}", flush=True)
    print(f"{arguments.count} tried: {arguments.count - failed} refused, {failed} failed")
    return int(failed > 0)
