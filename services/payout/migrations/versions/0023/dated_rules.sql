-- What is late about files, in whole working days (R1); and files are taken again, for their answers are read.
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('bank_report_uploaded_working_days', '2021-12-31', 3, 'R1, to be confirmed'),
    ('bank_report_held_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('payment_file_unfetched_working_days', '2021-12-31', 2, 'R1, to be confirmed'),
    ('payment_file_unanswered_working_days', '2021-12-31', 5, 'R1, to be confirmed');
UPDATE dated_rules SET value = 1, source = 'R1: the answers to files are read' WHERE name = 'payment_files_accepted';
