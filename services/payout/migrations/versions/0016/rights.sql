-- The API's role writes what is proposed.
GRANT INSERT (proposed_status), UPDATE (proposed_status) ON funds TO payout_api;
