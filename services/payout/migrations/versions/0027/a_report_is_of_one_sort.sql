-- A report has the rows that it came with, all of them written down by one statement, and about the file that it answers, or
-- all of them about credits.
CREATE OR REPLACE FUNCTION bank_report_rows_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM bank_reports AS report
        WHERE report.id IN (SELECT report_id FROM added) AND (
            report.status <> 'uploaded'
            OR report.count <> (SELECT count(*) FROM bank_report_rows WHERE report_id = report.id)
        )
    ) OR EXISTS (SELECT FROM added WHERE outcome IS NOT NULL) OR EXISTS (
        SELECT FROM added JOIN bank_reports AS report ON report.id = added.report_id
        WHERE added.file_id IS DISTINCT FROM report.file_id
    ) THEN
        RAISE EXCEPTION 'a report has the rows that it came with'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wh_bank_report_rows';
    END IF;
    RETURN NULL;
END $$;
