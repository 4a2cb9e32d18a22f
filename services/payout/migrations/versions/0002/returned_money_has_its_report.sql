-- A payout goes back by one report of the bank, about its present attempt and all of its money, kept by the worker's role;
-- a report that is set aside names two natural persons.
CREATE FUNCTION payouts_returned_by_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM money_returns
            JOIN instructions ON instructions.id = money_returns.instruction_id
            JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE instructions.payout_id = NEW.id AND instructions.attempt = NEW.attempt AND money_returns.taken
            AND money_returns.amount_fen = deliveries.amount_fen AND money_returns.code = NEW.code
    ) THEN
        RAISE EXCEPTION 'no report of the bank says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rp_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER returned_by_report AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status = 'returned')
    EXECUTE FUNCTION payouts_returned_by_report();

CREATE FUNCTION money_returns_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id AND outcome = 'returned'
    ) THEN
        RAISE EXCEPTION 'a report is taken by the payout that goes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ta_money_returns';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER taken AFTER INSERT ON money_returns
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.taken) EXECUTE FUNCTION money_returns_taken();

CREATE FUNCTION money_returns_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.dismissed_at IS NOT NULL OR NEW.proposed_by IS DISTINCT FROM coalesce(OLD.proposed_by, NEW.proposed_by)
        OR NEW.dismissed_by IS NOT NULL AND (
            OLD.proposed_by IS NULL OR (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
                WHERE id IN (NEW.proposed_by, NEW.dismissed_by)) <> 2
        )
    THEN
        RAISE EXCEPTION 'a report is set aside by two, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_money_returns';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER by_two BEFORE UPDATE ON money_returns FOR EACH ROW EXECUTE FUNCTION money_returns_by_two();
