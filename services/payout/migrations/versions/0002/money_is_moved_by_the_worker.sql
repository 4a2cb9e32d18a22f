-- Money is reserved, cleared, sent, answered for, spent and returned by the worker's role; the API's role only decides.
DROP TRIGGER steps_by_worker ON payouts;
CREATE TRIGGER steps_by_worker BEFORE UPDATE ON payouts
    FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND NEW.status IN (
        'checked', 'cleared', 'sent', 'paid', 'failed', 'returned', 'unknown'
    ))
    EXECUTE FUNCTION payouts_steps_by_worker();

CREATE OR REPLACE FUNCTION ledger_transactions_worker_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'payout_api' AND NEW.kind IN ('reserve', 'spend', 'return') THEN
        RAISE EXCEPTION 'money is reserved, spent and returned by the worker'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_ledger_transactions';
    END IF;
    RETURN NEW;
END $$;
