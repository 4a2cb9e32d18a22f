-- The name masked, as voucher says it: of the person now.
ALTER TABLE persons ADD COLUMN masked_name text;
