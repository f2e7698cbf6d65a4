"""Figures as a function and its arguments, so that a folder can keep them and draw them again in another form.

What is kept is numbers and texts. Reading can make nothing but the library's own dataclasses, and calls nothing but its
functions that draw.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from esc_sim.errors import InputError
from esc_sim.storage.files import write_text
from esc_sim.storage.manifest import check_file

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from esc_sim.findings.plots import Draw

SHOWN: Final = "shown.json"
_OURS: Final = "esc_sim."
_NUMBERS: Final = "biuf"
_MARK: Final = "is"


Function = TypeVar("Function", bound=Callable[..., Any])


def draws(function: Function) -> Function:
    """Decorator: a function that draws, and does nothing else; a folder may name it."""
    function.draws_figure = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True)
class Drawing:
    """A figure that has not been drawn yet.

    Attributes:
        function: what draws it, as module:name; a function marked by :func:`draws`.
        arguments: what it is handed: numbers, texts, arrays, frames, dataclasses of them.
        options: the same by name.
    """

    function: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **options: Any) -> Figure:
        """Draw it.

        Args:
            options: further keyword arguments of the function.

        Raises:
            ValueError: the function is none that draws.
        """
        module, _, name = self.function.partition(":")
        draw: Any = getattr(import_module(module), name, None) if module.startswith(_OURS) else None
        if not getattr(draw, "draws_figure", False):
            raise ValueError(f"{self.function} draws no figure")
        figure: Figure = draw(*self.arguments, **{**self.options, **options})
        return figure


@dataclass(frozen=True)
class Shown:
    """How a study is displayed.

    Attributes:
        heading: a line that says what was found on what.
        table: the main table, a text for every cell.
        tables: names of all tables, the main one first.
        figures: what draws its figures, by name.
        left_out: why others are not drawn, by name.
    """

    heading: str
    table: pd.DataFrame
    tables: Sequence[str]
    figures: Mapping[str, Draw]
    left_out: Mapping[str, str] = field(default_factory=dict)


def keep_shown(folder: Path, shown: Shown) -> None:
    """Write how a study is displayed; figures of packages, which only they can draw, are left out."""
    figures = {
        name: {
            "function": drawing.function,
            "arguments": [plain(one) for one in drawing.arguments],
            "options": {option: plain(one) for option, one in drawing.options.items()},
        }
        for name, drawing in shown.figures.items()
        if isinstance(drawing, Drawing)
    }
    content: dict[str, Any] = {"heading": shown.heading, "table": plain(shown.table)}
    content |= {"tables": list(shown.tables), "figures": figures, "left_out": dict(shown.left_out)}
    write_text(folder / SHOWN, json.dumps(content, allow_nan=False, ensure_ascii=False) + "\n")


def kept_shown(folder: Path) -> Shown:
    """What :func:`keep_shown` wrote.

    Raises:
        InputError: the file is missing, damaged, or not what esc_sim writes.
    """
    path = folder / SHOWN
    check_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        figures: dict[str, Draw] = {
            str(name): Drawing(
                str(one["function"]),
                tuple(map(restored, one["arguments"])),
                {str(option): restored(value) for option, value in one["options"].items()},
            )
            for name, one in content["figures"].items()
        }
        left_out = {str(name): str(reason) for name, reason in content.get("left_out", {}).items()}
        return Shown(
            str(content["heading"]), _frame(content["table"]), [*map(str, content["tables"])], figures, left_out
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError, ImportError, RecursionError) as error:
        raise InputError(f"{path}: is not what esc_sim writes ({error})") from None


def plain(value: Any) -> Any:
    """A value as JSON knows it; :func:`restored` gives it back.

    Raises:
        TypeError: it is none that can be kept.
    """
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else {_MARK: "number", "value": str(value)}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, tuple):
        return {_MARK: "tuple", "values": [plain(one) for one in value]}
    if isinstance(value, Mapping):
        return {_MARK: "mapping", "items": [[plain(key), plain(one)] for key, one in value.items()]}
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if is_dataclass(value) and not isinstance(value, type) and type(value).__module__.startswith(_OURS):
        content = {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.init}
        return {_MARK: f"{type(value).__module__}:{type(value).__qualname__}", "fields": content}
    if hasattr(value, "columns") and hasattr(value, "to_dict"):  # a data frame, without loading pandas
        return {_MARK: "frame", "columns": [[str(name), plain(value[name].tolist())] for name in value]}
    raise TypeError(f"a {type(value).__name__} cannot be kept in {SHOWN}")


def _plain_array(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.kind in _NUMBERS:
        data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
        return {_MARK: "array", "type": array.dtype.str, "shape": list(array.shape), "data": data}
    return {_MARK: "texts", "values": [str(one) for one in array.tolist()]}


def restored(content: Any) -> Any:
    """The value that :func:`plain` was given.

    Raises:
        ValueError: it is none that :func:`plain` gives.
    """
    if isinstance(content, list):
        return [restored(one) for one in content]
    if not isinstance(content, dict):
        return content
    kind = str(content[_MARK])
    match kind:
        case "number":
            return float(content["value"])
        case "tuple":
            return tuple(map(restored, content["values"]))
        case "mapping":
            return {restored(key): restored(one) for key, one in content["items"]}
        case "texts":
            return np.array([str(one) for one in content["values"]])
        case "array":
            return _array(content)
        case "frame":
            return _frame(content)
    return _made(kind, content["fields"])


def _frame(content: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({str(name): restored(values) for name, values in content["columns"]})


def _array(content: dict[str, Any]) -> np.ndarray:
    dtype = np.dtype(str(content["type"]))
    if dtype.kind not in _NUMBERS:
        raise ValueError(f"an array of {dtype} is none of numbers")
    flat = np.frombuffer(base64.b64decode(content["data"], validate=True), dtype)
    return flat.reshape([int(size) for size in content["shape"]]).copy()


def _made(kind: str, content: Any) -> Any:
    """A dataclass of the library."""
    module, _, name = kind.partition(":")
    made = getattr(import_module(module), name, None) if module.startswith(_OURS) else None
    if not (isinstance(made, type) and is_dataclass(made) and made.__module__ == module):
        raise ValueError(f"there is no '{kind}'")
    return made(**{str(part): restored(one) for part, one in content.items()})
