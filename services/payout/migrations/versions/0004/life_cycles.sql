-- A case moves only along its life cycle.
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON clawbacks
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{proposed,open}',
        '{proposed>open,proposed>rejected,open>instalments,overdue>instalments,open>overdue,instalments>overdue,'
        'open>enforced,instalments>enforced,overdue>enforced,open>written_off,instalments>written_off,'
        'overdue>written_off,enforced>written_off,open>settled,instalments>settled,overdue>settled,enforced>settled}'
    );
