ALTER TABLE candidates
    ADD COLUMN series_number SMALLINT DEFAULT 1 NOT NULL,
    ADD CONSTRAINT ck_candidates_series_number CHECK (series_number >= 1);
DROP INDEX uq_candidates_attempt;
DROP INDEX uq_candidates_passed;
CREATE UNIQUE INDEX uq_candidates_attempt ON candidates (series_id, series_number, attempt)
    WHERE status NOT IN ('absent', 'voided');
CREATE UNIQUE INDEX uq_candidates_passed ON candidates (series_id, series_number) WHERE status = 'passed';

DROP TRIGGER immutable ON candidates;
CREATE TRIGGER immutable BEFORE UPDATE ON candidates
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'id', 'session_id', 'person_id', 'enrolment_id', 'voucher_id', 'channel', 'completed_on', 'trained_by',
        'taught_by', 'belongs_to', 'affiliation', 'series_id', 'series_number', 'attempt', 'entry_basis',
        'entry_evidence');

INSERT INTO dated_rules (name, valid_from, value, source) VALUES ('new_series_months', '2021-12-31', 6, 'D30');
