-- What the bank reports of returned money, and by a file, is set aside by two natural persons, once.
CREATE FUNCTION guard_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.dismissed_at IS NOT NULL OR NEW.proposed_by IS DISTINCT FROM coalesce(OLD.proposed_by, NEW.proposed_by)
        OR NEW.dismissed_by IS NOT NULL AND (
            OLD.proposed_by IS NULL OR (SELECT count(DISTINCT coalesce(survivor_id, id)) FROM persons
                WHERE id IN (NEW.proposed_by, NEW.dismissed_by)) <> 2
        )
    THEN
        RAISE EXCEPTION 'a report is set aside by two, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_' || TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER by_two ON money_returns;
DROP FUNCTION money_returns_by_two();
CREATE TRIGGER by_two BEFORE UPDATE ON money_returns FOR EACH ROW EXECUTE FUNCTION guard_set_aside();
CREATE TRIGGER by_two BEFORE UPDATE ON bank_report_rows FOR EACH ROW EXECUTE FUNCTION guard_set_aside();
