-- Officers upload, confirm and set aside by the API's role; the worker's applies.
GRANT SELECT, INSERT, UPDATE (status, version, confirmed_by) ON bank_reports TO payout_api;
GRANT SELECT, INSERT, UPDATE (proposed_by, dismissed_by, dismissed_at) ON bank_report_rows TO payout_api;
GRANT SELECT, UPDATE (status, version) ON bank_reports TO payout_worker;
GRANT SELECT, UPDATE (outcome, judged_at) ON bank_report_rows TO payout_worker;
