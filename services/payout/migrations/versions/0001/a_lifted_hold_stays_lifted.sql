-- A hold is lifted once; one that follows a fact is lifted by the event of that fact, which the worker's role consumes,
-- and every other by an officer, who speaks to the API's.
CREATE FUNCTION payout_holds_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a lifted hold stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payout_holds';
    END IF;
    IF OLD.source IN ('voucher', 'institution', 'certificate', 'revocation') AND current_user = 'payout_api'
        OR OLD.source NOT IN ('voucher', 'institution', 'certificate', 'revocation') AND current_user = 'payout_worker'
    THEN
        RAISE EXCEPTION 'this hold is lifted by what placed it, or by an officer'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER final BEFORE UPDATE ON payout_holds FOR EACH ROW EXECUTE FUNCTION payout_holds_final();
