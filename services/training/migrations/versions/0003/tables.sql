ALTER TABLE completion_tests ADD COLUMN held_on DATE;
ALTER TABLE completion_tests DISABLE TRIGGER append_only;
UPDATE completion_tests SET held_on = (entered_at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE completion_tests ENABLE TRIGGER append_only;
ALTER TABLE completion_tests
    ALTER COLUMN held_on SET NOT NULL,
    ADD CONSTRAINT ck_completion_tests_held_on CHECK (held_on <= (entered_at AT TIME ZONE 'Asia/Shanghai')::date);
