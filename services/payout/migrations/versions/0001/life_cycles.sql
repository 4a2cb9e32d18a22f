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

CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON funds
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>open,proposed>rejected}');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{proposed}',
        '{proposed>endorsed,endorsed>confirmed,proposed>retired,endorsed>retired,confirmed>retired,'
        'confirmed>closed}'
    );
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON payouts
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle(
        '{opened,rejected}',
        '{opened>checked,checked>reviewed,reviewed>approved,approved>published,published>cleared,approved>cleared,'
        'cleared>batched,batched>sent,unknown>sent,sent>paid,unknown>paid,sent>failed,unknown>failed,sent>unknown,'
        'failed>reviewed,paid>reversed,opened>rejected,checked>rejected,reviewed>rejected,approved>rejected,'
        'published>rejected,cleared>rejected,batched>rejected,failed>rejected,opened>withdrawn,checked>withdrawn,'
        'reviewed>withdrawn,approved>withdrawn,published>withdrawn,cleared>withdrawn,batched>withdrawn,'
        'failed>withdrawn}'
    );
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{built}', '{built>released,released>settled}');
