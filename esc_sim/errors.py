"""Errors that a user can mend: one message that says where and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENDLESS = re.compile(r"([^\s'\":;,]{57})[^\s'\":;,]{244,}")
"""A word of more than 300 characters: no name or place in a scenario is as long, so its beginning is enough."""


class EscSimError(Exception):
    """Base of all errors raised on purpose; the command line prints it and ends with status 2."""


class InputError(EscSimError):
    """Input that cannot be used.

    Args:
        problems: one or several messages, each with its place ("scenario.yaml:11:15: nodes.1.leadtime: ...").

    Examples:
        >>> import esc_sim as esc
        >>> try:
        ...     esc.load_scenario("scenarios/nowhere")
        ... except esc.InputError as error:
        ...     print(*error.problems)
        scenarios/nowhere: no such file or folder
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        given = [problems] if isinstance(problems, str) else problems
        self.problems: list[str] = [_ENDLESS.sub(r"\1...", problem) for problem in given]
        super().__init__("\n".join(self.problems))
