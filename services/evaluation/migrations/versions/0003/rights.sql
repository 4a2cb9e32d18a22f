GRANT UPDATE (status, version, reason_code) ON assessment_sessions, candidates TO evaluation_worker;
