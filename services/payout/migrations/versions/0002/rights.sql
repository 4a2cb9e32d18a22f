-- What the bank says of returned money is the worker's to keep, and an officer's to set aside.
GRANT SELECT, UPDATE (proposed_by, dismissed_by, dismissed_at) ON money_returns TO payout_api;
GRANT SELECT, INSERT ON money_returns TO payout_worker;
GRANT UPDATE (returned_at) ON deliveries TO payout_worker;
