"""The documentation beside the page, where it has been built in the project's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT: Final = "/docs"
GUIDE: Final = f"{_ROOT}/guides/page.html"
"""Address of the guide to the page."""


def built_docs() -> Path | None:
    """Folder that `make docs` writes; None where it has not been made, or the package stands without its project."""
    folder = Path(__file__).resolve().parents[3] / "docs" / "_build" / "html"
    return folder if (folder / "guides" / "page.html").is_file() else None


class WithDocs:
    """Answers what is asked under ``/docs/`` from a folder, and passes on the rest.

    Args:
        app: the page's application.
        folder: of the documentation.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        from starlette.staticfiles import StaticFiles

        self.app = app
        self.files = StaticFiles(directory=folder, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] == "http" and scope["path"].startswith(f"{_ROOT}/"):
            await self.files({**scope, "root_path": _ROOT}, receive, send)
        else:
            await self.app(scope, receive, send)
