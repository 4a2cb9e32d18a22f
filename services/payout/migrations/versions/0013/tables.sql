-- One officer answers for what a register or the catalogue stopped, and another one lifts it.
ALTER TABLE payout_holds DROP CONSTRAINT ck_payout_holds_source;
ALTER TABLE payout_holds
    ADD CONSTRAINT ck_payout_holds_source CHECK (source IN (
        'officer', 'eligibility', 'voucher', 'institution', 'certificate', 'revocation', 'signature', 'duplicate_person',
        'bank', 'sending', 'objection', 'taken_over'
    )),
    ADD CONSTRAINT ck_payout_holds_by_two CHECK (
        source <> 'taken_over' OR placed_by IS NOT NULL AND (lifted_at IS NULL OR lifted_by <> placed_by)
    );
-- Within so many whole working days after an institution was removed, two officers pay or reject what it holds up.
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('removed_institution_working_days', '2021-12-31', 30, 'DOMAIN 3: Institution');
