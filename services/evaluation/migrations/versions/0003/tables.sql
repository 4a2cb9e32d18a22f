ALTER TABLE assessment_sessions
    ADD COLUMN reason_code TEXT,
    ADD CONSTRAINT ck_assessment_sessions_cancelled CHECK ((status = 'cancelled') = (reason_code IS NOT NULL));
CREATE INDEX ix_assessment_sessions_unopened ON assessment_sessions (held_on) WHERE status = 'scheduled';
DROP INDEX uq_candidates_attempt;
CREATE UNIQUE INDEX uq_candidates_attempt ON candidates (series_id, series_number, attempt)
    WHERE status NOT IN ('absent', 'voided', 'cancelled');
ALTER TABLE candidates
    DROP CONSTRAINT ck_candidates_reason,
    ADD CONSTRAINT ck_candidates_reason
        CHECK (status NOT IN ('voided', 'absent', 'appealed', 'cancelled') OR reason_code IS NOT NULL);
