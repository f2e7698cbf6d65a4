"""What a model has recorded, as Mesa's own data collector shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesa.datacollection import DataCollector

from esc_sim.results.columns import PERIOD_COLUMNS

if TYPE_CHECKING:
    from esc_sim.engine.agents.record import Recorder


class RecordedPeriods(DataCollector):
    """The totals of every period so far, one variable a column: read from the recorder, so that collecting is free."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        super().__init__()
        self.model_reporters = {name: name for name in PERIOD_COLUMNS}

    @property
    def model_vars(self) -> dict[str, list[float]]:
        """Values of each column in every period so far."""
        return dict(zip(PERIOD_COLUMNS, self._recorder.periods.T.tolist(), strict=True))

    @model_vars.setter
    def model_vars(self, nothing: dict[str, Any]) -> None:
        """Mesa begins with no variables; the recorder has them all."""

    def collect(self, model: Any) -> None:
        """Nothing to do: the recorder has the period already."""
