-- A step writes its own columns and no others, and what no step has written yet is empty.
-- Arguments: by the state that a step leads to, or by both its states, the columns that it may write (`=` for a step that
-- stays where it is, `+` for a change that is no step); and those that are empty at first.
CREATE FUNCTION guard_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    after jsonb := to_jsonb(NEW);
    own text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF jsonb_strip_nulls(after) ?| TG_ARGV[1]::text[] THEN
            RAISE EXCEPTION 'a new row of % names what comes later', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'st_' || TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;
    own := '{status,version}' || ARRAY(SELECT jsonb_array_elements_text(coalesce(
        TG_ARGV[0]::jsonb -> (OLD.status || '>' || NEW.status),
        TG_ARGV[0]::jsonb -> CASE
            WHEN NEW.version = OLD.version THEN '+' WHEN NEW.status = OLD.status THEN '=' ELSE NEW.status END
    )));
    IF after - own <> to_jsonb(OLD) - own THEN
        RAISE EXCEPTION 'a step on a row of % writes what is not its own', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'st_' || TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER step AFTER INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"endorsed": ["endorsed_by", "endorsed_name_index"],
      "confirmed": ["confirmed_by", "confirmed_name_index", "usable_from"]}',
    '{endorsed_by,endorsed_name_index,confirmed_by,confirmed_name_index,usable_from}'
);
-- A release names the releaser on its payouts, and a merger the surviving person: neither is a step of the payout.
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"+": ["released_by", "key_person_id"],
      "=": ["open_holds", "second_approved_by", "debt_settled_at"],
      "checked": ["fund_id"],
      "reviewed": ["reviewed_by"],
      "failed>reviewed": ["reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by"],
      "approved": ["approved_by", "attempt"],
      "published": ["published_at", "notice_ends_at"],
      "batched": ["batched_by"],
      "sent": ["code"], "failed": ["code"], "rejected": ["code"], "withdrawn": ["code"], "reversed": ["code"]}',
    '{fund_id,reviewed_by,approved_by,second_approved_by,batched_by,released_by,published_at,notice_ends_at,'
    'debt_settled_at}'
);
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payment_batches FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"released": ["released_by"]}', '{released_by}'
);
