-- A change moves only along its life cycle.
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON rate_changes
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>approved,proposed>rejected}');
