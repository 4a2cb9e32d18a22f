-- Another panel reaches the candidates' rows, where CHECKs hold it as independent of each as the first was.
ALTER TABLE candidates
    DROP CONSTRAINT fk_candidates_session,
    ADD CONSTRAINT fk_candidates_session FOREIGN KEY (session_id, body, body_kind, skill_code, level, act, held_on,
        assessor_1_id, assessor_2_id, supervisor_id) REFERENCES assessment_sessions (id, body, body_kind, skill_code,
        level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id) ON UPDATE CASCADE;
