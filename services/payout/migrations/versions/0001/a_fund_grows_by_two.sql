-- A fund's budget is what two natural persons in turn proposed and approved, proposal by proposal, and stays within the
-- bound of that day.
CREATE FUNCTION funds_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.version = OLD.version + 1 AND NEW.approved_fen = OLD.approved_fen + OLD.proposed_fen
        AND NEW.proposed_fen IS NULL AND NEW.proposed_by = OLD.proposed_by
        AND (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
            WHERE id IN (NEW.proposed_by, NEW.approved_by)) = 2) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'a fund grows by what one officer proposed and another approves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_funds';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER by_two BEFORE UPDATE ON funds
    FOR EACH ROW WHEN (NEW.approved_fen <> OLD.approved_fen) EXECUTE FUNCTION funds_by_two();

CREATE FUNCTION funds_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM funds, business_clock WHERE funds.id = NEW.id AND budget_fen = approved_fen AND budget_fen <= (
            SELECT value FROM dated_rules WHERE name = 'fund_budget_most_fen'
                AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity')
        )
    ) THEN
        RAISE EXCEPTION 'a budget is what was approved, within the bound'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bu_funds';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER as_approved AFTER INSERT OR UPDATE OF budget_fen, approved_fen ON funds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.budget_fen <> 0 OR NEW.approved_fen <> 0) EXECUTE FUNCTION funds_as_approved();
