-- A debt is opened by a revoked certificate, or by two officers who find fraud; instalments, enforcement and write-off are
-- proposed by one officer and decided by another, and a write-off above the limit of the day by a third (D29).
CREATE FUNCTION clawbacks_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.outstanding_fen <> 0 OR NEW.status = 'open' AND NOT EXISTS (
        SELECT FROM payouts JOIN certificate_statuses USING (certificate_id)
        WHERE payouts.id = NEW.payout_id AND certificate_statuses.status = 'revoked'
    ) THEN
        RAISE EXCEPTION 'a debt is opened by a revoked certificate or by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawbacks';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER opened BEFORE INSERT ON clawbacks FOR EACH ROW EXECUTE FUNCTION clawbacks_opened();

CREATE FUNCTION clawbacks_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted text := CASE NEW.status WHEN 'open' THEN 'fraud' WHEN 'enforced' THEN 'enforcement' ELSE NEW.status END;
    needed integer := 2;
BEGIN
    IF NEW.status = 'open' AND EXISTS (
        SELECT FROM payouts JOIN certificate_statuses USING (certificate_id)
        WHERE payouts.id = NEW.payout_id AND certificate_statuses.status = 'revoked'
    ) THEN
        RETURN NEW;
    END IF;
    IF NEW.status = 'written_off' THEN
        wanted := 'write_off';
        SELECT CASE WHEN clawback_movements.amount_fen > dated_rules.value THEN 3 ELSE 2 END INTO needed
            FROM clawback_movements, dated_rules, business_clock
            WHERE clawback_id = NEW.id AND kind = 'write_off' AND name = 'write_off_by_two_most_fen'
                AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity');
    END IF;
    IF (OLD.measure = wanted AND NEW.measure IS NULL AND NEW.measure_by = OLD.measure_by
        AND NEW.endorsed_by IS NOT DISTINCT FROM OLD.endorsed_by
        AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (NEW.measure_by, NEW.endorsed_by, NEW.decided_by)) >= needed) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'what is done about a debt is proposed by one officer and decided by another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_clawbacks';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER decided BEFORE UPDATE ON clawbacks
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status IN ('open', 'instalments', 'enforced', 'written_off'))
    EXECUTE FUNCTION clawbacks_decided();
