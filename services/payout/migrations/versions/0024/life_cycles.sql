-- An objection moves only along its life cycle: one to a rejection waits for nobody's proposal.
DROP TRIGGER lifecycle ON objections;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON objections
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{filed,lodged}',
        '{filed>proposed,proposed>filed,proposed>upheld,proposed>dismissed,lodged>upheld,lodged>dismissed}'
    );
