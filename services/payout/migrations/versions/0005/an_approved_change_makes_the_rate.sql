-- A change that two natural persons proposed and approved writes the rate table, which no role may: the row that it takes
-- the place of ends on the day before, never before its first, and no two rows share a day (`ex_rates_overlap`). What was
-- decided keeps its rate and its amount.
CREATE FUNCTION rate_changes_approved() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
        WHERE id IN (NEW.proposed_by, NEW.decided_by)) <> 2
    THEN
        RAISE EXCEPTION 'a rate is proposed by one officer and approved by another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_rate_changes';
    END IF;
    -- against two changes that take one number
    LOCK TABLE rates IN SHARE ROW EXCLUSIVE MODE;
    UPDATE rates SET valid_to = NEW.valid_from - 1 WHERE id = NEW.rate_id AND valid_from < NEW.valid_from
        AND (programme, certificate_kind, level, act) = (NEW.programme, NEW.certificate_kind, NEW.level, NEW.act);
    IF NEW.rate_id IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'a row is replaced by one for the same certificate, after its first day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rp_rate_changes';
    END IF;
    INSERT INTO rates (id, programme, certificate_kind, level, act, amount_fen, valid_from, valid_to, payee, confirm,
            source)
        SELECT max(id) + 1, NEW.programme, NEW.certificate_kind, NEW.level, NEW.act, NEW.amount_fen, NEW.valid_from,
            NEW.valid_to, NEW.payee, '', NEW.source
        FROM rates;
    RETURN NULL;
END $$;

CREATE TRIGGER approved AFTER UPDATE ON rate_changes
    FOR EACH ROW WHEN (NEW.status = 'approved' AND OLD.status <> 'approved')
    EXECUTE FUNCTION rate_changes_approved();
