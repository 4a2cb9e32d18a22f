-- The time limits of the offices, and what their lists are searched by (A26).
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('review_working_days', '2021-12-31', 10, 'A26: whole working days from the opening to the public notice'),
    ('disbursement_working_days', '2021-12-31', 10, 'A26: whole working days from the end of the notice to the bank');
CREATE INDEX ix_payouts_late_review ON payouts (opened_on) WHERE status IN ('opened', 'checked', 'reviewed', 'approved');
CREATE INDEX ix_payouts_late_disbursement ON payouts (notice_ends_at) WHERE status IN ('cleared', 'batched');
CREATE INDEX ix_payouts_fund ON payouts (fund_id, id) WHERE fund_id IS NOT NULL;
