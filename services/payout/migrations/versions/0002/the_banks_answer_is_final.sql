-- What the bank finally answered stays, but for money that it had paid and gives back, once (R23).
CREATE OR REPLACE FUNCTION deliveries_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payout_id <> OLD.payout_id OR NEW.amount_fen <> OLD.amount_fen OR NEW.calls < OLD.calls
        OR OLD.outcome IS NULL AND NEW.outcome = 'returned'
        OR OLD.outcome IS NOT NULL AND NOT (
            OLD.outcome = 'paid' AND NEW.outcome = 'returned' AND NEW.answered_at = OLD.answered_at
            AND NEW.given_at IS NOT DISTINCT FROM OLD.given_at
        )
    THEN
        RAISE EXCEPTION 'the bank''s final answer stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_deliveries';
    END IF;
    RETURN NEW;
END $$;
