"""All randomness of a run: counter-based streams, the tape of draws, the timetable of disruptions."""
