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

CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON workers
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{registered}', '{registered>superseded}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON unmaskings
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON batches
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{proposed}', '{proposed>active,proposed>rejected,active>closed}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON vouchers
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{offered,claimed}',
        '{offered>claimed,offered>expired,offered>cancelled,claimed>in_use,claimed>expired,claimed>cancelled,expired>in_use,in_use>claimed,in_use>certified,in_use>void_uncertified,in_use>cancelled,void_uncertified>certified,certified>settling,settling>certified,settling>redeemed,redeemed>clawed_back}');
