"""Bad input to `esc-sim app`: one clear message each with the way out, and exit status 2."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.views.page import serve
from esc_sim.views.page.docs import GUIDE, WithDocs
from tests.page.conftest import ROOT

OIL_GAS = str(ROOT / "scenarios" / "oil_gas")


def failed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["app", *words, "--no-open"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind((serve.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        message = failed([OIL_GAS, "--port", str(port)], capsys)
    assert message == (f"error: port {port} is in use; choose another with --port, or --port 0 for any that is free\n")


@pytest.mark.parametrize("missing", ["solara", "ipyvue", "uvicorn"])
def test_the_extra_is_missing(
    missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    message = failed([OIL_GAS], capsys)
    assert message.startswith(f"error: the page needs the extra 'app' ({missing} not installed): python -m pip install")
    assert "esc_sim[app]" in message


def test_releases_that_show_a_blank_page(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "version", lambda name: "3.0.0")
    assert "the page needs ipyvue below 3, here is 3.0.0" in failed([OIL_GAS], capsys)


def test_missing_assets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> str:
        raise serve.PackageNotFoundError(name)

    monkeypatch.setattr(serve, "version", nowhere)
    assert "solara-assets not installed" in failed([OIL_GAS], capsys)


def test_a_scenario_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scenario.yaml").write_text("version: 1\nname: a\nnodes:\n  - {id: x, leadtime: 3}\n", encoding="utf-8")
    message = failed([str(tmp_path)], capsys)
    assert "scenario.yaml:4:" in message
    assert "leadtime: unknown key" in message
    assert failed([str(tmp_path / "nothing")], capsys).startswith("error: ")


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--port" in failed([OIL_GAS, "--port", "99999"], capsys)


def test_a_free_port_is_taken_and_only_here() -> None:
    with serve.bound_socket(0) as bound:
        host, port = bound.getsockname()
        assert host == "127.0.0.1"
        assert port > 0
        with pytest.raises(InputError, match="is in use"):
            serve.bound_socket(port)


def test_the_documentation_stands_beside_the_page(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    guide = tmp_path / "html" / "guides" / "page.html"
    guide.parent.mkdir(parents=True)
    guide.write_text("the guide", encoding="utf-8")
    sent: list[dict[str, Any]] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.body", "body": b"the page"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()  # the visitor has no more to say

    def asked(path: str) -> tuple[int, bytes]:
        sent.clear()
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "query_string": b""}
        asyncio.run(WithDocs(page, tmp_path / "html")(scope, receive, send))
        return sent[0].get("status", 0), b"".join(message.get("body", b"") for message in sent)

    assert asked(GUIDE) == (200, b"the guide")
    assert asked("/") == asked("/docs") == (0, b"the page")
    from starlette.exceptions import HTTPException

    for outside in ("/docs/../secret.txt", "/docs/guides/../../secret.txt", "/docs/none.html"):
        with pytest.raises(HTTPException):
            asked(outside)
