"""The benchmark of gym-invmgmt (arXiv 2605.11355): its main scenarios as ours, its rows beside ours."""
