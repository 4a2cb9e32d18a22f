-- Since when a row has its status, in business time: it is written by the database alone.
CREATE OR REPLACE FUNCTION guard_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> ALL (TG_ARGV[0]::text[]) THEN
            RAISE EXCEPTION 'a row of % is not created like this', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
        END IF;
        NEW.entered_at := NEW.created_at;
        RETURN NEW;
    END IF;
    IF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version OR OLD.status || '>' || NEW.status <> ALL (TG_ARGV[1]::text[])))
    THEN
        RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
    END IF;
    NEW.entered_at := CASE
        WHEN NEW.status = OLD.status THEN OLD.entered_at
        ELSE now() + (SELECT "offset" FROM business_clock)
    END;
    RETURN NEW;
END $$;
ALTER TABLE accounts ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE clawbacks ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE funds ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE objections ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE payment_batches ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE payouts ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE rate_changes ADD COLUMN entered_at TIMESTAMPTZ DEFAULT now() NOT NULL;
