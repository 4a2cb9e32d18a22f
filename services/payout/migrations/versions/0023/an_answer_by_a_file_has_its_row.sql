-- What went in a file is answered by a row of a confirmed report that says so, of this amount and this account; and a row
-- is applied by the answer that it gives.
CREATE FUNCTION deliveries_reported() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM bank_report_rows AS said
            JOIN bank_reports AS report ON report.id = said.report_id
            JOIN instructions ON instructions.id = said.instruction_id
            JOIN accounts ON accounts.id = instructions.account_id
        WHERE said.instruction_id = NEW.instruction_id AND said.outcome = 'applied' AND said.answer = NEW.outcome
            AND said.amount_fen = NEW.amount_fen AND said.number_index = accounts.number_index
            AND report.status IN ('confirmed', 'applied')
    ) THEN
        RAISE EXCEPTION 'no report of the bank says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 're_deliveries';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reported AFTER UPDATE ON deliveries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.channel <> 'http' AND OLD.outcome IS NULL AND NEW.outcome IS NOT NULL)
    EXECUTE FUNCTION deliveries_reported();

CREATE FUNCTION bank_report_rows_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM deliveries WHERE instruction_id = NEW.instruction_id AND outcome = NEW.answer
    ) THEN
        RAISE EXCEPTION 'a row is applied by the answer that it gives'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_bank_report_rows';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER applied AFTER UPDATE ON bank_report_rows
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.outcome = 'applied' AND OLD.outcome IS NULL) EXECUTE FUNCTION bank_report_rows_applied();
