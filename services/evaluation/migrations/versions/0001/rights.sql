-- Exactly what each role needs. The API writes what people do here, the worker process what is received and what expires.
GRANT INSERT ON outbox TO evaluation_api;
GRANT SELECT, INSERT, DELETE ON outbox TO evaluation_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets TO evaluation_worker;
GRANT SELECT ON parked_events TO evaluation_api;
GRANT SELECT, INSERT, DELETE ON parked_events TO evaluation_worker;
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO evaluation_api;
GRANT SELECT, DELETE ON idempotency_keys TO evaluation_worker;
GRANT SELECT ON business_clock TO evaluation_api, evaluation_worker;
GRANT SELECT ON timers TO evaluation_api;
GRANT SELECT, INSERT, UPDATE ON timers TO evaluation_worker;

GRANT SELECT ON dated_rules TO evaluation_api, evaluation_worker;
GRANT SELECT ON persons, enrolment_facts TO evaluation_api;
GRANT SELECT, INSERT, UPDATE ON persons TO evaluation_worker;
GRANT SELECT, INSERT ON enrolment_facts TO evaluation_worker;

GRANT SELECT, INSERT, UPDATE ON bodies, body_scope_lines, assessors TO evaluation_api;
GRANT SELECT, INSERT ON assessor_skills TO evaluation_api;
GRANT SELECT, INSERT, UPDATE ON assessment_sessions, candidates TO evaluation_api;
GRANT SELECT, INSERT ON score_sheets TO evaluation_api;

GRANT SELECT, INSERT, UPDATE ON certificates, certificate_serials TO evaluation_api;
GRANT SELECT, UPDATE ON certificates TO evaluation_worker;
-- It says the last version of every aggregate, with which consumers compare what they received.
GRANT SELECT ON bodies, assessors, assessment_sessions, candidates TO evaluation_worker;
GRANT SELECT, INSERT ON assessed_certificates, recognitions, recognition_checks TO evaluation_api;
GRANT SELECT ON assessed_certificates, recognitions, recognition_checks TO evaluation_worker;

-- Two persons discard a parked event by the command line, as the worker process.
GRANT SELECT, INSERT ON parked_discards TO evaluation_worker;
