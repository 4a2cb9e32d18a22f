ALTER TABLE payouts
    ADD COLUMN final BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_payouts_final CHECK (NOT final OR status = 'rejected');
CREATE INDEX ix_payouts_judged_again ON payouts (code, id) WHERE status = 'rejected' AND NOT final;
ALTER TABLE voucher_facts ADD COLUMN lapsed BOOLEAN DEFAULT false NOT NULL;

UPDATE dated_rules SET value = 300000 WHERE name = 'second_approval_above_fen'; -- R18
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('returns_most', '2021-12-31', 3, 'R2: so often a voucher''s payouts are returned for correction');
