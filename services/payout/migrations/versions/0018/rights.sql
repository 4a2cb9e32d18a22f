-- Files are written by the worker's role, and handed out by the API's.
GRANT SELECT ON payment_files, payment_file_items TO payout_api;
GRANT SELECT, INSERT ON payment_file_downloads TO payout_api;
GRANT SELECT, INSERT ON payment_files, payment_file_items TO payout_worker;
GRANT SELECT ON payment_file_downloads TO payout_worker;
