-- The gate demands a verified certificate of the same person, skill, level and occasion.
ALTER TABLE certificate_copies
    ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL;
ALTER TABLE certificate_copies DISABLE TRIGGER append_only;
UPDATE certificate_copies SET occasion = 'review:' || issued_on WHERE act = 'review';
ALTER TABLE certificate_copies ENABLE TRIGGER append_only;
ALTER TABLE voucher_facts ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL;
ALTER TABLE payouts
    ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL,
    DROP CONSTRAINT fk_payouts_certificate;
ALTER TABLE certificate_copies
    DROP CONSTRAINT uq_certificate_copies_payable,
    ADD CONSTRAINT uq_certificate_copies_payable UNIQUE (certificate_id, person_id, skill_code, level, occasion),
    ADD CONSTRAINT ck_certificate_copies_occasion CHECK (act = split_part(occasion, ':', 1));
ALTER TABLE payouts
    ADD CONSTRAINT fk_payouts_certificate FOREIGN KEY (certificate_id, person_id, skill_code, level, occasion)
        REFERENCES certificate_copies (certificate_id, person_id, skill_code, level, occasion);
DROP INDEX uq_payouts_live_key;
CREATE UNIQUE INDEX uq_payouts_live_key ON payouts (key_person_id, skill_code, level, benefit, occasion)
    WHERE status NOT IN ('rejected', 'withdrawn') AND (status <> 'reversed' OR debt_settled_at IS NULL);
