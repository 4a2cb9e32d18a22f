-- Money is reserved, cleared, sent, answered for and spent by the worker's role; the API's role only decides.
CREATE FUNCTION payouts_steps_by_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'payout_api' THEN
        RAISE EXCEPTION 'this step is the worker''s'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER steps_by_worker BEFORE UPDATE ON payouts
    FOR EACH ROW
    WHEN (NEW.status <> OLD.status AND NEW.status IN ('checked', 'cleared', 'sent', 'paid', 'failed', 'unknown'))
    EXECUTE FUNCTION payouts_steps_by_worker();

CREATE FUNCTION ledger_transactions_worker_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'payout_api' AND NEW.kind IN ('reserve', 'spend') THEN
        RAISE EXCEPTION 'money is reserved and spent by the worker'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_ledger_transactions';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER worker_only BEFORE INSERT ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_transactions_worker_only();
