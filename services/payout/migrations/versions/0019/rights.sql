GRANT SELECT ON class_facts TO payout_api;
GRANT SELECT, INSERT ON class_facts TO payout_worker;
