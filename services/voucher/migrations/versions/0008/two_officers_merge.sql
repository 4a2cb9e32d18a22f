-- Every record of the person whose record this is: what it was merged into, and what was merged into that.
CREATE FUNCTION records_of(record uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE records (id) AS (
        SELECT record
        UNION
        SELECT near.id FROM records, LATERAL (
            SELECT survivor_id AS id FROM workers WHERE workers.id = records.id AND survivor_id IS NOT NULL
            UNION ALL
            SELECT workers.id FROM workers WHERE workers.survivor_id = records.id
        ) AS near
    )
    SELECT id FROM records
$$;

-- Two natural persons merge two records, and undo it; the person whose records they are is neither of them (R16).
CREATE FUNCTION mergers_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deciding uuid;
    proposing uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.merged_at) IS DISTINCT FROM (OLD.decided_by, OLD.merged_at)
        THEN
            RAISE EXCEPTION 'who decided a merger, and when, never changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_mergers';
        END IF;
        IF NEW.decided_by IS DISTINCT FROM OLD.decided_by THEN
            deciding := NEW.decided_by;
            proposing := NEW.proposed_by;
        ELSIF NEW.separated_by IS DISTINCT FROM OLD.separated_by THEN
            deciding := NEW.separated_by;
            proposing := OLD.separation_proposed_by;
        ELSIF NEW.separation_proposed_by IS DISTINCT FROM OLD.separation_proposed_by THEN
            proposing := NEW.separation_proposed_by;
        END IF;
        IF NEW.separation_proposed_by IS DISTINCT FROM OLD.separation_proposed_by
            AND (NEW.separated_by IS NOT NULL
                OR OLD.separation_proposed_by IS NOT NULL AND NEW.separation_proposed_by IS NOT NULL)
        THEN
            RAISE EXCEPTION 'who proposed to undo a merger stays who proposed it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_mergers';
        END IF;
    ELSE
        proposing := NEW.proposed_by;
    END IF;
    IF deciding IN (SELECT records_of(proposing))
        OR EXISTS (
            SELECT FROM unnest(ARRAY[NEW.person_id, NEW.survivor_id]) AS of (record), records_of(of.record) AS own (id)
            WHERE own.id IN (deciding, proposing)
        )
    THEN
        RAISE EXCEPTION 'two officers who are not that person merge records, and undo it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mergers_two_officers';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_officers BEFORE INSERT OR UPDATE ON mergers
    FOR EACH ROW EXECUTE FUNCTION mergers_by_two();
