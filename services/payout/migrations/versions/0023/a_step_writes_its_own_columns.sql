-- What was uploaded is what is confirmed.
CREATE TRIGGER step AFTER INSERT OR UPDATE ON bank_reports FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"confirmed": ["confirmed_by"]}', '{confirmed_by}'
);
