"""Laws, trends and seasons proposed for histories of demand and of lead times; starting policies."""

from esc_sim.fitting.proposal import Fit as Fit
from esc_sim.fitting.proposal import fit_series as fit_series
