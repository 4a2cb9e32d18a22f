-- An objection moves only along its life cycle.
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON objections
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{filed}', '{filed>proposed,proposed>filed,proposed>upheld,proposed>dismissed}'
    );
