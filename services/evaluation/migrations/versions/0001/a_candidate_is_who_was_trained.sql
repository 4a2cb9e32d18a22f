-- A candidate joins a scheduled session, is who completed the enrolment, and brings every institution and trainer that
-- taught the person the skill, so that CHECKs hold independence row by row (DOMAIN §3).
CREATE FUNCTION candidates_training() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    natural_person uuid := (SELECT coalesce(p.survivor_id, p.id) FROM persons p WHERE p.id = NEW.person_id);
    records uuid[] := ARRAY(SELECT p.id FROM persons p WHERE natural_person IN (p.id, p.survivor_id));
    training enrolment_facts;
BEGIN
    IF NOT EXISTS (SELECT FROM assessment_sessions s WHERE s.id = NEW.session_id AND s.status = 'scheduled') THEN
        RAISE EXCEPTION 'candidates are admitted to a scheduled session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_scheduled';
    END IF;
    NEW.trained_by := ARRAY(SELECT DISTINCT f.institution
        FROM enrolment_facts f WHERE f.skill_code = NEW.skill_code AND f.person_id = ANY (records));
    NEW.taught_by := ARRAY(SELECT DISTINCT t
        FROM enrolment_facts f, unnest(f.trainer_ids) t
        WHERE f.skill_code = NEW.skill_code AND f.person_id = ANY (records));
    NEW.belongs_to := CASE WHEN NEW.affiliation IS NOT NULL THEN NEW.body END;
    IF NEW.enrolment_id IS NULL THEN
        IF NEW.voucher_id IS NOT NULL OR NEW.completed_on IS NOT NULL THEN
            RAISE EXCEPTION 'only an enrolment brings a voucher'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_enrolment';
        END IF;
        RETURN NEW;
    END IF;
    SELECT f.* INTO training FROM enrolment_facts f WHERE f.id = NEW.enrolment_id;
    IF ROW(training.person_id, training.voucher_id, training.skill_code, training.level, training.act,
           training.completed_on, training.channel) IS DISTINCT FROM
       ROW(NEW.person_id, NEW.voucher_id, NEW.skill_code, NEW.level, NEW.act, NEW.completed_on, NEW.channel) THEN
        RAISE EXCEPTION 'the candidate is not the one who completed the enrolment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_enrolment';
    END IF;
    IF NEW.affiliation IS NULL THEN
        NEW.belongs_to := CASE NEW.body_kind WHEN 'employer' THEN training.employer
                                             WHEN 'school' THEN training.school END;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER training BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_training();
