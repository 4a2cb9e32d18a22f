-- Skill, level, occasion and time of a claim are set once; until then they are empty.
CREATE OR REPLACE FUNCTION vouchers_chosen_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.claimed_at IS NOT NULL
        AND (NEW.skill_code, NEW.level, NEW.occasion, NEW.claimed_at)
            IS DISTINCT FROM (OLD.skill_code, OLD.level, OLD.occasion, OLD.claimed_at)
    THEN
        RAISE EXCEPTION 'skill, level, occasion and time of a claim never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_vouchers_claim';
    END IF;
    RETURN NEW;
END $$;
