-- What the probe's models do not say: its clock, its life cycle and its rights.
INSERT INTO business_clock (id, "offset", movable) VALUES (1, interval '0', false);

CREATE FUNCTION lamps_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> 'dark' THEN
            RAISE EXCEPTION 'a lamp is not created like this'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_lamps';
        END IF;
    ELSIF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version
                OR OLD.status || '>' || NEW.status NOT IN ('dark>lit', 'lit>dark', 'dark>broken', 'lit>broken')))
    THEN
        RAISE EXCEPTION 'a lamp does not move like this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_lamps';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON lamps FOR EACH ROW EXECUTE FUNCTION lamps_lifecycle();

GRANT SELECT ON business_clock, timers, parked_events TO probe_api;
GRANT INSERT ON outbox TO probe_api;
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO probe_api;
GRANT SELECT ON business_clock TO probe_worker;
GRANT SELECT, DELETE ON idempotency_keys TO probe_worker;
GRANT SELECT, INSERT, DELETE ON outbox, parked_events TO probe_worker;
GRANT SELECT, INSERT, UPDATE ON positions, offsets, timers TO probe_worker;
GRANT SELECT, INSERT, UPDATE ON lamps TO probe_api, probe_worker;
GRANT SELECT, INSERT, UPDATE ON sights TO probe_worker;
GRANT SELECT, INSERT ON parked_discards TO probe_worker;
