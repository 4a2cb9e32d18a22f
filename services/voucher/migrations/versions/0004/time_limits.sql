-- How long people may let a case wait, in whole working days since it got there (R1, A26).
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('batch_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed');
