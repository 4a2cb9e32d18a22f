-- What the bank said of a credit stays as it was said.
CREATE TRIGGER immutable_credit BEFORE UPDATE ON bank_report_rows
    FOR EACH ROW EXECUTE FUNCTION guard_columns('kind', 'reference', 'booked_on');
