-- For a voucher that two officers refused for good one payout may be opened: the one that an upheld objection put in the
-- place of the rejected one. Rejected for good again, nothing follows.
CREATE OR REPLACE FUNCTION payouts_after_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payouts AS earlier
        WHERE earlier.voucher_id = NEW.voucher_id AND earlier.final AND earlier.id IS DISTINCT FROM NEW.reopens
    ) OR NEW.reopens IS NOT NULL AND NOT (NEW.status = 'opened' AND EXISTS (
        SELECT FROM payouts AS rejected JOIN objections AS objection ON objection.payout_id = rejected.id
        WHERE rejected.id = NEW.reopens AND rejected.voucher_id = NEW.voucher_id AND rejected.final
            AND objection.about = 'rejection' AND objection.status = 'upheld'
    )) THEN
        RAISE EXCEPTION 'nothing is paid for a voucher that was refused for good, unless an objection was upheld'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payouts';
    END IF;
    RETURN NEW;
END $$;

-- And an objection is upheld by opening it.
CREATE FUNCTION objections_reopen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payouts WHERE reopens = NEW.payout_id) THEN
        RAISE EXCEPTION 'an objection to a rejection is upheld by opening the payout anew'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ro_objections';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reopens AFTER UPDATE ON objections
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.about = 'rejection' AND NEW.status = 'upheld')
    EXECUTE FUNCTION objections_reopen();

-- What was reopened no single officer ends: its voucher lapsed, so that it could not be claimed for again.
CREATE FUNCTION payouts_reopened_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payout_decisions WHERE payout_id = NEW.id AND version = NEW.version) THEN
        RAISE EXCEPTION 'what an objection reopened is rejected for good, by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_payouts';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reopened_by_two AFTER UPDATE ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.reopens IS NOT NULL AND NEW.status = 'rejected' AND OLD.status <> 'rejected' AND NOT NEW.final)
    EXECUTE FUNCTION payouts_reopened_by_two();
