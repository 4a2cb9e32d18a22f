-- A fund's budget is what two natural persons in turn proposed and approved, proposal by proposal. It grows within its
-- year, is carried over after it, and is closed when nothing is reserved; one that ends keeps no more than is claimed.
CREATE FUNCTION business_year() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT extract(year FROM (now() + "offset") AT TIME ZONE 'Asia/Shanghai')::integer FROM business_clock
$$;

CREATE OR REPLACE FUNCTION funds_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.version = OLD.version + 1 AND num_nonnulls(NEW.proposed_fen, NEW.proposed_status) = 0
        AND NEW.proposed_by = OLD.proposed_by
        AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (NEW.proposed_by, NEW.approved_by)) = 2
        AND CASE OLD.proposed_status
            WHEN 'carried_over' THEN NEW.year < business_year()
            WHEN 'closed' THEN NEW.reserved_fen = 0
            ELSE OLD.proposed_fen < 0 OR NEW.year >= business_year() AND OLD.status IN ('proposed', 'open') END
        AND CASE WHEN OLD.proposed_status IS NULL
            THEN NEW.approved_fen = OLD.approved_fen + OLD.proposed_fen AND NEW.status IN (OLD.status, 'open')
            ELSE NEW.approved_fen = NEW.reserved_fen + NEW.spent_fen + NEW.receivable_fen + NEW.written_off_fen
                AND NEW.status = OLD.proposed_status END
    ) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'a fund grows, shrinks and ends by what one officer proposed and another approves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_funds';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER by_two ON funds;
CREATE TRIGGER by_two BEFORE UPDATE ON funds
    FOR EACH ROW WHEN (
        NEW.approved_fen <> OLD.approved_fen OR NEW.status <> OLD.status AND NEW.status IN ('carried_over', 'closed')
    ) EXECUTE FUNCTION funds_by_two();
