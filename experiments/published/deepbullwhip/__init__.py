"""deepbullwhip's leaderboard: its chains as scenarios of this project, period by period, and its tables."""
