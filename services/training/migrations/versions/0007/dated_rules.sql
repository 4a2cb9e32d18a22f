INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('class_hours_least_review', '2021-12-31', 8, 'R7');
