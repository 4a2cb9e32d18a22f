-- Verified certificates, decisions, the ledger, instructions and what is on a batch: INSERT and SELECT only, for the
-- owner too (DOMAIN §4, 11).
CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON certificate_copies
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON instructions
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_batch_items
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON parked_discards
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
