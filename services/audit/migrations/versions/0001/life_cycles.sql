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

CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON dossier_readings
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON exports
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
