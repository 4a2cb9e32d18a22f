-- A step that a person takes is written down with that person by the same transaction, and so is a hold that they place
-- or lift; nobody writes down a step that was not taken.
CREATE FUNCTION payouts_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := CASE
        WHEN NEW.status <> OLD.status THEN CASE NEW.status
            WHEN 'reviewed' THEN CASE OLD.status WHEN 'failed' THEN 'correct' ELSE 'review' END
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

CREATE CONSTRAINT TRIGGER decided AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION payouts_decided();

CREATE FUNCTION payout_decisions_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND version = NEW.version AND payouts.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'a decision is written down with its step'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payout_decisions';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER of_step AFTER INSERT ON payout_decisions FOR EACH ROW EXECUTE FUNCTION payout_decisions_of_step();

CREATE FUNCTION payout_holds_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := CASE WHEN NEW.lifted_at IS NULL THEN 'hold' ELSE 'lift_hold' END;
    person uuid := CASE WHEN NEW.lifted_at IS NULL THEN NEW.placed_by ELSE NEW.lifted_by END;
BEGIN
    IF person IS NULL AND step = 'lift_hold' AND current_user = 'payout_api' OR person IS NOT NULL AND NOT EXISTS (
        SELECT FROM payout_decisions AS decision
        WHERE decision.payout_id = NEW.payout_id AND decision.action = step AND decision.person_id = person
            AND decision.xmin = pg_current_xact_id()::xid
    ) THEN
        RAISE EXCEPTION 'nobody has decided on this hold'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'de_payout_holds';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER decided AFTER INSERT OR UPDATE ON payout_holds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payout_holds_decided();
