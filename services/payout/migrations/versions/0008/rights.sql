-- Objections are filed and decided through the API's role; the worker counts those that are late.
GRANT SELECT, INSERT, UPDATE (status, version, outcome, reason_code, proposed_by, decided_by) ON objections TO payout_api;
GRANT SELECT ON objections TO payout_worker;
