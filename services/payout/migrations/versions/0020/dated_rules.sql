INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('payment_files_accepted', '2021-12-31', 0, 'R1: off until the answers to files are read');
