-- A row about a credit is applied by what it gives: the payout that went back by its reference, of its amount, or the incoming
-- payment under it, which nobody typed. It is known only where its reference says the same already.
DROP TRIGGER applied ON bank_report_rows;
CREATE CONSTRAINT TRIGGER applied AFTER UPDATE ON bank_report_rows
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind = 'answer' AND NEW.outcome = 'applied' AND OLD.outcome IS NULL)
    EXECUTE FUNCTION bank_report_rows_applied();

CREATE FUNCTION bank_report_rows_credited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE NEW.kind
        WHEN 'returned' THEN EXISTS (
            SELECT FROM money_returns
            WHERE reference = NEW.reference AND instruction_id = NEW.instruction_id AND amount_fen = NEW.amount_fen
                AND (NEW.outcome = 'known' OR taken AND code = NEW.reason)
        ) AND NOT EXISTS (SELECT FROM incoming_payments WHERE NEW.outcome = 'applied' AND reference = NEW.reference)
        ELSE EXISTS (
            SELECT FROM incoming_payments
            WHERE reference = NEW.reference AND amount_fen = NEW.amount_fen
                AND (NEW.outcome = 'known' OR recorded_by IS NULL AND received_on = NEW.booked_on)
        ) AND NOT EXISTS (SELECT FROM money_returns WHERE reference = NEW.reference)
    END) THEN
        RAISE EXCEPTION 'a credit is applied by what it gives, and known by its reference'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ap_bank_report_rows';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credited AFTER UPDATE ON bank_report_rows
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind <> 'answer' AND NEW.outcome IN ('applied', 'known') AND OLD.outcome IS NULL)
    EXECUTE FUNCTION bank_report_rows_credited();
