"""Reading and writing plan files. Reading is safe: plain YAML, every mistake with its place, no code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from esc_sim.errors import InputError
from esc_sim.fields.names import path_from
from esc_sim.plans.kinds import KINDS, plan_class
from esc_sim.plans.plan import LATER, Plan
from esc_sim.scenario.document import Document
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.messages import Problem, in_order, problems_of, shown
from esc_sim.storage.files import write_text

MAX_BYTES = 64 * 1024 * 1024
_HEAD = "# A plan of esc_sim: carry it out with `esc-sim run SCENARIO --plan FILE`.\n"


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan file and check all that can be checked without its network.

    Raises:
        InputError: every problem found, each with its place (``plan.yaml:11:5: prices.3.price: ...``).
    """
    file = path_from("plan", path)
    root, problems = read_yaml(_text(file), file.name)
    if root is None or not isinstance(root.content, dict):
        raise InputError(f"{file.name}: not a plan: it needs the keys version, kind, name and what is decided")
    data: dict[str, Any] = root.plain()
    document = Document(file.name, root, data)
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        what = f"unknown kind {shown(kind)}" if "kind" in data else "'kind' is missing"
        hint = suggestion(str(kind), KINDS) or f"; kinds: {', '.join(KINDS)}"
        raise InputError(in_order([*problems, str(document.message(Problem(("kind",), what + hint)))], [file.name]))
    model = plan_class(kind)
    try:
        plan = model.model_validate(data, strict=True)
    except ValidationError as error:
        found = [document.message(problem) for problem in problems_of(error, model, data)]
        problems += [message for message in found if message is not None]
    except RecursionError:
        problems.append(f"{file.name}: nested too deep")
    if problems:
        raise InputError(in_order(problems, [file.name]))
    plan._document = document
    return plan


def given_plan(plan: Plan | str | os.PathLike[str]) -> Plan:
    """A plan, read where it is the path of one.

    Raises:
        InputError: the file cannot be read as a plan.
    """
    return plan if isinstance(plan, Plan) else read_plan(plan)


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan (temporary name, then renamed); numbers are written so that they read back bit for bit.

    Raises:
        InputError: the file cannot be written.
    """
    write_text(path, "".join([_HEAD, *_lines(plan.model_dump(mode="json", by_alias=True, exclude_none=True))]))


def _lines(content: dict[str, Any]) -> Iterator[str]:
    """Lines of a plan, its header first; a plan that it changes is indented."""
    first = ["version", "kind", "name", "structure_hash", "origin"]
    content = {key: value for key, value in content.items() if key not in LATER or value}
    for key in [*(k for k in first if k in content), *(k for k in content if k not in first)]:
        value = content[key]
        if key == "base":
            yield f"{key}:\n"
            yield from (f"  {line}" for line in _lines(value))
        elif isinstance(value, list):
            yield f"{key}:\n" if value else f"{key}: []\n"
            yield from (f"  - {_row(row)}" for row in value)
        else:
            text = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=1000)
            yield from text.splitlines(keepends=True)


def _row(value: Any) -> str:
    """One entry of a list on one line; PyYAML ends a plain scalar with a line of dots."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).removesuffix("...\n")


def _text(file: Path) -> str:
    if file.is_dir():
        raise InputError(f"{file}: is a folder; name the plan's file, such as {file / 'compromise.yaml'}")
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"{file}: larger than {MAX_BYTES // 2**20} MiB: no plan")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file}: not UTF-8 text, so no plan") from None
