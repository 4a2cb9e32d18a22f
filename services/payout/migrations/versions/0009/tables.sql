ALTER TABLE payment_batches
    ADD COLUMN second_release_above_fen BIGINT DEFAULT 50000000 NOT NULL,
    ADD COLUMN endorsed_by UUID,
    ADD CONSTRAINT fk_payment_batches_endorsed_by FOREIGN KEY (endorsed_by) REFERENCES persons (id),
    DROP CONSTRAINT ck_payment_batches_distinct_persons,
    ADD CONSTRAINT ck_payment_batches_distinct_persons
        CHECK (built_by <> released_by AND built_by <> endorsed_by AND endorsed_by <> released_by),
    ADD CONSTRAINT ck_payment_batches_released_by_two
        CHECK (status = 'built' OR amount_fen <= second_release_above_fen OR endorsed_by IS NOT NULL);
ALTER TABLE payment_batches ALTER COLUMN second_release_above_fen DROP DEFAULT;
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('second_release_above_fen', '2021-12-31', 50000000, 'R18, D25');
