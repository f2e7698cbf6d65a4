"""Who may use the served page: whoever has the token of its address, and no page of another origin.

Every site that is open in the user's browser can send requests to 127.0.0.1, and open WebSockets there, which no
browser forbids. Three things keep such strangers out, each alone enough for most of them:

- The *host* that is asked for is this machine's. A foreign name that resolves to 127.0.0.1 is refused.
- The *origin*, where the browser names one, is the address that is asked: always for WebSockets and for whatever
  changes something. A server on another port of this machine is another origin.
- The *token* in the address that the command prints is swapped for a cookie on the first visit. Nothing, not even a
  style sheet, is handed out without it, so other users of this machine are kept out as well.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARAMETER: Final = "token"
"""Name of the token in the address."""
_TOKEN_BYTES: Final = 24
_READING: Final = ("GET", "HEAD")
_REFUSED: Final = 1008
"""Code of a WebSocket that is closed because of who asks."""
_HEADERS: Final = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Sent with every answer: no other page may frame it, hold on to its window, or load a part of it."""


class Guard:
    """Passes on what comes from the page itself, and refuses the rest.

    Args:
        app: the server's application.
        port: that it is served at; part of the cookie's name, since cookies know no ports.
        hosts: names of this machine that a browser may ask for.
        token: drawn anew when empty.
    """

    def __init__(self, app: ASGIApp, *, port: int, hosts: tuple[str, ...], token: str = "") -> None:
        self.app = app
        self.hosts = hosts
        self.token = token or secrets.token_urlsafe(_TOKEN_BYTES)
        self.cookie = f"esc-sim-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif why := self.refusal(scope):
            await _refuse(scope, receive, send, why)
        elif self._given(scope) and scope["type"] == "http" and not self._known(scope):
            await self._welcome(scope, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    def refusal(self, scope: Scope) -> str:
        """Why the request is refused; empty when it is not."""
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        reads = scope["type"] == "http" and scope["method"] in _READING
        name, colon, port = host.partition(":")
        if name not in self.hosts or (colon and not port.isdecimal()):
            return "This page is served under the address of this machine only."
        if origin != f"http://{host}" and not (reads and not origin):
            return "Another page asked for this one."
        if not (self._known(scope) or (reads and self._given(scope))):
            return (
                "Open the address that the command 'esc-sim app' has printed, with its token: "
                "each start of the command has a token of its own."
            )
        return ""

    def _given(self, scope: Scope) -> bool:
        """Whether the address has the token."""
        return self._same(dict(_query(scope)).get(PARAMETER, ""))

    def _known(self, scope: Scope) -> bool:
        """Whether the browser has been here with the token."""
        try:
            found = SimpleCookie(_header(scope, b"cookie")).get(self.cookie)
        except CookieError:
            return False
        return found is not None and self._same(found.value)

    def _same(self, word: str) -> bool:
        return hmac.compare_digest(word.encode(), self.token.encode())

    async def _welcome(self, scope: Scope, send: Send) -> None:
        """Swap the token for a cookie, and lead on to the address without it."""
        rest = urlencode([pair for pair in _query(scope) if pair[0] != PARAMETER])
        place = "/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else "")
        kept = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Lax"
        await _answer(send, 303, {"Location": place, "Set-Cookie": kept}, "")


def _header(scope: Scope, name: bytes) -> str:
    """Value of a header; what is given twice is joined, and so equals nothing that is expected."""
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(key.lower().encode(), value.encode()) for key, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the request to connect, which must be heard before it can be refused
        await send({"type": "websocket.close", "code": _REFUSED, "reason": why[:120]})
    else:
        await _answer(send, 403, {}, f"{why}\n")


async def _answer(send: Send, status: int, headers: dict[str, str], text: str) -> None:
    body = text.encode()
    whole = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    lines = [(key.lower().encode(), value.encode("latin-1")) for key, value in {**whole, **headers}.items()]
    guarded = _with_headers(send)
    await guarded({"type": "http.response.start", "status": status, "headers": lines})
    await guarded({"type": "http.response.body", "body": body})
