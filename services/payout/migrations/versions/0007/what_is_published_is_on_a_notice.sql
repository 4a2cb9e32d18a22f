-- A payout is published by standing on a notice of its area and period, which the officer who publishes it writes (D19).
CREATE FUNCTION payouts_on_a_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM notices AS notice
            JOIN payout_decisions AS decision ON decision.payout_id = NEW.id AND decision.version = NEW.version
        WHERE notice.id = NEW.notice_id AND decision.action = 'publish' AND decision.person_id = notice.published_by
    ) THEN
        RAISE EXCEPTION 'a payout is published on a notice of its own officer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nt_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER on_a_notice AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'published' AND OLD.status <> 'published')
    EXECUTE FUNCTION payouts_on_a_notice();
