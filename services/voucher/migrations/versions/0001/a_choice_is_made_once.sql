-- Skill, level and time of a claim are set once; until then they are empty.
CREATE FUNCTION vouchers_chosen_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.claimed_at IS NOT NULL
        AND (NEW.skill_code, NEW.level, NEW.claimed_at) IS DISTINCT FROM (OLD.skill_code, OLD.level, OLD.claimed_at)
    THEN
        RAISE EXCEPTION 'skill, level and time of a claim never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_vouchers_claim';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chosen_once BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_chosen_once();
