-- A step that a person takes is written down with that person by the same transaction; what came back is corrected as what
-- the bank refused is.
CREATE OR REPLACE FUNCTION payouts_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := CASE
        WHEN NEW.status <> OLD.status THEN CASE NEW.status
            WHEN 'reviewed' THEN CASE OLD.status WHEN 'checked' THEN 'review' ELSE 'correct' END
            WHEN 'approved' THEN 'approve' WHEN 'published' THEN 'publish' WHEN 'batched' THEN 'batch'
            WHEN 'rejected' THEN 'reject' WHEN 'withdrawn' THEN 'withdraw' END
        WHEN NEW.second_approved_by IS DISTINCT FROM OLD.second_approved_by THEN 'second_approve'
        WHEN NEW.open_holds > OLD.open_holds THEN 'hold'
        WHEN NEW.open_holds < OLD.open_holds THEN 'lift_hold'
        WHEN NEW.debt_settled_at IS NOT DISTINCT FROM OLD.debt_settled_at THEN 'nothing' END;
    person uuid := CASE step WHEN 'review' THEN NEW.reviewed_by WHEN 'correct' THEN NEW.reviewed_by
        WHEN 'approve' THEN NEW.approved_by WHEN 'second_approve' THEN NEW.second_approved_by
        WHEN 'batch' THEN NEW.batched_by END;
BEGIN
    -- What is rejected, withdrawn or lifted for a received fact is the worker's step; a hold names its person itself.
    IF step = 'nothing'
        OR step = 'correct'
            AND num_nonnulls(NEW.approved_by, NEW.second_approved_by, NEW.batched_by, NEW.released_by) > 0
        OR (step IN ('review', 'correct', 'approve', 'second_approve', 'publish', 'batch')
            OR step IN ('reject', 'withdraw', 'lift_hold') AND current_user = 'payout_api')
        AND NOT EXISTS (
            SELECT FROM payout_decisions AS decision
            WHERE decision.payout_id = NEW.id AND decision.version = NEW.version AND decision.action = step
                AND decision.person_id = coalesce(person, decision.person_id)
        )
    THEN
        RAISE EXCEPTION 'nobody has decided this step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payouts';
    END IF;
    RETURN NULL;
END $$;
