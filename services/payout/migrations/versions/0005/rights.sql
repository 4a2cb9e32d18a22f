-- Officers change rates through the API's role alone.
GRANT SELECT, INSERT, UPDATE (status, version, decided_by) ON rate_changes TO payout_api;
GRANT SELECT ON rate_changes TO payout_worker;
