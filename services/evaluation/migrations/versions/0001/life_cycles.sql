-- A status begins and moves only as its life cycle says, and `version` counts every change from 1 without a gap.
-- Arguments: the first states, and the pairs `before>after` of different states.
CREATE FUNCTION guard_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> ALL (TG_ARGV[0]::text[]) THEN
            RAISE EXCEPTION 'a row of % is not created like this', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
        END IF;
    ELSIF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version OR OLD.status || '>' || NEW.status <> ALL (TG_ARGV[1]::text[])))
    THEN
        RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON bodies
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{listed}', '{listed>suspended,suspended>listed,listed>removed,suspended>removed}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON assessors
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{registered}', '{registered>struck_off}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON assessment_sessions
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{scheduled}', '{scheduled>open,open>scored,scored>confirmed}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON candidates
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{admitted}',
        '{admitted>sat,admitted>absent,admitted>voided,sat>scored,sat>voided,scored>passed,scored>failed,scored>voided,failed>appealed,appealed>passed,appealed>failed}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{valid,imported}',
        '{imported>valid,valid>suspended,suspended>valid,valid>expired,suspended>expired,valid>superseded,imported>revoked,valid>revoked,suspended>revoked,expired>revoked,superseded>revoked}');
