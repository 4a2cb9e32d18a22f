-- How long people may let a case wait, in whole working days since it got there (R1, A26).
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('class_filed_working_days', '2021-12-31', 5, 'A26: filing'),
    ('class_returned_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('class_finished_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('enrolment_attending_working_days', '2021-12-31', 60, 'R1, to be confirmed'),
    ('institution_applied_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('institution_suspended_working_days', '2021-12-31', 30, 'R1, to be confirmed');
CREATE INDEX ix_classes_overdue ON classes (status, entered_at) WHERE status IN ('filed', 'returned', 'finished');
CREATE INDEX ix_enrolments_overdue ON enrolments (status, entered_at) WHERE status IN ('attending');
