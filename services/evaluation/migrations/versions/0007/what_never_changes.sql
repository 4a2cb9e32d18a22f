CREATE TRIGGER occasion_as_admitted BEFORE UPDATE ON candidates
    FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion');
CREATE TRIGGER occasion_as_issued BEFORE UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion', 'review_due_on');
