-- The scores of a candidate are those that both assessors signed; results come with the confirmation (DOMAIN §4, 13).
CREATE FUNCTION candidates_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('passed', 'failed') AND NEW.status <> OLD.status AND NOT EXISTS (
        SELECT FROM assessment_sessions s WHERE s.id = NEW.session_id AND s.status = 'confirmed') THEN
        RAISE EXCEPTION 'results come with the supervisor''s confirmation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_confirmed';
    END IF;
    IF ROW(NEW.score_version, NEW.theory, NEW.practice, NEW.review)
        IS DISTINCT FROM ROW(OLD.score_version, OLD.theory, OLD.practice, OLD.review) AND (
        SELECT count(*) FROM score_sheets s WHERE s.candidate_id = NEW.id AND s.score_version = NEW.score_version
            AND ROW(s.theory, s.practice, s.review) IS NOT DISTINCT FROM ROW(NEW.theory, NEW.practice, NEW.review)
            AND s.assessor_id IN (NEW.assessor_1_id, NEW.assessor_2_id)) <> 2 THEN
        RAISE EXCEPTION 'two assessors sign the scores of a candidate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_agreement';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER agreement BEFORE UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_agreement();
