-- A hold is lifted once; one that follows a fact is lifted by the event of that fact, which the worker's role consumes,
-- and every other by an officer, who speaks to the API's. What a register or the catalogue stopped an officer lifts only by
-- answering for it: the payout stays held until another natural person lifts that (R10). A fresh verdict on eligibility lifts
-- what the one before held; who is ineligible is so until then, whoever would answer for it. A dead holder's hold is answered
-- for likewise.
CREATE OR REPLACE FUNCTION payout_holds_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a lifted hold stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payout_holds';
    END IF;
    IF (OLD.source IN ('certificate', 'revocation') OR OLD.source = 'voucher' AND OLD.reason_code <> 'holder_deceased')
            AND current_user = 'payout_api'
        OR OLD.source NOT IN ('voucher', 'institution', 'certificate', 'revocation', 'eligibility')
            AND current_user = 'payout_worker'
    THEN
        RAISE EXCEPTION 'this hold is lifted by what placed it, or by an officer'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    IF OLD.source IN ('eligibility', 'institution', 'voucher') AND current_user = 'payout_api' AND NOT (
        EXISTS (
            SELECT FROM payout_holds AS taken
            WHERE taken.payout_id = OLD.payout_id AND taken.source = 'taken_over' AND taken.source_id = OLD.id::text
                AND taken.placed_by = NEW.lifted_by AND taken.lifted_at IS NULL
        ) AND (OLD.source = 'voucher' OR OLD.source = 'eligibility' AND OLD.reason_code <> 'ineligible' OR EXISTS (
            SELECT FROM institution_facts WHERE credit_code = OLD.source_id AND status = 'removed'
        ))
    ) THEN
        RAISE EXCEPTION 'one officer answers for this hold, and another lifts it'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    IF OLD.source = 'taken_over' AND (
        SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id IN (OLD.placed_by, NEW.lifted_by)
    ) <> 2 THEN
        RAISE EXCEPTION 'one officer answers for this hold, and another lifts it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_payout_holds_by_two';
    END IF;
    RETURN NEW;
END $$;
