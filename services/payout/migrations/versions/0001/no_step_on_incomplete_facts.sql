-- Nothing unread is paid (R26): while an event about the certificate, voucher, person or institution of a payout is
-- parked, it takes no step; nor while one about itself, its fund, batch or payee's account is, which its relay parks where
-- this service has not signed it. A record whose aggregate nobody can tell is parked under `<topic>/<partition>` and counts for
-- every aggregate that this partition carries: crc32(id) % 12, as `partition_of` says in the code.
CREATE FUNCTION parked_place(topic text, id text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT topic || '/' || crc32(convert_to(id, 'UTF8')) % 12
$$;

CREATE FUNCTION has_incomplete_facts(about payouts) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM parked_events
        WHERE consumer = 'payout' AND aggregate_id = ANY (
            ARRAY[
                about.certificate_id::text, about.voucher_id::text, about.person_id::text, about.key_person_id::text,
                about.institution, about.payee_id, about.id::text, about.fund_id::text,
                parked_place('skill-voucher.evaluation', about.certificate_id::text),
                parked_place('skill-voucher.voucher', about.voucher_id::text),
                parked_place('skill-voucher.voucher', about.person_id::text),
                parked_place('skill-voucher.voucher', about.key_person_id::text),
                parked_place('skill-voucher.training', about.institution)
            ] || ARRAY(SELECT id::text FROM persons WHERE survivor_id = about.key_person_id)
            || ARRAY(SELECT batch_id::text FROM payment_batch_items WHERE payout_id = about.id)
            || ARRAY(
                SELECT id::text FROM accounts WHERE owner_kind = about.payee_kind AND owner_id = about.payee_id
            )
        )
    )
$$;

CREATE FUNCTION payouts_steps_on_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF has_incomplete_facts(NEW) THEN
        RAISE EXCEPTION 'no step is taken while an event about the payout is parked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fc_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER steps_on_complete_facts BEFORE UPDATE ON payouts
    FOR EACH ROW
    WHEN (NEW.second_approved_by IS DISTINCT FROM OLD.second_approved_by AND NEW.second_approved_by IS NOT NULL
        OR NEW.status <> OLD.status AND NEW.status IN (
            'checked', 'reviewed', 'approved', 'published', 'cleared', 'batched', 'sent'
        ))
    EXECUTE FUNCTION payouts_steps_on_facts();
