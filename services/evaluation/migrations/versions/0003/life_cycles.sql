DROP TRIGGER lifecycle ON assessment_sessions;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON assessment_sessions
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{scheduled}', '{scheduled>open,scheduled>cancelled,open>scored,scored>confirmed}');
DROP TRIGGER lifecycle ON candidates;
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON candidates
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{admitted}',
        '{admitted>sat,admitted>absent,admitted>voided,admitted>cancelled,sat>scored,sat>voided,scored>passed,scored>failed,scored>voided,failed>appealed,appealed>passed,appealed>failed}');
