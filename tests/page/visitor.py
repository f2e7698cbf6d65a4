"""A visitor without a browser: speaks to a served page as its script does, and reads what is sent."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from tests.page.conftest import Served

SECONDS = 120.0
"""How long an answer may take; only a broken page needs it."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    """What the server said to a request."""

    status: int
    headers: Any
    text: str


def asked(address: str, method: str = "GET", **headers: str) -> Answer:
    """Ask for an address, without following where it leads; ``_`` in names of headers stands for ``-``."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    request = urllib.request.Request(address, method=method, headers=named)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=SECONDS) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode(errors="replace"))


def cookie_of(served: Served) -> str:
    """The cookie that a first visit with the token brings."""
    return str(asked(served.address).headers["Set-Cookie"]).partition(";")[0]


def socket_of(served: Served, kernel: str, **headers: str) -> ClientConnection:
    """The page's WebSocket, opened with these headers."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    origin = named.pop("Origin", None)
    address = f"ws://{urlsplit(served.address).netloc}/jupyter/api/kernels/{kernel}/channels?session_id={uuid.uuid4()}"
    return connect(address, origin=origin, additional_headers=named, max_size=None, open_timeout=SECONDS, proxy=None)  # type: ignore[arg-type]


class Visitor:
    """A tab: begins the page, and knows its widgets."""

    def __init__(self, served: Served, cookie: str) -> None:
        self.kernel = str(uuid.uuid4())
        self._open = ExitStack()
        self.socket = self._open.enter_context(socket_of(served, self.kernel, Origin=served.origin, Cookie=cookie))
        self.frame = -1
        self.day = 0
        self.size = 0
        """Characters that were sent to it."""
        self._widgets: dict[str, set[str]] = {}
        control = str(uuid.uuid4())
        self._send("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        arguments: dict[str, Any] = {"path": "/", "appName": None, "themes": {"light": {}, "dark": {}}, "dark": False}
        self._send("comm_msg", {"comm_id": control, "data": {"method": "run", "args": arguments}})
        while self._read().get("method") != "finished":
            pass
        self.event({"frame", "spoken"}, "sized", 1440)  # as the script of the page tells it

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        header = {
            "msg_id": str(uuid.uuid4()),
            "msg_type": kind,
            "username": "",
            "session": self.kernel,
            "version": "5.2",
        }
        whole = {"header": {**header, "date": "2000-01-01T00:00:00Z"}, "parent_header": {}, "metadata": {}}
        self.socket.send(json.dumps({**whole, "content": content, "channel": "shell", "buffers": []}))

    def _read(self) -> dict[str, Any]:
        """Data of the next message about a widget; what it says is remembered."""
        raw = self.socket.recv(timeout=SECONDS)
        self.size += len(raw)
        if isinstance(raw, bytes):
            # Offsets, then the message as JSON, then its buffers.
            start, end = int.from_bytes(raw[4:8], "big"), int.from_bytes(raw[8:12], "big")
            raw = raw[start : end or None].decode()
        message = json.loads(raw)
        content = message.get("content", {})
        data: dict[str, Any] = content.get("data", {}) if isinstance(content, dict) else {}
        state = data.get("state", {})
        if message["header"]["msg_type"] == "comm_open":
            self._widgets[content["comm_id"]] = set(state)
        if "frame" in state:
            self.frame = state["frame"]
        if isinstance(state.get("content"), dict) and "day" in state["content"]:
            self.day = state["content"]["day"]
        return data

    def event(self, parts: set[str], name: str, data: Any = None) -> None:
        """What a template's event does, in the latest widget that has these parts."""
        widget = [known for known, has in self._widgets.items() if parts <= has][-1]
        content = {"event": name, "data": data, "buffers": []}
        self._send("comm_msg", {"comm_id": widget, "data": {"method": "custom", "content": content}})

    def play(self, days: int) -> None:
        """Play until so many days have passed, and say of each frame that it has been drawn."""
        self.event({"frame", "spoken"}, "press", "p")
        drawn = self.frame
        while self.day < days:
            self._read()
            if self.frame > drawn:
                drawn = self.frame
                self.event({"frame", "spoken"}, "drawn", drawn)

    def vanish(self) -> None:
        """Be gone without a farewell."""
        self._open.close()
