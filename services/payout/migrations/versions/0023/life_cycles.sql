-- A report moves only along its life cycle.
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON bank_reports
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{uploaded}', '{uploaded>confirmed,uploaded>rejected,confirmed>applied}'
    );
