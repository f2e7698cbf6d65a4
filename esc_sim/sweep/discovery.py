"""Where does it break: the points of a sweep at which a key figure is bad, told by boxes and by a tree.

Sources:
    Bryant, Lempert (2010), Technological Forecasting and Social Change 77(1), 34-49 (scenario discovery).
    Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.measures.registry import KEY_FIGURES
from esc_sim.scenario.path_words import path_words
from esc_sim.sweep.boxes import LEAST_MASS, LEAST_POINTS, Axis, Box, Limit, find_boxes
from esc_sim.sweep.kpis import check_kpis, has_value
from esc_sim.sweep.parameters import Parameter
from esc_sim.written import number, percent

LEAST_OF_SWEEP: Final = 20
"""Points below which nothing can be said of where it breaks."""
_DEPTH: Final = 3
_ENDS: Final = MappingProxyType({"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt})
_HELP: Final = 'write a key figure and a limit, such as "fill_rate < 0.9" or "cvar > 2000"'


@dataclass(frozen=True)
class Condition:
    """What makes a point one of interest: a key figure on one side of a limit.

    Attributes:
        kpi: name of the key figure.
        sign: "<", "<=", ">" or ">=".
        limit: in the unit of the key figure; shares from 0 to 1.
    """

    kpi: str
    sign: str
    limit: float

    @classmethod
    def read(cls, text: str, option: str = "--discover") -> Condition:
        """A condition from "fill_rate < 0.9"; a limit may be given in percent.

        Args:
            text: the condition.
            option: that it was given with, for messages.

        Raises:
            InputError: it is none.
        """
        match = re.fullmatch(r"\s*(\w+)\s*(<=|>=|<|>)\s*([-+.\deE]+)\s*(%?)\s*", text if isinstance(text, str) else "")
        try:
            limit = float(match[3]) / (100.0 if match[4] else 1.0) if match else np.nan
        except ValueError:
            limit = np.nan
        if match is None or not np.isfinite(limit):
            raise InputError(f"{option} {text}: {_HELP}")
        try:
            check_kpis([match[1]])
        except InputError as error:
            raise InputError([problem.replace("--kpi", option, 1) for problem in error.problems]) from None
        return cls(match[1], match[2], limit)

    @property
    def text(self) -> str:
        """It as it is written."""
        return f"{self.kpi} {self.sign} {number(self.limit)}"

    def holds(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """At which points of a sweep's table, by the mean over replications; nowhere where it has no value."""
        name = f"{self.kpi}.mean"
        values = table[name].to_numpy(np.float64) if name in table else np.full(len(table), np.nan)
        met: Callable[[Any, Any], NDArray[np.bool_]] = _ENDS[self.sign]
        return met(values, self.limit)


@dataclass(frozen=True)
class Discovery:
    """Where a condition holds.

    Attributes:
        condition: as text.
        kpi: its key figure.
        hits: bool[n], the points at which it holds.
        boxes: one row a limit: box, parameter, low, high, values, p, coverage, density, mass, points, hits.
        trade_off: one row a step of the peeling: box, step, limits, coverage, density, mass, chosen.
        tree: one row a leaf, the densest first: rule in words, points, hits, density, coverage.
        notices: what the user should know.
    """

    condition: str
    kpi: str
    hits: NDArray[np.bool_]
    boxes: pd.DataFrame
    trade_off: pd.DataFrame
    tree: pd.DataFrame
    notices: tuple[str, ...] = ()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables by the names of their files."""
        return {"boxes": self.boxes, "trade_off": self.trade_off, "tree": self.tree}


def check_discovery(text: str | None, points: int, option: str = "--discover") -> Condition | None:
    """The condition of a sweep that is to begin; None where there is none.

    Args:
        text: as :meth:`Condition.read` takes it.
        points: of the sweep.
        option: that it was given with, for messages.

    Raises:
        InputError: it cannot be read, or there are too few points.
    """
    if text is None:
        return None
    condition = Condition.read(text, option)
    if points < LEAST_OF_SWEEP:
        more = f"give {LEAST_OF_SWEEP} or more (--points)"
        raise InputError(f"{option} {text}: {points} points are too few; {more}")
    return condition


def discovery_of(condition: Condition, parameters: Sequence[Parameter], table: pd.DataFrame) -> Discovery:
    """Boxes and a tree of the points at which a condition holds.

    Args:
        condition: what makes a point one of interest.
        parameters: what was varied.
        table: of the sweep.
    """
    hits = condition.holds(table)
    count = int(hits.sum())
    boxes: list[Box] = []
    rules = pd.DataFrame(columns=["rule", "points", "hits", "density", "coverage"])
    notices = []
    if LEAST_POINTS <= count < len(hits):
        axes = [_axis(parameter, table) for parameter in parameters]
        boxes, rules = find_boxes(axes, hits), _tree(parameters, axes, hits)
        if not boxes:
            notices.append(f"{condition.text}: no box tells more than chance")
    elif not has_value(table, condition.kpi):
        notices.append(f"{condition.text}: the key figure has no value at any point, so that nothing can be discovered")
    else:
        where = "every point" if count == len(hits) else counted(count, "point")
        share = KEY_FIGURES[condition.kpi].unit == "share" and abs(condition.limit) > 1.0
        other = f"a share: write {number(condition.limit)}% for percent" if share else "another limit"
        notices.append(f"{condition.text} holds at {where} of {len(hits)}: nothing to discover; take {other}")
    rows = [row for k, box in enumerate(boxes, 1) for row in _limits(k, box, parameters)]
    steps = [row for k, box in enumerate(boxes, 1) for row in _steps(k, box, parameters)]
    return Discovery(
        condition.text,
        condition.kpi,
        hits,
        pd.DataFrame(rows, columns=list(_BOX_COLUMNS)),
        pd.DataFrame(steps, columns=list(_STEP_COLUMNS)),
        rules,
        tuple(notices),
    )


_BOX_COLUMNS: Final = (
    "box", "parameter", "low", "high", "values", "p", "coverage", "density", "mass", "points", "hits",
)  # fmt: skip
_STEP_COLUMNS: Final = ("box", "step", "limits", "coverage", "density", "mass", "chosen")


def limit_words(path: str, low: float, high: float, values: str) -> str:
    """A limit in words: "mean demand of shop above 104", "known after: 2 or 3".

    Args:
        path: of the parameter.
        low, high: ends; nan where there is none.
        values: those that are among; empty for a range.
    """
    words = path_words(path)
    if values:
        return f"{words}: {values}"
    if np.isnan(low):
        return f"{words} below {number(high)}"
    return f"{words} above {number(low)}" if np.isnan(high) else f"{words} from {number(low)} to {number(high)}"


def _axis(parameter: Parameter, table: pd.DataFrame) -> Axis:
    values = table[parameter.path]
    if parameter.is_number:
        return Axis(values.to_numpy(np.float64))
    names = [str(value) for value in parameter.shown_values]
    return Axis(np.array([names.index(str(value)) for value in values], np.float64), tuple(names))


def _bounds(limit: Limit, parameter: Parameter) -> dict[str, Any]:
    """A limit as cells of a table."""
    among = [] if limit.among is None else [str(parameter.shown_values[k]) for k in sorted(limit.among)]
    return {
        "low": limit.low if np.isfinite(limit.low) else np.nan,
        "high": limit.high if np.isfinite(limit.high) else np.nan,
        "values": " or ".join(among),
    }


def _limits(k: int, box: Box, parameters: Sequence[Parameter]) -> Iterator[dict[str, Any]]:
    step = box.step
    share = {"coverage": step.coverage, "density": step.density, "mass": step.mass}
    for n in sorted(step.limits, key=lambda n: box.chance[n]):
        head = {"box": k, "parameter": parameters[n].path, **_bounds(step.limits[n], parameters[n])}
        yield {**head, "p": box.chance[n], **share, "points": step.points, "hits": step.hits}


def _steps(k: int, box: Box, parameters: Sequence[Parameter]) -> Iterator[dict[str, Any]]:
    """The boxes on the way, and the one that was chosen last."""
    for place, step in enumerate((*box.path, box.step)):
        said = [limit_words(parameters[n].path, **_bounds(limit, parameters[n])) for n, limit in step.limits.items()]
        share = {"coverage": step.coverage, "density": step.density, "mass": step.mass}
        yield {"box": k, "step": place, "limits": "; ".join(said), **share, "chosen": place == len(box.path)}


def _tree(parameters: Sequence[Parameter], axes: Sequence[Axis], hits: NDArray[np.bool_]) -> pd.DataFrame:
    """Leaves of a classification tree, the densest first, as rules in words."""
    from sklearn.tree import DecisionTreeClassifier

    columns, names = [], []
    for parameter, axis in zip(parameters, axes, strict=True):
        for value in range(len(axis.values)):
            columns.append((axis.places == value).astype(np.float64))
            names.append((parameter.path, axis.values[value]))
        if not axis.values:
            columns.append(axis.places)
            names.append((parameter.path, None))
    inputs = np.column_stack(columns)
    least = max(LEAST_POINTS, round(LEAST_MASS * len(hits)))
    grown = DecisionTreeClassifier(max_depth=_DEPTH, min_samples_leaf=least, random_state=0).fit(inputs, hits)
    rows = []
    for rule, inside in _leaves(grown.tree_, inputs, names):
        points, good = int(inside.sum()), int((hits & inside).sum())
        share = {"density": good / points, "coverage": good / int(hits.sum())}
        rows.append({"rule": rule, "points": points, "hits": good, **share})
    return pd.DataFrame(rows).sort_values(["density", "points"], ascending=False, kind="stable", ignore_index=True)


def _leaves(tree: Any, inputs: Any, names: Sequence[tuple[str, str | None]]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each leaf as a rule in words, and the points in it."""
    waiting: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, ends = waiting.pop()
        column, split = int(tree.feature[node]), float(tree.threshold[node])
        if column >= 0:
            low, high = ends.get(column, (-np.inf, np.inf))
            waiting.append((int(tree.children_right[node]), {**ends, column: (split, high)}))
            waiting.append((int(tree.children_left[node]), {**ends, column: (low, split)}))
            continue
        inside = np.ones(len(inputs), np.bool_)
        said = []
        for column, (low, high) in ends.items():
            inside &= (inputs[:, column].astype(np.float32) > low) & (inputs[:, column].astype(np.float32) <= high)
            path, value = names[column]
            if value is None:
                first, last = (end if np.isfinite(end) else np.nan for end in (low, high))
                said.append(limit_words(path, first, last, ""))
            else:
                said.append(limit_words(path, np.nan, np.nan, value if np.isfinite(low) else f"not {value}"))
        yield " and ".join(said) or "all points", inside


def discovery_lines(found: Discovery) -> list[str]:
    """The boxes and the leaves of the tree that are denser than all points, in sentences."""
    if found.tree.empty:
        return []
    total, hits = len(found.hits), int(found.hits.sum())
    lines = [f"{found.condition} holds at {hits} of {total} points ({percent(hits / total, digits=3)})."]
    for k, box in found.boxes.groupby("box"):
        first = box.iloc[0]
        said = [
            f"{limit_words(row['parameter'], row['low'], row['high'], row['values'])} (p = {row['p']:.1g})"
            for row in box.to_dict("records")
        ]
        lines.append(
            f"Box {k}: {'; '.join(said)}: {first['hits']} of {first['points']} points, density "
            f"{percent(first['density'], digits=3)}, coverage {percent(first['coverage'], digits=3)}."
        )
    dense = found.tree[found.tree["density"] > hits / total]
    lines += [f"Tree: {row.rule}: {row.hits} of {row.points} points." for row in dense.itertuples()]
    return lines
