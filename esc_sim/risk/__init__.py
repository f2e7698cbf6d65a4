"""Risk of cost, confidence intervals and resilience of a run."""
