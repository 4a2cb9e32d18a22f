-- A class is filed and approved where its institution is listed, or anywhere if that is the whole city (A9, A23).
CREATE FUNCTION the_class_is_where_its_institution_is_listed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND area IN (NEW.area, '410400')) THEN
        RAISE EXCEPTION 'the institution is not listed for the area of its class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_classes_area_in_scope';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER in_scope BEFORE INSERT OR UPDATE ON classes
    FOR EACH ROW WHEN (NEW.status IN ('filed', 'approved'))
    EXECUTE FUNCTION the_class_is_where_its_institution_is_listed();
