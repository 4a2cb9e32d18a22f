-- How a fund is to end waits for a second officer beside amounts, one proposal at a time.
ALTER TABLE funds
    ADD COLUMN proposed_status text,
    ADD CONSTRAINT ck_funds_proposed_status CHECK (proposed_status IN ('carried_over', 'closed')),
    ADD CONSTRAINT ck_funds_one_proposal CHECK (num_nonnulls(proposed_fen, proposed_status) < 2);
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('fund_year_over_working_days', '2021-12-31', 10, 'R24, to be confirmed');
