-- A hold is lifted once; one that follows a fact is lifted by the event of that fact, which the worker's role consumes.
CREATE FUNCTION payout_holds_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a lifted hold stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payout_holds';
    END IF;
    IF current_user = 'payout_api' AND OLD.source IN ('voucher', 'institution', 'certificate', 'revocation') THEN
        RAISE EXCEPTION 'this hold is lifted by the event of what placed it'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payout_holds';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER final BEFORE UPDATE ON payout_holds FOR EACH ROW EXECUTE FUNCTION payout_holds_final();
