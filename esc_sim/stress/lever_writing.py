"""Levers in the folder of a stress test: portfolio.json, and what the summary tells."""

from __future__ import annotations

from typing import Any

import numpy as np

from esc_sim.scenario.more_disruptions import patch_of
from esc_sim.stress.lever_study import LeverStudy
from esc_sim.stress.portfolio import value_of
from esc_sim.stress.stressors import Stressor
from esc_sim.views.report.study_sentences import avoided_words
from esc_sim.written import number


def patches(study: LeverStudy) -> dict[str, Any]:
    """The chosen levers as changes for ``run --set``, alone and with each exposure at its worst start date.

    A shorter time to recover is no change of the network: it stands in the disruptions.
    """
    if study.chosen is None:
        raise ValueError("without a budget nothing is chosen")
    changes, after = study.effect.texts, np.array(study.chosen.row["impact"])
    starts = study.trial.plan.starts
    found = []
    for place, one in enumerate(study.trial.exposures):
        at = int(study.before[place].mean(axis=1).argmax())
        found.append(
            {
                "stressor": one.name,
                "kind": one.kind,
                "start": starts[at],
                "impact_before": float(study.before[place, at].mean()),
                "impact_after": float(after[place, at].mean()),
                "lost_after": float(np.array(study.chosen.row["lost"])[place, at].mean()),
                "set": [*changes, _disruptions(study, one, starts[at])],
            }
        )
    return {"levers": list(study.names), "set": changes, "outages": found}


def _disruptions(study: LeverStudy, stressor: Stressor, start: int) -> str:
    plan, effect = study.trial.plan, study.effect
    entries = plan.entries(stressor, start, plan.durations.sooner(effect.nodes, effect.arcs))
    return patch_of(study.trial.scenario, *entries)


def lever_summary(study: LeverStudy) -> dict[str, Any]:
    """What summary.json tells of levers."""
    found: dict[str, Any] = {
        "data": study.toolbox.data.model_dump(),
        "impact_is_added_up": study.basis,
        "levers": len(study.toolbox.levers),
        "exposures": [
            {"stressor": one.name, "kind": one.kind, "outage_chance": chance, "impact": float(before.mean())}
            for one, chance, before in zip(study.trial.exposures, study.chances, study.before, strict=True)
        ],
        "portfolio": None,
    }
    if study.chosen is not None:
        joint, single = study.joint_effect, study.sum_of_single_effects
        after = np.array(study.chosen.row["impact"]).mean(axis=(1, 2)).tolist()
        for entry, impact in zip(found["exposures"], after, strict=True):
            entry["impact_with_portfolio"] = impact
        found["portfolio"] = {
            "budget": study.toolbox.budget,
            "levers": list(study.names),
            "yearly_cost": study.yearly_cost,
            "sum_of_single_effects": single,
            "single_effects_within_impacts": value_of(study.chosen.levers, study.avoided, study.limits),
            "joint_effect": joint,
            "joint_less_single": joint - single,
            "set": study.effect.texts,
        }
    return found


def portfolio_words(study: LeverStudy, money: str) -> list[str]:
    """The portfolio in sentences.

    Args:
        study: with a portfolio.
        money: the currency.
    """
    assert study.toolbox.budget is not None
    budget = f"{number(study.toolbox.budget)} {money} a year"
    if not study.names:
        return [f"portfolio for {budget}: none; no lever that it pays for avoids anything"]
    joint, single, of_what = study.joint_effect, study.sum_of_single_effects, avoided_words(lever_summary(study))
    return [
        f"portfolio for {budget}: {'; '.join(study.names)} ({number(study.yearly_cost)} {money} a year)",
        f"together they avoid {number(joint)} {money} {of_what}, measured in one run of all; "
        f"single effects add up to {number(single)} (difference {number(joint - single, sign=True)})",
    ]
