CREATE TRIGGER occasion_as_opened BEFORE UPDATE ON payouts
    FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion');
