-- Only the columns that a role's steps write: the clock approves no class and moves no attendance.
REVOKE UPDATE ON institutions, class_seats, enrolments FROM training_api;
GRANT UPDATE (status, version, name, applied_by, listed_by, reason_code) ON institutions TO training_api;
GRANT UPDATE (taken) ON class_seats TO training_api;
GRANT UPDATE (status, version, reason_code) ON enrolments TO training_api;
REVOKE UPDATE ON classes, class_sessions, class_seats, enrolments FROM training_worker;
GRANT UPDATE (status, version, reason_code) ON classes, enrolments TO training_worker;
GRANT UPDATE (status, version, attendance_count, attendance_digest) ON class_sessions TO training_worker;
GRANT UPDATE (taken) ON class_seats TO training_worker;
