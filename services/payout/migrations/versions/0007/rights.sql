-- City officers publish through the API's role.
GRANT SELECT, INSERT ON notices TO payout_api;
GRANT SELECT ON notices TO payout_worker;
GRANT UPDATE (notice_id) ON payouts TO payout_api;
