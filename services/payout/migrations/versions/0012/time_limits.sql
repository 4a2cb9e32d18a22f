-- How long people may let a case wait, in whole working days since it got there (R1, A26).
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('account_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('account_endorsed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('clawback_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('clawback_overdue_working_days', '2021-12-31', 30, 'R1, to be confirmed'),
    ('clawback_enforced_working_days', '2021-12-31', 120, 'R1, to be confirmed'),
    ('fund_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('payment_batch_built_working_days', '2021-12-31', 5, 'R1, to be confirmed'),
    ('payout_failed_working_days', '2021-12-31', 30, 'R1, to be confirmed'),
    ('payout_returned_working_days', '2021-12-31', 30, 'R1, to be confirmed'),
    ('rate_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed');
CREATE INDEX ix_accounts_overdue ON accounts (status, entered_at) WHERE status IN ('proposed', 'endorsed');
CREATE INDEX ix_payouts_overdue ON payouts (status, entered_at) WHERE status IN ('failed', 'returned');
