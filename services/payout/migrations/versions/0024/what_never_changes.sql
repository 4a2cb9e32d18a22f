-- What is objected to, and in whose name, never changes; nor does what a payout opens anew.
CREATE TRIGGER about_as_made BEFORE UPDATE ON objections
    FOR EACH ROW EXECUTE FUNCTION guard_columns('about', 'organisation');
CREATE TRIGGER reopens_as_opened BEFORE UPDATE ON payouts
    FOR EACH ROW EXECUTE FUNCTION guard_columns('reopens');
