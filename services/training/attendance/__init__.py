"""Attendance (考勤): check-in and check-out with a session's rotating code, rosters, and what of them counts."""
