-- The public notice ends with the last of its working days after the day of publication, whatever hour or kind of day
-- that was (D19, R25), and nothing is cleared before. Every day that is worked on a weekend, or not worked on another day
-- of the week, is in `calendar_exceptions`.
CREATE FUNCTION end_of_working_days(first date, days bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (first + ahead + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    FROM generate_series(1, 3 * days::integer + 30) AS ahead
        LEFT JOIN calendar_exceptions ON day = first + ahead
    WHERE coalesce(works, extract(isodow FROM first + ahead) < 6)
    ORDER BY ahead OFFSET days - 1 LIMIT 1
$$;

CREATE FUNCTION payouts_on_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ahead interval := (SELECT "offset" FROM business_clock);
    published_on date := (NEW.published_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    IF NEW.status = 'published' AND (NEW.published_at >= now() + ahead AND NEW.notice_ends_at >= end_of_working_days(
        published_on, (SELECT value FROM dated_rules WHERE name = 'notice_working_days'
            AND published_on BETWEEN valid_from AND coalesce(valid_to, 'infinity'))
    )) IS NOT TRUE
        OR NEW.status = 'cleared' AND NEW.notice_ends_at > clock_timestamp() + ahead
    THEN
        RAISE EXCEPTION 'the public notice lasts whole working days'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER on_notice AFTER UPDATE ON payouts
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NEW.status IN ('published', 'cleared'))
    EXECUTE FUNCTION payouts_on_notice();
