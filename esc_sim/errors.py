"""Errors that a user can mend: one message that says where and what to do."""

from __future__ import annotations

from collections.abc import Sequence


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
        self.problems: list[str] = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))
