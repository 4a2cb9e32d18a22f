-- Who decides an objection to a rejection is another natural person than those who held and rejected the payout, who
-- objects, and whose payout it is.
DROP TRIGGER by_two ON objections;
CREATE TRIGGER by_two AFTER UPDATE ON objections
    FOR EACH ROW WHEN (NEW.about = 'notice' AND NEW.decided_by IS NOT NULL AND OLD.decided_by IS NULL)
    EXECUTE FUNCTION objections_by_two();

CREATE FUNCTION objections_by_a_third() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    involved uuid[] := ARRAY(
        SELECT person_id FROM payout_decisions WHERE payout_id = NEW.payout_id AND action IN ('hold', 'reject')
        UNION ALL SELECT person_id FROM payouts WHERE id = NEW.payout_id
        UNION ALL SELECT key_person_id FROM payouts WHERE id = NEW.payout_id
    ) || NEW.objector_id;
BEGIN
    IF EXISTS (
        SELECT FROM unnest(involved) AS hand (id) LEFT JOIN persons USING (id)
        WHERE coalesce(survivor_id, hand.id)
            = coalesce((SELECT survivor_id FROM persons WHERE id = NEW.decided_by), NEW.decided_by)
    ) THEN
        RAISE EXCEPTION 'a third officer decides an objection to a rejection'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_objections';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER by_a_third AFTER UPDATE ON objections
    FOR EACH ROW WHEN (NEW.about = 'rejection' AND NEW.decided_by IS NOT NULL AND OLD.decided_by IS NULL)
    EXECUTE FUNCTION objections_by_a_third();
