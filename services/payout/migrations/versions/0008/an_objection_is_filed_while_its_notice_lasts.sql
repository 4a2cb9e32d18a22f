-- Everybody objects to what is on public notice, as long as it is (D19); the deadline is D19's working days, no more.
CREATE FUNCTION objections_on_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := ((now() + (SELECT "offset" FROM business_clock)) AT TIME ZONE 'Asia/Shanghai')::date;
    days bigint := (SELECT value FROM dated_rules WHERE name = 'objection_working_days'
        AND today BETWEEN valid_from AND coalesce(valid_to, 'infinity'));
BEGIN
    IF (NEW.due_on < end_of_working_days(today, days) AT TIME ZONE 'Asia/Shanghai' AND EXISTS (
        SELECT FROM payouts
        WHERE id = NEW.payout_id AND area = NEW.area AND status = 'published'
            AND notice_ends_at > now() + (SELECT "offset" FROM business_clock)
    )) IS NOT TRUE THEN
        RAISE EXCEPTION 'an objection is against what is on public notice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_objections';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER on_notice BEFORE INSERT ON objections FOR EACH ROW EXECUTE FUNCTION objections_on_notice();
