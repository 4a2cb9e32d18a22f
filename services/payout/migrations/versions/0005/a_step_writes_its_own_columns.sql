-- What is proposed is what is approved.
CREATE TRIGGER step AFTER INSERT OR UPDATE ON rate_changes FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"approved": ["decided_by"]}', '{decided_by}'
);
