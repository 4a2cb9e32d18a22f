-- A score sheet is signed by an assessor of the session, while the candidate is being assessed or has appealed.
CREATE FUNCTION score_sheets_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM candidates c JOIN assessment_sessions s ON s.id = c.session_id
        WHERE c.id = NEW.candidate_id AND NEW.assessor_id IN (c.assessor_1_id, c.assessor_2_id)
            AND ((s.status = 'open' AND c.status IN ('admitted', 'sat'))
                OR (s.status = 'confirmed' AND c.status = 'appealed'))) THEN
        RAISE EXCEPTION 'only the two assessors sign, while the candidate is being assessed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_score_sheets_signature';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER signature BEFORE INSERT ON score_sheets FOR EACH ROW EXECUTE FUNCTION score_sheets_signature();
