-- What the two roles that serve may do, and nothing else. Only the worker consumes, so only it writes what was received.
GRANT INSERT ON outbox TO training_api;
GRANT SELECT, INSERT, DELETE ON outbox TO training_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets TO training_worker;
GRANT SELECT ON parked_events TO training_api;
GRANT SELECT, INSERT, DELETE ON parked_events TO training_worker;
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO training_api;
GRANT SELECT, DELETE ON idempotency_keys TO training_worker;
GRANT SELECT ON business_clock, dated_rules TO training_api, training_worker;
GRANT SELECT ON timers TO training_api;
GRANT SELECT, INSERT, UPDATE ON timers TO training_worker;

GRANT SELECT ON persons TO training_api;
GRANT SELECT, INSERT, UPDATE ON persons TO training_worker;

GRANT SELECT, INSERT, UPDATE ON institutions TO training_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON institution_scopes TO training_api;
GRANT SELECT ON institutions, institution_scopes TO training_worker;

GRANT SELECT, INSERT, UPDATE ON classes, class_sessions, class_seats, enrolments TO training_api;
GRANT SELECT, UPDATE ON classes, class_sessions, class_seats, enrolments TO training_worker;
GRANT SELECT, INSERT ON class_contents, class_returns TO training_api;

GRANT SELECT, INSERT ON check_ins, attendance TO training_api;
GRANT SELECT ON check_ins, attendance TO training_worker;
-- What stands is written by the database alone.
GRANT SELECT ON standing_attendance TO training_api, training_worker;
GRANT SELECT, INSERT ON completion_tests TO training_api;

-- Two persons discard a parked event by the command line, as the worker process.
GRANT SELECT, INSERT ON parked_discards TO training_worker;
