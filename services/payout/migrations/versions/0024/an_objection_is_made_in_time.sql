-- To a notice everybody objects while it lasts; to a final rejection its holder or its payee, within D27's working days
-- after it. An objection is decided in D19's days, no more. What was reopened once is not objected to again.
DROP TRIGGER on_notice ON objections;
CREATE TRIGGER on_notice BEFORE INSERT ON objections
    FOR EACH ROW WHEN (NEW.about = 'notice') EXECUTE FUNCTION objections_on_notice();

CREATE FUNCTION objections_on_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := now() + (SELECT "offset" FROM business_clock);
    today date := (moment AT TIME ZONE 'Asia/Shanghai')::date;
    to_decide bigint := (SELECT value FROM dated_rules WHERE name = 'objection_working_days'
        AND today BETWEEN valid_from AND coalesce(valid_to, 'infinity'));
    rejected payouts;
    rejected_on date;
BEGIN
    SELECT * INTO rejected FROM payouts WHERE id = NEW.payout_id;
    rejected_on := (rejected.entered_at AT TIME ZONE 'Asia/Shanghai')::date;
    IF (rejected.final AND rejected.reopens IS NULL AND rejected.area = NEW.area
        AND moment < end_of_working_days(rejected_on, (
            SELECT value FROM dated_rules WHERE name = 'rejection_objection_working_days'
                AND rejected_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')))
        AND NEW.due_on < end_of_working_days(today, to_decide) AT TIME ZONE 'Asia/Shanghai'
        AND CASE WHEN NEW.organisation IS NULL
            THEN coalesce((SELECT survivor_id FROM persons WHERE id = rejected.person_id), rejected.person_id)
                = coalesce((SELECT survivor_id FROM persons WHERE id = NEW.objector_id), NEW.objector_id)
            ELSE rejected.payee_kind <> 'worker' AND rejected.payee_id = NEW.organisation END
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'holder or payee objects to a final rejection in time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'on_objections';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER on_rejection BEFORE INSERT ON objections
    FOR EACH ROW WHEN (NEW.about = 'rejection') EXECUTE FUNCTION objections_on_rejection();
