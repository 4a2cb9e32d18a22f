-- A row of a confirmed report gets its outcome once, and one row answers an instruction (`uq_bank_report_rows_applied`).
CREATE FUNCTION bank_report_rows_judged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL OR NOT EXISTS (
        SELECT FROM bank_reports WHERE id = NEW.report_id AND status = 'confirmed'
    ) THEN
        RAISE EXCEPTION 'a row of a confirmed report has one outcome'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ju_bank_report_rows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER judged BEFORE UPDATE ON bank_report_rows
    FOR EACH ROW WHEN (ROW(NEW.outcome, NEW.judged_at) IS DISTINCT FROM ROW(OLD.outcome, OLD.judged_at))
    EXECUTE FUNCTION bank_report_rows_judged();
