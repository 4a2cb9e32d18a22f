-- What is filed about a class is fixed until it is returned; what an amendment may change, changes with its edition
-- only, and never once the class is over (DOMAIN §3).
CREATE FUNCTION filed_content_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution <> OLD.institution THEN
        RAISE EXCEPTION 'a class stays with its institution'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF OLD.status IN ('draft', 'returned') THEN
        RETURN NEW;
    END IF;
    IF (NEW.area, NEW.department, NEW.channel, NEW.form, NEW.act, NEW.skill_code, NEW.level, NEW.payee_kind,
            NEW.payee_id, NEW.seats, NEW.starts_on, NEW.ends_on)
        IS DISTINCT FROM (OLD.area, OLD.department, OLD.channel, OLD.form, OLD.act, OLD.skill_code, OLD.level,
            OLD.payee_kind, OLD.payee_id, OLD.seats, OLD.starts_on, OLD.ends_on)
    THEN
        RAISE EXCEPTION 'no amendment changes this of a class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF NEW.edition = OLD.edition
        AND (NEW.trainer_ids, NEW.starts_at, NEW.ends_at, NEW.planned_minutes, NEW.class_hours, NEW.content_digest)
            IS DISTINCT FROM (OLD.trainer_ids, OLD.starts_at, OLD.ends_at, OLD.planned_minutes, OLD.class_hours,
                OLD.content_digest)
    THEN
        RAISE EXCEPTION 'the content of a class changes with its edition'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF NEW.edition <> OLD.edition AND OLD.status NOT IN ('approved', 'running') THEN
        RAISE EXCEPTION 'a class in state % is not amended', OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER filed BEFORE UPDATE ON classes FOR EACH ROW EXECUTE FUNCTION filed_content_is_fixed();
