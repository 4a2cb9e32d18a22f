-- What an institution is listed for changes only while it applies (A9).
CREATE FUNCTION the_scope_of_a_listed_institution_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM institutions WHERE id = coalesce(NEW.institution, OLD.institution)) <> 'applied' THEN
        RAISE EXCEPTION 'the scope of a listed institution is fixed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_institution_scopes';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER fixed BEFORE INSERT OR UPDATE OR DELETE ON institution_scopes
    FOR EACH ROW EXECUTE FUNCTION the_scope_of_a_listed_institution_is_fixed();
