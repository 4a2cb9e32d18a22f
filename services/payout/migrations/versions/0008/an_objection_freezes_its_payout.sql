-- At every commit an objection that was not dismissed freezes its payout, one that was does not, and no hold is called an
-- objection that is none.
CREATE FUNCTION objections_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about uuid;
    frozen uuid;
BEGIN
    IF TG_TABLE_NAME = 'objections' THEN
        about := NEW.id;
        frozen := NEW.payout_id;
    ELSE
        about := NEW.source_id::uuid;
        frozen := NEW.payout_id;
    END IF;
    IF (SELECT status <> 'dismissed' FROM objections WHERE id = about AND payout_id = frozen) IS DISTINCT FROM EXISTS (
        SELECT FROM payout_holds
        WHERE payout_id = frozen AND source = 'objection' AND source_id = about::text AND lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'an objection freezes its payout until it is dismissed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fr_objections';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER freezes AFTER INSERT OR UPDATE ON objections
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION objections_freeze();
CREATE CONSTRAINT TRIGGER of_objection AFTER INSERT OR UPDATE ON payout_holds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.source = 'objection') EXECUTE FUNCTION objections_freeze();
