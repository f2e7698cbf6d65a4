"""Running with the example package of tests/extension installed beside esc_sim."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from tests.helpers.command import ENVIRONMENT, ROOT

INSTALLED = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "extension")])}


def run(words: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """A command, whatever its end; the engine may have to be compiled for it."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=900, **more)
