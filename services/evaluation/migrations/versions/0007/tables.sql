-- A permit says by when it is reviewed next; a certificate, and the assessment behind it, says what it was for (R7).
-- Of what was issued before, the next review is three years after the issue, or four for equipment, within the validity.
ALTER TABLE certificates
    ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL,
    ADD COLUMN review_due_on DATE;
UPDATE certificates SET
    occasion = CASE act WHEN 'review' THEN 'review:' || issued_on ELSE 'first' END,
    review_due_on = CASE kind
        WHEN 'special_operation' THEN least((issued_on + interval '3 years' - interval '1 day')::date, valid_until)
        WHEN 'special_equipment' THEN least((issued_on + interval '4 years' - interval '1 day')::date, valid_until)
    END;
ALTER TABLE certificates
    ADD CONSTRAINT uq_certificates_occasion UNIQUE (id, occasion),
    ADD CONSTRAINT ck_certificates_occasion CHECK (act = split_part(occasion, ':', 1)),
    ADD CONSTRAINT ck_certificates_reviewed
        CHECK ((kind IN ('special_operation', 'special_equipment')) = (review_due_on IS NOT NULL)),
    ADD CONSTRAINT ck_certificates_review_due_on CHECK (review_due_on <= valid_until);
DROP INDEX ix_certificates_valid_until;
CREATE INDEX ix_certificates_review_due_on ON certificates (review_due_on)
    WHERE status IN ('valid', 'suspended') AND review_due_on IS NOT NULL;

ALTER TABLE candidates ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL;
UPDATE candidates SET occasion = 'review:' || held_on WHERE act = 'review';
UPDATE candidates SET occasion = certificate.occasion
FROM assessed_certificates AS given JOIN certificates AS certificate ON certificate.id = given.certificate_id
WHERE given.candidate_id = candidates.id;
ALTER TABLE candidates
    ADD CONSTRAINT uq_candidates_occasion UNIQUE (id, occasion),
    ADD CONSTRAINT ck_candidates_occasion CHECK (act = split_part(occasion, ':', 1));

ALTER TABLE assessed_certificates ADD COLUMN occasion TEXT DEFAULT 'first' NOT NULL;
ALTER TABLE assessed_certificates DISABLE TRIGGER append_only;
UPDATE assessed_certificates SET occasion = certificate.occasion
FROM certificates AS certificate WHERE certificate.id = assessed_certificates.certificate_id;
ALTER TABLE assessed_certificates ENABLE TRIGGER append_only;
ALTER TABLE assessed_certificates
    ADD CONSTRAINT fk_assessed_certificates_certificate_occasion
        FOREIGN KEY (certificate_id, occasion) REFERENCES certificates (id, occasion),
    ADD CONSTRAINT fk_assessed_certificates_candidate_occasion
        FOREIGN KEY (candidate_id, occasion) REFERENCES candidates (id, occasion);

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('pass_mark_special_operation_points', '2021-12-31', 80, 'R7: 特种作业'),
    ('pass_mark_special_equipment_points', '2021-12-31', 70, 'R7: 特种设备, to be confirmed'),
    ('special_operation_review_years', '2021-12-31', 3, 'DOMAIN §2'),
    ('special_equipment_review_years', '2021-12-31', 4, 'DOMAIN §2'),
    ('review_window_days', '2021-12-31', 60, 'R7: before and after the day on which a review is due');
