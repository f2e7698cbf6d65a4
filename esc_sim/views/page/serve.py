"""The local server of the page: on this machine only, and without a word to any other."""

from __future__ import annotations

import errno
import importlib.util
import os
import socket
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from esc_sim.errors import InputError
from esc_sim.views.page.guard import PARAMETER, Guard

if TYPE_CHECKING:
    from esc_sim.views.page.show import Setting

HOST: Final = "127.0.0.1"
LINGER: Final = "2m"
"""How long a tab that vanished without a farewell is kept, so that it can come back after a break of its connection."""
_INSTALL: Final = (
    "python -m pip install 'esc_sim[app]', or in the folder of the project: python -m pip install -e '.[app]'"
)


def check_extra() -> None:
    """Refuse to start without the packages of the extra ``app``, or with releases that show a blank page.

    Raises:
        InputError: with the command that installs them.
    """
    missing = [name for name in ("solara", "ipyvue", "ipyvuetify", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"the page needs the extra 'app' ({', '.join(missing)} not installed): {_INSTALL}")
    try:
        version("solara-assets")
    except PackageNotFoundError:
        raise InputError(f"the page needs the extra 'app' (solara-assets not installed): {_INSTALL}") from None
    for name in ("ipyvue", "ipyvuetify"):
        if int(version(name).split(".")[0]) >= 3:
            raise InputError(f"the page needs {name} below 3, here is {version(name)}: {_INSTALL}")


def bound_socket(port: int) -> socket.socket:
    """A socket on this machine's own address.

    Args:
        port: 0 takes any free one.

    Raises:
        InputError: the port is in use or not allowed.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # An address in TIME_WAIT after an earlier page may be taken again; one that is listened on may not.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(128)
    except OSError as error:
        found.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise InputError(f"port {port} {why}; choose another with --port, or --port 0 for any that is free") from None
    return found


def serve(setting: Setting, port: int, *, browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        setting: what the page shows.
        port: of 127.0.0.1; 0 takes any free one.
        browser: open the user's browser.
        tell: called with the page's address once it can be visited.

    Raises:
        InputError: the extra is missing, or the port cannot be used.
    """
    check_extra()
    bound = bound_socket(port)
    at = bound.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="esc-sim-page-") as home:
        _quiet_settings(home)
        guarded = _guarded(setting, at)
        address = f"http://{HOST}:{at}/?{PARAMETER}={guarded.token}"
        server = _server(guarded)
        threading.Thread(target=_announce, args=(server, address, browser, tell), daemon=True).start()
        with suppress(KeyboardInterrupt):  # how a page is meant to end
            server.run(sockets=[bound])


def _quiet_settings(home: str) -> None:
    """Set Solara up before it is imported: no telemetry, no downloads, no files in the user's home."""
    os.environ.update(
        {
            "SOLARA_APP": "esc_sim.views.page.app",
            "SOLARA_MODE": "production",
            "SOLARA_HOME": home,
            "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
            "SOLARA_TELEMETRY_SERVER_USER_ID": "none",
            "SOLARA_THEME_SHOW_BANNER": "False",
            "SOLARA_ASSETS_PROXY": "True",
            # What is not among the installed assets is looked for at this machine's discard port, and not found.
            "SOLARA_ASSETS_CDN": f"http://{HOST}:9/",
        }
    )
    os.environ.setdefault("SOLARA_KERNEL_CULL_TIMEOUT", LINGER)


def _guarded(setting: Setting, port: int) -> Guard:
    """The page's application, for those who may use it; with the documentation, where it is built."""
    import warnings
    from dataclasses import replace

    from solara.server.starlette import app

    from esc_sim.views.page.app import set_setting
    from esc_sim.views.page.docs import GUIDE, WithDocs, built_docs

    docs = built_docs()
    set_setting(setting if docs is None else replace(setting, docs=GUIDE))
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # about https, which loopback needs not
    return Guard(app if docs is None else WithDocs(app, docs), port=port, hosts=(HOST, "localhost"))


def _server(guarded: Guard) -> Any:
    import uvicorn

    # What a proxy would say of who asks is not believed: there is none.
    return uvicorn.Server(
        uvicorn.Config(guarded, log_level="error", access_log=False, timeout_graceful_shutdown=2, proxy_headers=False)
    )


def _announce(server: Any, address: str, browser: bool, tell: Callable[[str], None]) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.05)
    tell(address)
    if browser:
        webbrowser.open(address)
