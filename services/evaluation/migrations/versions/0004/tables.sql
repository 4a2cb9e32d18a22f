-- The name masked, as voucher says it: of the person now, and of a certificate's holder when it was issued.
ALTER TABLE persons ADD COLUMN masked_name text;
ALTER TABLE certificates ADD COLUMN masked_name text;
CREATE TRIGGER named_as_issued BEFORE UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_columns('masked_name');
