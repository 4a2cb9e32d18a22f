-- Who decides an objection is another natural person than who proposed it, who objects, and whose payout it is.
CREATE FUNCTION objections_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named uuid[] := (SELECT ARRAY[NEW.proposed_by, NEW.decided_by, NEW.objector_id, person_id] FROM payouts
        WHERE id = NEW.payout_id);
    natural_persons uuid[] := (SELECT array_agg(DISTINCT coalesce(survivor_id, id)) FROM persons WHERE id = ANY (named));
    beneficiary uuid := (SELECT coalesce(survivor_id, id) FROM persons WHERE id = named[4]);
    objector uuid := (SELECT coalesce(survivor_id, id) FROM persons WHERE id = NEW.objector_id);
BEGIN
    -- The beneficiary may be unknown here, or object themselves: neither takes away from the two who decide.
    IF cardinality(natural_persons) <> 3 + (beneficiary IS NOT NULL AND beneficiary <> objector)::integer THEN
        RAISE EXCEPTION 'two officers decide an objection, neither who objects nor whose payout it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tw_objections';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER by_two AFTER UPDATE ON objections
    FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL AND OLD.decided_by IS NULL) EXECUTE FUNCTION objections_by_two();
