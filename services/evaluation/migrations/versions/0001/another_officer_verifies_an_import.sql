-- What was not assessed here is first imported, and becomes valid by the answer that another officer recorded.
CREATE FUNCTION certificates_recognition_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.basis = 'assessment') <> (NEW.status = 'valid') THEN
        RAISE EXCEPTION 'a certificate that was not assessed here is first imported'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_first_status';
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'imported' AND NEW.status = 'valid' AND NOT EXISTS (
        SELECT FROM recognition_checks c JOIN recognitions r ON r.certificate_id = c.certificate_id
        WHERE c.certificate_id = NEW.id AND c.answer = 'verified' AND c.checked_by <> r.recorded_by) THEN
        RAISE EXCEPTION 'another officer verifies what one has recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_recognition_checked';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER recognition_checked BEFORE INSERT OR UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION certificates_recognition_checked();
