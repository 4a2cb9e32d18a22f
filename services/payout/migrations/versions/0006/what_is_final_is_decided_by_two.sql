-- That nothing will be paid is decided by an officer under the open hold of another (不予兑现, R2); no service decides it.
CREATE FUNCTION payouts_final_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NOT EXISTS (
        SELECT FROM payout_holds AS hold
            JOIN persons AS holder ON holder.id = hold.placed_by
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
            JOIN persons AS rejecter ON rejecter.id = decision.person_id
        WHERE hold.payout_id = NEW.id AND hold.source = 'officer' AND hold.lifted_at IS NULL
            AND coalesce(holder.survivor_id, holder.id) <> coalesce(rejecter.survivor_id, rejecter.id)
    ) THEN
        RAISE EXCEPTION 'a payout is rejected for good under the hold of another officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER final_by_two AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.final AND NOT OLD.final)
    EXECUTE FUNCTION payouts_final_by_two();
CREATE CONSTRAINT TRIGGER created_final AFTER INSERT ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.final)
    EXECUTE FUNCTION payouts_final_by_two();

-- Once decided, it stays decided.
CREATE FUNCTION payouts_stay_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a final rejection stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payouts';
END $$;
CREATE TRIGGER stay_final BEFORE UPDATE ON payouts
    FOR EACH ROW WHEN (OLD.final AND NOT NEW.final) EXECUTE FUNCTION payouts_stay_final();
