-- At every commit a payout counts the holds that nobody has lifted.
CREATE FUNCTION payouts_count_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
BEGIN
    IF TG_TABLE_NAME = 'payouts' THEN
        about := NEW.id;
    ELSE
        about := NEW.payout_id;
    END IF;
    IF (SELECT open_holds FROM payouts WHERE id = about)
        <> (SELECT count(*) FROM payout_holds WHERE payout_id = about AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'open holds are not counted right'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hc_payouts';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE OF open_holds ON payouts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_count_holds();

CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE ON payout_holds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_count_holds();
