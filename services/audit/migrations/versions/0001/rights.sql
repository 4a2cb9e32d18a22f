-- What the API's role and the worker's may do, and nothing else.

GRANT SELECT ON business_clock, timers, parked_events TO audit_api;
GRANT INSERT ON outbox TO audit_api;
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO audit_api;

GRANT SELECT ON business_clock TO audit_worker;
GRANT SELECT, DELETE ON idempotency_keys TO audit_worker;
GRANT SELECT, INSERT, DELETE ON outbox, parked_events TO audit_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets, timers TO audit_worker;

-- The worker appends; the API reads the log, and the positions that it is verified against.
GRANT SELECT ON log_entries, positions TO audit_api;
GRANT SELECT, INSERT ON log_entries TO audit_worker;

-- What was received is written by the worker alone.
GRANT SELECT ON persons, voucher_facts, enrolment_facts, candidate_facts, certificate_facts, payout_facts TO audit_api;
GRANT SELECT, INSERT, UPDATE
    ON persons, voucher_facts, enrolment_facts, candidate_facts, certificate_facts, payout_facts TO audit_worker;

-- Who read or exported what is written by the API alone.
GRANT SELECT, INSERT ON dossier_readings, exports TO audit_api;
GRANT SELECT ON dossier_readings, exports TO audit_worker;

-- Two persons discard a parked event by the command line, as the worker process.
GRANT SELECT, INSERT ON parked_discards TO audit_worker;
