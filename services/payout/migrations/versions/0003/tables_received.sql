-- A voucher's class, by which work is listed, and its holder as the public notice shows them.
ALTER TABLE voucher_facts
    ADD COLUMN class_id uuid,
    ADD COLUMN masked_name text,
    ADD CONSTRAINT ck_voucher_facts_masked_name CHECK (masked_name ~ '^(\*|[^[:space:]*]\*{1,99})$');
