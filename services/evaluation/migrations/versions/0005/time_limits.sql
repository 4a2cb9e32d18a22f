-- How long people may let a case wait, in whole working days since it got there (R1, A26).
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('assessment_session_open_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('assessment_session_scored_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('body_suspended_working_days', '2021-12-31', 30, 'R1, to be confirmed'),
    ('candidate_sat_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('candidate_scored_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('candidate_appealed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('certificate_imported_working_days', '2021-12-31', 15, 'R1, to be confirmed'),
    ('certificate_suspended_working_days', '2021-12-31', 30, 'R1, to be confirmed');
CREATE INDEX ix_candidates_overdue ON candidates (status, entered_at) WHERE status IN ('sat', 'scored', 'appealed');
CREATE INDEX ix_certificates_overdue ON certificates (status, entered_at) WHERE status IN ('imported', 'suspended');
