ALTER TABLE vouchers
    ADD COLUMN occasion TEXT,
    DROP CONSTRAINT ck_vouchers_claim;
UPDATE vouchers SET occasion = 'first' WHERE claimed_at IS NOT NULL;
ALTER TABLE vouchers
    ADD CONSTRAINT ck_vouchers_claim
        CHECK (num_nonnulls(skill_code, level, occasion, claimed_at, eligibility_decided_on) IN (0, 5));

ALTER TABLE voucher_certificates ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL;
ALTER TABLE certificate_facts ADD COLUMN review_due_on DATE;

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('review_window_days', '2021-12-31', 60, 'R7: before and after the day on which a review is due');
