-- An approved payout is rejected by an officer under the open hold of another: one stops the money at once, a second ends
-- it. What is rejected for a received fact is the worker's.
CREATE FUNCTION payouts_rejected_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'payout_api' AND NOT EXISTS (
        SELECT FROM payout_holds AS hold
            JOIN persons AS holder ON holder.id = hold.placed_by
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
            JOIN persons AS rejecter ON rejecter.id = decision.person_id
        WHERE hold.payout_id = NEW.id AND hold.source = 'officer' AND hold.lifted_at IS NULL
            AND coalesce(holder.survivor_id, holder.id) <> coalesce(rejecter.survivor_id, rejecter.id)
    ) THEN
        RAISE EXCEPTION 'an approved payout is rejected under the hold of another officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER rejected_by_two AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status = 'rejected' AND OLD.status IN ('approved', 'published', 'cleared', 'batched'))
    EXECUTE FUNCTION payouts_rejected_by_two();
