-- A payment that is being sent is set off against debts of its own payee to its own fund, and all payments under way
-- together never beyond what is owed.
CREATE FUNCTION clawback_offsets_within() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    owed_fen bigint;
BEGIN
    -- against another payment set off against the same debt at this moment
    SELECT clawbacks.outstanding_fen INTO owed_fen
        FROM clawbacks
            JOIN instructions ON instructions.id = NEW.instruction_id
            JOIN payouts ON payouts.id = instructions.payout_id AND payouts.attempt = instructions.attempt
        WHERE clawbacks.id = NEW.clawback_id AND clawbacks.status IN ('open', 'instalments', 'overdue', 'enforced')
            AND clawbacks.debtor_kind = payouts.payee_kind AND clawbacks.debtor_id = payouts.payee_id
            AND clawbacks.fund_id = payouts.fund_id AND payouts.status = 'sent'
            AND NOT EXISTS (SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id)
        FOR UPDATE OF clawbacks;
    IF NOT FOUND OR pending_offsets(NEW.clawback_id) > owed_fen THEN
        RAISE EXCEPTION 'an offset is of the same payee and fund, and within the debt'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_clawback_offsets';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER within AFTER INSERT ON clawback_offsets FOR EACH ROW EXECUTE FUNCTION clawback_offsets_within();

CREATE FUNCTION clawback_offsets_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id) THEN
        RAISE EXCEPTION 'an offset is of a payment that is sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_clawback_offsets';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER sent AFTER INSERT ON clawback_offsets
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION clawback_offsets_sent();
