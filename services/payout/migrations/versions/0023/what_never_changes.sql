-- What the bank said stays as it was said, and a report is never taken away.
CREATE TRIGGER immutable BEFORE UPDATE ON bank_report_rows
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'report_id', 'number', 'file_id', 'named_id', 'instruction_id', 'answer', 'amount_fen', 'number_index',
        'reason'
    );
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON bank_reports
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON bank_report_rows
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
