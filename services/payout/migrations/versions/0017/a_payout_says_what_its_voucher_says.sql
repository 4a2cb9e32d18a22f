-- Payee, area, fund source, skill, level and occasion are the voucher's; the benefit is counted under the record that stands for
-- the natural person.
CREATE OR REPLACE FUNCTION payouts_owed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM voucher_facts AS said
        WHERE said.voucher_id = NEW.voucher_id AND said.certificate_id = NEW.certificate_id
            AND said.person_id = NEW.person_id AND said.skill_code = NEW.skill_code AND said.level = NEW.level
            AND said.occasion = NEW.occasion
            AND said.programme = NEW.programme AND said.fund_source = NEW.fund_source
            AND said.class_area = NEW.area AND said.institution = NEW.institution
            AND said.mandate_id IS NOT DISTINCT FROM NEW.mandate_id
            AND CASE WHEN said.payee_kind <> 'worker' AND said.mandate_id IS NOT NULL
                THEN (NEW.payee_kind, NEW.payee_id) = (said.payee_kind, said.payee_id)
                ELSE (NEW.payee_kind, NEW.payee_id) = ('worker', said.person_id::text) END
            AND (NEW.status <> 'opened' OR said.eligibility <> 'ineligible' AND NOT said.cancelled)
    ) THEN
        RAISE EXCEPTION 'a payout says something else than its voucher'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    IF NEW.key_person_id <> coalesce((SELECT survivor_id FROM persons WHERE id = NEW.person_id), NEW.person_id) THEN
        RAISE EXCEPTION 'a benefit is counted under the surviving record of its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ow_payouts';
    END IF;
    RETURN NEW;
END $$;
