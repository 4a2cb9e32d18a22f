"""Attendance: check-ins, rosters, corrections; hours are computed from it and never sent in."""
