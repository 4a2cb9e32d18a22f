-- No certificate without a passed assessment or a recorded basis (DOMAIN §4, 13); demanded at the commit.
CREATE FUNCTION certificates_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM assessed_certificates b WHERE b.certificate_id = NEW.id)
        AND NOT EXISTS (SELECT FROM recognitions r WHERE r.certificate_id = NEW.id) THEN
        RAISE EXCEPTION 'a certificate rests on an assessment or on a recorded basis'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_certificates_basis';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER basis AFTER INSERT ON certificates DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION certificates_basis();
