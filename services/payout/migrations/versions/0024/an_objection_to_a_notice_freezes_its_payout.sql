-- At every commit an objection to a notice that was not dismissed freezes its payout, one that was does not, and no hold is
-- called an objection that is none; what was rejected is frozen by nothing.
CREATE OR REPLACE FUNCTION objections_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    objection uuid;
    frozen uuid := NEW.payout_id;
BEGIN
    IF TG_TABLE_NAME = 'objections' THEN
        objection := NEW.id;
    ELSE
        objection := NEW.source_id::uuid;
    END IF;
    IF (SELECT about = 'notice' AND status <> 'dismissed' FROM objections WHERE id = objection AND payout_id = frozen)
        IS DISTINCT FROM EXISTS (
            SELECT FROM payout_holds
            WHERE payout_id = frozen AND source = 'objection' AND source_id = objection::text AND lifted_at IS NULL
        ) THEN
        RAISE EXCEPTION 'an objection to a notice freezes its payout until it is dismissed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fr_objections';
    END IF;
    RETURN NULL;
END $$;
