-- A report has the rows that it came with, all of them written down by one statement. Two natural persons upload and
-- confirm it, by the API's role; the worker's applies it, once each of its rows has its outcome.
CREATE FUNCTION bank_report_rows_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM bank_reports AS report
        WHERE report.id IN (SELECT report_id FROM added) AND (
            report.status <> 'uploaded'
            OR report.count <> (SELECT count(*) FROM bank_report_rows WHERE report_id = report.id)
        )
    ) OR EXISTS (SELECT FROM added WHERE outcome IS NOT NULL) THEN
        RAISE EXCEPTION 'a report has the rows that it came with'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wh_bank_report_rows';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER whole AFTER INSERT ON bank_report_rows REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION bank_report_rows_whole();

CREATE FUNCTION bank_reports_filled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM bank_report_rows WHERE report_id = NEW.id) THEN
        RAISE EXCEPTION 'a report without a row'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_bank_reports';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER filled AFTER INSERT ON bank_reports
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bank_reports_filled();

CREATE FUNCTION bank_reports_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = (CASE NEW.status WHEN 'applied' THEN 'payout_api' ELSE 'payout_worker' END) THEN
        RAISE EXCEPTION 'officers confirm and reject, the worker applies'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_bank_reports';
    END IF;
    IF NEW.status = 'confirmed' AND (
        SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id IN (NEW.uploaded_by, NEW.confirmed_by)
    ) <> 2 THEN
        RAISE EXCEPTION 'one officer uploads a report, and another confirms it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_bank_reports';
    END IF;
    IF NEW.status = 'applied' AND EXISTS (
        SELECT FROM bank_report_rows WHERE report_id = NEW.id AND outcome IS NULL
    ) THEN
        RAISE EXCEPTION 'a row has no outcome yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'al_bank_reports';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE ON bank_reports
    FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION bank_reports_moved();
