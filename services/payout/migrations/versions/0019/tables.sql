CREATE TABLE class_facts (
    class_id uuid NOT NULL,
    verified_on date NOT NULL,
    CONSTRAINT pk_class_facts PRIMARY KEY (class_id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON class_facts
    FOR EACH STATEMENT EXECUTE FUNCTION guard_history();

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('class_verification_awaited', '2021-12-31', 1, 'R20: 1 where a payout waits for its class to be verified');
