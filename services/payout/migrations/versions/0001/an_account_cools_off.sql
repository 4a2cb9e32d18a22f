-- A confirmed account is usable after the cool-off of that day, and the moment is never moved (DOMAIN §5).
CREATE FUNCTION accounts_cooling_off() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := (SELECT now() + "offset" FROM business_clock);
BEGIN
    IF NEW.status = 'confirmed' AND OLD.status <> 'confirmed' AND NEW.usable_from >= moment + (
        SELECT make_interval(hours => value::integer) FROM dated_rules
        WHERE name = 'account_cooling_off_hours'
            AND (moment AT TIME ZONE 'Asia/Shanghai')::date BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) IS NOT TRUE
        OR OLD.status = 'confirmed' AND NEW.usable_from <> OLD.usable_from
    THEN
        RAISE EXCEPTION 'an account is usable after its cool-off and not before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'co_accounts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cooling_off AFTER UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION accounts_cooling_off();
