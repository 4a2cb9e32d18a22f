-- Mergers are received by the worker's role.
GRANT SELECT, INSERT, UPDATE (merged_at) ON merger_facts TO payout_worker;
