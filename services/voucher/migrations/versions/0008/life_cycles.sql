CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON mergers
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{proposed}',
        '{proposed>merged,proposed>refused,proposed>withdrawn,merged>separation_proposed,separation_proposed>separated,separation_proposed>merged}');

DROP TRIGGER lifecycle ON workers;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON workers
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{registered}', '{registered>superseded,superseded>registered}');

CREATE TRIGGER immutable BEFORE UPDATE ON mergers
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'person_id', 'survivor_id', 'reason_code', 'evidence_encrypted', 'proposed_by', 'created_at');
