-- An open fund ends: carried over, closed, or one after the other.
DROP TRIGGER lifecycle ON funds;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON funds
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{proposed}', '{proposed>open,proposed>rejected,open>carried_over,open>closed,carried_over>closed}'
    );
