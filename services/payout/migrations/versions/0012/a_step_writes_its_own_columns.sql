-- Since when a row has its status is written by the database, with every step.
CREATE OR REPLACE FUNCTION guard_step() RETURNS trigger LANGUAGE plpgsql AS $$
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
    own := '{status,version,entered_at}' || ARRAY(SELECT jsonb_array_elements_text(coalesce(
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
