-- A dated rule of value 1 is a switch that is on (R22): read in one place by whatever it turns.
CREATE FUNCTION is_on(switch text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM dated_rules, business_clock
        WHERE name = switch AND value = 1
            AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    )
$$;

CREATE OR REPLACE FUNCTION awaits_class(about payouts) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT is_on('class_verification_awaited') AND NOT EXISTS (
        SELECT FROM voucher_facts AS said JOIN class_facts AS verified USING (class_id)
        WHERE said.voucher_id = about.voucher_id
    )
$$;
